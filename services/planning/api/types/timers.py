"""Timers of plans, for readers of the plan and for admins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import strawberry

from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import parse_timer_id, timer_id
from services.planning.api.types.actors import Actor, render_actor
from services.planning.api.types.node import Node
from services.planning.api.types.plan_reference import PlanReference, resolve_reference
from services.planning.api.types.plan_state import PlanState, render_state
from services.planning.api.types.problems import Problem, render_problem
from services.planning.callers.model import Caller
from services.planning.change_requests.model import AdminAct
from services.planning.timers.model import AdminTimer, TimerKey
from services.planning.timers.queries import find_timers


@strawberry.enum(
    description="An act on a timer. Values can be added: show the reason and the actor of an unknown one."
)
class TimerActKind(Enum):
    RETRIED = strawberry.enum_value("retried", description="An admin ordered a new attempt after a failure.")
    SKIPPED = strawberry.enum_value("skipped", description="An admin skipped a firing.")


@strawberry.type(description="An act of an admin on a timer. It never changes, but its reason can be erased.")
class TimerAct:
    kind: TimerActKind = strawberry.field(description="The kind of the act.")
    actor: Actor = strawberry.field(description="Who acted.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    reason: str | None = strawberry.field(description="The reason; null after erasure.")
    firing_count: int = strawberry.field(description="Number of firings at that time.")


@strawberry.type(description="The failure of a timer. The timer waits for an admin.")
class TimerIncident:
    problems: list[Problem] = strawberry.field(description="Every reason.")
    attempt_count: int = strawberry.field(description="Number of attempts.")
    last_attempt_at: datetime = strawberry.field(description="When it was last tried.")


@strawberry.type(
    description="A timer of a plan. It is cancelled when the plan leaves its state. Readers of the plan see it until "
    "it fails or does not fire again; admins always see it."
)
class Timer(Node):
    found: strawberry.Private[AdminTimer]
    name: str = strawberry.field(description="Name in the workflow definition.")
    label: str | None = strawberry.field(
        description="Name of the timer; null if this release cannot read the workflow version of the plan."
    )
    due_at: datetime | None = strawberry.field(
        description="When it is due next; null if it does not fire again."
    )
    firing_count: int = strawberry.field(
        description="Number of firings. Admins send it as `expectedFiringCount`."
    )
    state: PlanState | None = strawberry.field(
        description="The state of the plan; null if this release cannot read the workflow version of the plan."
    )

    @field(
        "The plan. Null, with an entry in `errors`, if this release cannot read its workflow version, or while "
        "identity is unavailable."
    )
    async def plan(self, info: Info) -> PlanReference | None:
        key = self.found.timer.key
        return await resolve_reference(key.ptk_id, key.period, info.context)

    @field("The failure. Null without one, and if you are not an admin. For admins.")
    def incident(self, info: Info) -> TimerIncident | None:
        incident = self.found.incident
        if incident is None or not info.context.is_admin:
            return None
        return TimerIncident(
            problems=[render_problem(problem, info.context) for problem in incident.problems],
            attempt_count=incident.tries,
            last_attempt_at=incident.at,
        )

    @field("The acts of admins, oldest first. Null if you are not an admin. For admins.")
    async def acts(self, info: Info) -> list[TimerAct] | None:
        context = info.context
        if not context.is_admin:
            return None
        acts = await context.loaders.timer_acts.load(self.found.timer.key)
        return [_render_act(act, context.require_caller()) for act in acts]


def render_timer(found: AdminTimer, context: Context) -> Timer:
    """Render a timer. Failure and acts are shown to admins only."""
    timer, language = found.timer, context.language
    return Timer(
        found=found,
        id=strawberry.ID(timer_id(*timer.key)),
        name=timer.current.timer,
        label=getattr(found.label, language) if found.label else None,
        due_at=timer.current.due,
        firing_count=timer.current.count,
        state=render_state(found.plan_state, language) if found.plan_state else None,
    )


def _render_act(act: AdminAct, caller: Caller) -> TimerAct:
    return TimerAct(
        kind=TimerActKind(act.act),
        actor=render_actor(act.actor, caller),
        occurred_at=act.at,
        reason=act.reason or None,
        firing_count=act.detail["count"],
    )


async def load_timer_nodes(context: Context, ids: Sequence[str]) -> list[Node | None]:
    """Load timers by id. Those of a plan that the caller cannot see are None, and for readers those that wait."""
    keys = [TimerKey(*parse_timer_id(id, ("id",))) for id in ids]
    plans = await context.loaders.plans.load_many([(key.ptk_id, key.period) for key in keys])
    visible = [key for key, plan in zip(keys, plans, strict=True) if plan]
    timers = await find_timers(visible, context.services.workflows, context.connection)
    return [
        render_timer(timers[key], context)
        if key in timers and (context.is_admin or timers[key].will_fire)
        else None
        for key in keys
    ]
