"""Timers of plans as GraphQL shows them: to who sees the plan, and to admins."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import plan_id, timer_id
from services.planning.api.types.actors import ADDRESS, find_address
from services.planning.api.types.problems import Problem, render_problem
from services.planning.plan.model import Plan
from services.planning.timers.model import AdminTimer
from workflows.engine.timers import TimerState
from workflows.model.definition import Timer


@strawberry.type(description="What the clock will do about a plan, unless the plan leaves its state before.")
class PlanTimer:
    id: strawberry.ID = strawberry.field(description="Opaque and global.")
    label: str = strawberry.field(description="What it is called.")
    due: datetime = strawberry.field(description="When it falls due next.")
    count: int = strawberry.field(description="How often it has fired; an admin sends it as `expectedCount`.")


@strawberry.enum(description="What an admin does with a timer.")
class TimerActKind(Enum):
    RETRIED = strawberry.enum_value("retried", description="What failed was to be tried again.")
    SKIPPED = strawberry.enum_value("skipped", description="A firing was passed over.")


@strawberry.type(description="What an admin did with a timer: for good, and never edited.")
class TimerAct:
    act: TimerActKind = strawberry.field(description="What.")
    by: str = strawberry.field(description="The id of an admin's account, or an operator's name.")
    at: datetime = strawberry.field(description="When.")
    reason: str | None = strawberry.field(description="Why; null once erased.")
    count: int = strawberry.field(description="How often the timer had fired then.")

    @field(ADDRESS)
    async def address(self, info: Info) -> str | None:
        return await find_address(self.by, info.context)


@strawberry.type(description="Why a timer could not do what it is for. It waits for an admin.")
class TimerIncident:
    problems: list[Problem] = strawberry.field(description="Every reason.")
    tries: int = strawberry.field(description="How often it was tried.")
    at: datetime = strawberry.field(description="The last try.")


@strawberry.type(description="A timer of a plan, as admins see it.")
class ArmedTimer:
    id: strawberry.ID = strawberry.field(description="Opaque and global.")
    timer: str = strawberry.field(description="Its name in the definition.")
    label: str | None = strawberry.field(
        description="What it is called; null where only another release can read the plan's version."
    )
    plan_id: strawberry.ID = strawberry.field(description="The plan.")
    nama: str = strawberry.field(description="The teacher.")
    npsn: str = strawberry.field(description="The school that the plan stands at.")
    satuan_pendidikan: str = strawberry.field(description="The name of that school.")
    state: str = strawberry.field(description="The name of the state that the plan is in.")
    due: datetime | None = strawberry.field(description="When it falls due next; null: no more.")
    count: int = strawberry.field(description="How often it has fired; send it as `expectedCount`.")
    incident: TimerIncident | None = strawberry.field(description="Why it failed; null where nothing did.")
    acts: list[TimerAct] = strawberry.field(description="What admins did with it, oldest first.")


def render_plan_timers(plan: Plan, timers: list[tuple[Timer, TimerState]], language: str) -> list[PlanTimer]:
    """The timers of a plan that will fire, for readers of the plan."""
    return [
        PlanTimer(
            id=strawberry.ID(timer_id(plan.ptk_id, plan.period, timer.id)),
            label=getattr(timer.label, language),
            due=armed.due,
            count=armed.count,
        )
        for timer, armed in timers
        if armed.due
    ]


def render_timer(admin_timer: AdminTimer, context: Context) -> ArmedTimer:
    """A timer for admins, in their language."""
    timer, armed, incident = admin_timer.timer, admin_timer.timer.armed, None
    if admin_timer.incident:
        problems = [render_problem(problem, context) for problem in admin_timer.incident.problems]
        incident = TimerIncident(
            problems=problems, tries=admin_timer.incident.tries, at=admin_timer.incident.at
        )
    return ArmedTimer(
        id=strawberry.ID(timer_id(timer.ptk_id, timer.period, armed.timer)),
        timer=armed.timer,
        label=getattr(admin_timer.label, context.language) if admin_timer.label else None,
        plan_id=strawberry.ID(plan_id(timer.ptk_id, timer.period)),
        nama=admin_timer.nama,
        npsn=timer.npsn,
        satuan_pendidikan=admin_timer.sekolah,
        state=timer.state,
        due=armed.due,
        count=armed.count,
        incident=incident,
        acts=[
            TimerAct(
                act=TimerActKind(act.act),
                by=act.actor.account,
                at=act.at,
                reason=act.reason or None,
                count=act.detail["count"],
            )
            for act in admin_timer.acts
        ],
    )
