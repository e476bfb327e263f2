"""Timers of plans as GraphQL shows them: to who sees the plan, and to admins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum

import strawberry

from services.planning.api.context import Context, Info
from services.planning.api.describe import described
from services.planning.api.ids import cursor, plan_id, timer_id
from services.planning.api.types.problems import Problem, shown
from services.planning.api.types.shared import ADDRESS, PageInfo, address_of
from services.planning.plan.model import Plan
from services.planning.timers.commands import Shown
from services.planning.timers.store import Recorded
from workflows.model.definition import Timer


@strawberry.type(description="What the clock will do about a plan, unless the plan leaves its state before.")
class PlanTimer:
    """As who sees the plan sees it."""

    id: strawberry.ID = strawberry.field(description="Opaque and global.")
    label: str = strawberry.field(description="What it is called.")
    due: datetime = strawberry.field(description="When it falls due next.")


@strawberry.enum(description="What an admin does with a timer.")
class TimerActKind(Enum):
    """As in storage/timer_list.py."""

    RETRIED = strawberry.enum_value("retried", description="What failed was to be tried again.")
    SKIPPED = strawberry.enum_value("skipped", description="A firing was passed over.")
    RESCHEDULED = strawberry.enum_value("rescheduled", description="It was to fall due at another instant.")


@strawberry.type(description="What an admin did with a timer: for good, and never edited.")
class TimerAct:
    """Who, when, why."""

    act: TimerActKind = strawberry.field(description="What.")
    by: str = strawberry.field(description="The id of an admin's account, or an operator's name.")
    at: datetime = strawberry.field(description="When.")
    reason: str | None = strawberry.field(description="Why; null once erased.")
    count: int = strawberry.field(description="How often the timer had fired then.")
    due_before: datetime | None = strawberry.field(description="When it would have fallen due.")
    due_after: datetime | None = strawberry.field(description="When it fell due instead; null: no more.")

    @described(ADDRESS)
    async def address(self, info: Info) -> str | None:
        """Asked of identity once for each admin."""
        return await address_of(self.by, info.context)


@strawberry.type(description="Why a timer could not do what it is for. It waits for an admin.")
class TimerIncident:
    """Of the last try."""

    problems: list[Problem] = strawberry.field(description="Every reason.")
    tries: int = strawberry.field(description="How often it was tried.")
    at: datetime = strawberry.field(description="The last try.")


@strawberry.type(description="A timer of a plan, as admins see it.")
class ArmedTimer:
    """With what admins did with it since the plan came to its state, and before."""

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
    rescheduled: bool = strawberry.field(description="Whether an admin gave `due`.")
    incident: TimerIncident | None = strawberry.field(description="Why it failed; null where nothing did.")
    acts: list[TimerAct] = strawberry.field(description="What admins did with it, oldest first.")


@strawberry.type(description="A timer and its place in the list.")
class ArmedTimerEdge:
    """As in Relay's connections."""

    cursor: str = strawberry.field(description="For `after`, to go on from here.")
    node: ArmedTimer = strawberry.field(description="The timer.")


@strawberry.type(description="Timers of plans.")
class ArmedTimerConnection:
    """A page of them."""

    edges: list[ArmedTimerEdge] = strawberry.field(description="The timers of this page.")
    page_info: PageInfo = strawberry.field(description="Where it ends.")


def plan_timer_of(plan: Plan, timer: Timer, due: datetime, language: str) -> PlanTimer:
    """A timer for who sees the plan."""
    id = strawberry.ID(timer_id(plan.ptk_id, plan.period, timer.id))
    return PlanTimer(id=id, label=getattr(timer.label, language), due=due)


def armed_timer_of(found: Shown, context: Context) -> ArmedTimer:
    """A timer for admins, in their language."""
    listed, timer, armed = found.listed, found.listed.timer, found.listed.timer.armed
    incident = None
    if listed.incident is not None and listed.tried_at:
        problems = [shown(problem, context) for problem in listed.incident]
        incident = TimerIncident(problems=problems, tries=listed.tries, at=listed.tried_at)
    return ArmedTimer(
        id=strawberry.ID(timer_id(timer.ptk_id, timer.period, armed.timer)),
        timer=armed.timer,
        label=getattr(found.label, context.language) if found.label else None,
        plan_id=strawberry.ID(plan_id(timer.ptk_id, timer.period)),
        nama=listed.nama,
        npsn=timer.npsn,
        satuan_pendidikan=listed.sekolah,
        state=timer.state,
        due=armed.due,
        count=armed.count,
        rescheduled=timer.fixed,
        incident=incident,
        acts=[_act(one) for one in listed.acts],
    )


def timers_shown(
    found: Sequence[Shown],
    more: bool,
    place: Callable[[Shown], tuple[datetime | None, str]],
    context: Context,
) -> ArmedTimerConnection:
    """A page of timers; `place` says where each stands in the list."""
    edges = []
    for one in found:
        at, names = place(one)
        assert at is not None, "it is in a list by this instant"
        edges.append(ArmedTimerEdge(cursor=cursor(at.isoformat(), names), node=armed_timer_of(one, context)))
    end = edges[-1].cursor if edges else None
    return ArmedTimerConnection(edges=edges, page_info=PageInfo(has_next_page=more, end_cursor=end))


def _act(one: Recorded) -> TimerAct:
    return TimerAct(
        act=TimerActKind(one.act.value),
        by=one.by.account,
        at=one.at,
        reason=one.reason,
        count=one.count,
        due_before=one.due_before,
        due_after=one.due_after,
    )
