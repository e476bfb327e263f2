"""Timers of plans, for readers of the plan and for admins."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import plan_id, timer_id
from services.planning.api.types.actors import describe_address, find_address
from services.planning.api.types.problems import Problem, render_problem
from services.planning.plan.model import Plan
from services.planning.timers.model import AdminTimer
from workflows.engine.timers import TimerState
from workflows.model.definition import Timer


@strawberry.type(description="A timer of a plan. It is cancelled when the plan leaves its state.")
class PlanTimer:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    label: str = strawberry.field(description="Name of the timer.")
    due: datetime = strawberry.field(description="When it is due next.")
    count: int = strawberry.field(description="Number of firings. Admins send it as `expectedCount`.")


@strawberry.enum(description="An act on a timer.")
class TimerActKind(Enum):
    RETRIED = strawberry.enum_value("retried", description="An admin ordered a new attempt after a failure.")
    SKIPPED = strawberry.enum_value("skipped", description="An admin skipped a firing.")


@strawberry.type(description="An act of an admin on a timer. It never changes.")
class TimerAct:
    act: TimerActKind = strawberry.field(description="The kind of the act.")
    by: str = strawberry.field(description="Account id of the admin, or user name of the operator.")
    at: datetime = strawberry.field(description="When it happened.")
    reason: str | None = strawberry.field(description="The reason; null after erasure.")
    count: int = strawberry.field(description="Number of firings at that time.")

    @field(describe_address("the actor"))
    async def address(self, info: Info) -> str | None:
        return await find_address(self.by, info.context)


@strawberry.type(description="The failure of a timer. The timer waits for an admin.")
class TimerIncident:
    problems: list[Problem] = strawberry.field(description="Every reason.")
    tries: int = strawberry.field(description="Number of attempts.")
    at: datetime = strawberry.field(description="When it was last tried.")


@strawberry.type(description="A timer of a plan, with its failures. For admins.")
class ArmedTimer:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    timer: str = strawberry.field(description="Name in the workflow definition.")
    label: str | None = strawberry.field(
        description="Name of the timer; null if this release cannot read the version of the plan."
    )
    plan_id: strawberry.ID = strawberry.field(description="Id of the plan.")
    nama: str = strawberry.field(description="Name of the teacher.")
    npsn: str = strawberry.field(description="NPSN of the school of the plan.")
    satuan_pendidikan: str = strawberry.field(description="Name of the school.")
    state: str = strawberry.field(description="Name of the plan's state.")
    due: datetime | None = strawberry.field(
        description="When it is due next; null if it does not fire again."
    )
    count: int = strawberry.field(description="Number of firings. Send it as `expectedCount`.")
    incident: TimerIncident | None = strawberry.field(description="The failure; null without one.")
    acts: list[TimerAct] = strawberry.field(description="The acts of admins, oldest first.")


def render_plan_timers(plan: Plan, timers: list[tuple[Timer, TimerState]], language: str) -> list[PlanTimer]:
    """Render the timers of a plan that will fire, for readers of the plan."""
    return [
        PlanTimer(
            id=strawberry.ID(timer_id(plan.ptk_id, plan.period, timer.id)),
            label=getattr(timer.label, language),
            due=current.due,
            count=current.count,
        )
        for timer, current in timers
        if current.due
    ]


def render_timer(admin_timer: AdminTimer, context: Context) -> ArmedTimer:
    """Render a timer with its failures and acts, for admins."""
    timer, current, incident = admin_timer.timer, admin_timer.timer.current, None
    if admin_timer.incident:
        problems = [render_problem(problem, context) for problem in admin_timer.incident.problems]
        incident = TimerIncident(
            problems=problems, tries=admin_timer.incident.tries, at=admin_timer.incident.at
        )
    return ArmedTimer(
        id=strawberry.ID(timer_id(timer.ptk_id, timer.period, current.timer)),
        timer=current.timer,
        label=getattr(admin_timer.label, context.language) if admin_timer.label else None,
        plan_id=strawberry.ID(plan_id(timer.ptk_id, timer.period)),
        nama=admin_timer.nama,
        npsn=timer.npsn,
        satuan_pendidikan=admin_timer.sekolah,
        state=timer.state,
        due=current.due,
        count=current.count,
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
