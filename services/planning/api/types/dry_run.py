"""Trials of versions as GraphQL shows them to admins."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from services.kit.problems import Problem as DomainProblem
from services.planning.api.context import Context, Info
from services.planning.api.describe import described
from services.planning.api.ids import cursor, parse_plan_cursor, plan_id, trial_id
from services.planning.api.types.people import SatuanPendidikan, shown_school
from services.planning.api.types.plan_migration import StateMove
from services.planning.api.types.problems import Problem, shown
from services.planning.api.types.result import Refused
from services.planning.api.types.shared import PageInfo
from services.planning.api.types.versions import WorkflowActor, actor_of
from services.planning.plan_migration.dry_run import named_of, touched_by
from services.planning.plan_migration.model import FIRST
from services.planning.plan_migration.store import Named
from services.planning.plan_migration.trial import Outcome, Touched, Tried


@strawberry.enum(description="What a trial says of a plan.")
class TrialOutcome(Enum):
    """As in domain/trial.py."""

    OTHERWISE = strawberry.enum_value("otherwise", description="It would have gone otherwise.")
    UNTOLD = strawberry.enum_value(
        "untold", description="It cannot be told: a fact that the version asks for was not recorded."
    )
    SAME_TODAY = strawberry.enum_value(
        "same_today",
        description="The same way, if the school was led as it is today; that was not recorded.",
    )
    OTHERWISE_TODAY = strawberry.enum_value(
        "otherwise_today",
        description="Otherwise, if the school was led as it is today; that was not recorded.",
    )


@strawberry.type(description="Plans of the period as they stand now, in one state of one version.")
class TrialTouched:
    """Counted as it is read."""

    workflow: strawberry.ID = strawberry.field(description="The version that they live by.")
    state: str = strawberry.field(description="The name of their state.")
    plans: int = strawberry.field(description="How many.")
    to: str | None = strawberry.field(
        description="The state that they would get by a migration; null where they could not move."
    )
    problem: Problem | None = strawberry.field(description="Why they could not move.")


@strawberry.type(description="A plan that a trial names, and the command where the ways part.")
class TrialPlan:
    """The first thing that would have gone otherwise, or cannot be told."""

    plan_id: strawberry.ID = strawberry.field(description="The plan's id.")
    satuan_pendidikan: SatuanPendidikan = strawberry.field(description="Where it stands.")
    version: int = strawberry.field(description="The version that the command led to, as in the history.")
    at: datetime = strawberry.field(description="When.")
    trigger: str = strawberry.field(description="What was fired.")
    from_: str = strawberry.field(name="from", description="The state before.")
    to: str = strawberry.field(description="The state that it led to.")
    would: str | None = strawberry.field(
        description="The state that it would have led to (of what cannot be told: might have); null where refused."
    )
    refusals: list[Problem] = strawberry.field(description="Why it would, or might, have been refused.")
    unknown: list[str] = strawberry.field(
        description="The facts that were not recorded and on which it hangs."
    )


@strawberry.type(description="A plan that a trial names, and its place in the list.")
class TrialPlanEdge:
    """As in Relay's connections."""

    cursor: str = strawberry.field(description="For `after`, to go on from here.")
    node: TrialPlan = strawberry.field(description="The plan.")


@strawberry.type(description="The plans that a trial names: the first thousand of each outcome.")
class TrialPlans:
    """A page of them."""

    edges: list[TrialPlanEdge] = strawberry.field(description="The plans of this page.")
    page_info: PageInfo = strawberry.field(description="Where it ends.")


@strawberry.type(description="How far a trial is, and what it has found: plans, each counted once.")
class TrialProgress:
    """Counted as it goes."""

    plans: int = strawberry.field(description="How many plans the period had as it began.")
    done: int = strawberry.field(description="How many were looked at.")
    same: int = strawberry.field(description="Those that would have gone the same way.")
    otherwise: int = strawberry.field(description="Those that would have gone otherwise.")
    untold: int = strawberry.field(description="Those of which that cannot be told.")
    same_today: int = strawberry.field(description="The same way, if their school was led as it is today.")
    otherwise_today: int = strawberry.field(description="Otherwise, if their school was led as it is today.")
    per_second: float | None = strawberry.field(
        description="Plans per second of work; null before the first ones."
    )
    ended_at: datetime | None = strawberry.field(description="When it ended; null while it has not.")


@strawberry.type(
    description="A version tried on what really happened in a period. No plan is touched. For admins."
)
class Trial:
    """What nobody asked for then is not replayed."""

    tried: strawberry.Private[Tried]
    id: strawberry.ID = strawberry.field(description="Its id.")
    number: int = strawberry.field(description="Its number, as the command line calls it.")
    sha256: strawberry.ID = strawberry.field(description="The version that is tried.")
    period: strawberry.ID = strawberry.field(description="The period.")
    states: list[StateMove] = strawberry.field(description="Where names alone do not tell.")
    by: WorkflowActor = strawberry.field(description="Who asked for it.")
    at: datetime = strawberry.field(description="When.")
    progress: TrialProgress = strawberry.field(description="How far it is, and what it has found.")

    @described(
        "The plans of the period as they stand now, which of them could move to this version, and why not."
    )
    async def touched(self, info: Info) -> list[TrialTouched]:
        """One statement; those that live by it already are left out."""
        context = info.context
        return [_touched(one, context) for one in await touched_by(context.planning, self.tried.trial)]

    @described("The plans of an outcome, by name: the first thousand.")
    async def named(
        self,
        info: Info,
        outcome: Annotated[
            TrialOutcome, strawberry.argument(description="Which of them.")
        ] = TrialOutcome.OTHERWISE,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = None,
    ) -> TrialPlans:
        """One statement."""
        place = parse_plan_cursor(after) if after else FIRST
        wanted = Outcome(str(outcome.value))
        found, more = await named_of(self.tried.trial.number, wanted, first, place)
        edges = [
            TrialPlanEdge(cursor=cursor(one.ptk_id, one.period), node=_plan(one, info.context))
            for one in found
        ]
        ends = PageInfo(has_next_page=more, end_cursor=edges[-1].cursor if edges else None)
        return TrialPlans(edges=edges, page_info=ends)


TrialResult = Annotated[
    Trial | Refused,
    strawberry.union("TrialResult", description="The trial as it stands now, or every reason why not."),
]


def shown_trial(tried: Tried, context: Context) -> Trial:
    """A trial for an admin."""
    trial, run = tried.trial, tried.run
    counts = {outcome.value: run.counts.get(outcome.value, 0) for outcome in Outcome}
    return Trial(
        tried=tried,
        id=strawberry.ID(trial_id(trial.number)),
        number=trial.number,
        sha256=strawberry.ID(trial.sha256),
        period=strawberry.ID(trial.period),
        states=[StateMove(from_=first, to=second) for first, second in trial.states.items()],
        by=actor_of(trial.by, context.signed_in()),
        at=trial.at,
        progress=TrialProgress(
            plans=run.plans, done=run.done, per_second=run.rate, ended_at=run.ended_at, **counts
        ),
    )


def _touched(one: Touched, context: Context) -> TrialTouched:
    problem = shown(DomainProblem(one.code, one.params), context) if one.code else None
    return TrialTouched(
        workflow=strawberry.ID(one.workflow), state=one.state, plans=one.plans, to=one.to, problem=problem
    )


def _plan(one: Named, context: Context) -> TrialPlan:
    told = one.detail
    return TrialPlan(
        plan_id=strawberry.ID(plan_id(one.ptk_id, one.period)),
        satuan_pendidikan=shown_school(one.school),
        version=one.version,
        at=datetime.fromisoformat(told["at"]),
        trigger=told["trigger"],
        from_=told["from"],
        to=told["to"],
        would=told["would"],
        refusals=[shown(DomainProblem(no["code"], no["params"]), context) for no in told["refusals"]],
        unknown=told["unknown"],
    )
