"""Dry runs of versions, for admins."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from services.kit.problems import Problem as DomainProblem
from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import dry_run_id, plan_id
from services.planning.api.types.actors import WorkflowActor, render_workflow_actor
from services.planning.api.types.plan_migration import StateMove
from services.planning.api.types.problems import Problem, render_problem
from services.planning.plan_migration.dry_run.model import CommandCount, DryRunProgress, MoveCount
from services.planning.plan_migration.dry_run.queries import count_by_state, list_command_counts
from workflows.diff.replay import Outcome


@strawberry.enum(description="How the next state by the version compares with the recorded one.")
class TrialOutcome(Enum):
    SAME = strawberry.enum_value("same", description="The recorded state.")
    DIFFERENT = strawberry.enum_value("different", description="Another state, or a refusal.")
    UNKNOWN = strawberry.enum_value("unknown", description="It depends on a fact that was not recorded.")


@strawberry.type(description="Current plans of the period in one state of one version.")
class TrialTouched:
    workflow: strawberry.ID = strawberry.field(description="`sha256` of their version.")
    state: str = strawberry.field(description="Name of their state.")
    plans: int = strawberry.field(description="Number of plans.")
    samples: list[strawberry.ID] = strawberry.field(description="Ids of up to 5 of these plans.")
    to: str | None = strawberry.field(description="Their state after a migration; null if they cannot move.")
    problem: Problem | None = strawberry.field(description="Why they cannot move; null if they can.")


@strawberry.type(description="A recorded command as a sample.")
class TrialSample:
    plan_id: strawberry.ID = strawberry.field(description="Id of the plan.")
    version: int = strawberry.field(description="Version of the plan after the command, as in the history.")
    refusals: list[str] = strawberry.field(
        description="The reasons for a refusal by the version; empty if it does not refuse."
    )


@strawberry.type(description="The number of recorded commands with the same result.")
class TrialCommands:
    trigger: str = strawberry.field(description="Trigger of the commands.")
    from_: str = strawberry.field(name="from", description="State before the command.")
    to: str = strawberry.field(description="State after the command.")
    outcome: TrialOutcome = strawberry.field(description="How `would` compares with `to`.")
    would: str | None = strawberry.field(
        description="State after the command by this version, a possible one if the outcome is `UNKNOWN`; null if "
        "the version refuses."
    )
    reasons: list[str] = strawberry.field(
        description="Codes of the refusals; if the outcome is `UNKNOWN`, the facts that were not recorded."
    )
    commands: int = strawberry.field(description="Number of commands.")
    samples: list[TrialSample] = strawberry.field(
        description="Up to 5 of them; none if the outcome is `SAME`."
    )


@strawberry.type(description="The progress of a dry run over plans, and the number of commands by outcome.")
class TrialProgress:
    plans: int = strawberry.field(description="Number of plans of the period at the start.")
    done: int = strawberry.field(description="Number of plans that were replayed.")
    same: int = strawberry.field(description="Number of commands that lead to the recorded state.")
    different: int = strawberry.field(
        description="Number of commands that lead to another state or are refused."
    )
    unknown: int = strawberry.field(
        description="Number of commands whose result depends on a fact that was not recorded."
    )
    per_second: float | None = strawberry.field(description="Plans per second; null before the first batch.")
    ended_at: datetime | None = strawberry.field(description="When it ended; null while it runs.")


@strawberry.type(
    description="A dry run of a version on the recorded commands of a period. No plan changes. For admins."
)
class Trial:
    progress_data: strawberry.Private[DryRunProgress]
    id: strawberry.ID = strawberry.field(description="Id of the dry run.")
    number: int = strawberry.field(description="Number of the dry run.")
    sha256: strawberry.ID = strawberry.field(description="`sha256` of the version.")
    period: strawberry.ID = strawberry.field(description="Code of the period.")
    states: list[StateMove] = strawberry.field(
        description="Replacements of states that have another name or phase."
    )
    by: WorkflowActor = strawberry.field(description="Who started it.")
    at: datetime = strawberry.field(description="When it was started.")
    progress: TrialProgress = strawberry.field(description="The progress.")

    @field("The current plans of the period by state, and whether they could move to this version.")
    async def touched(self, info: Info) -> list[TrialTouched]:
        context, dry_run = info.context, self.progress_data.dry_run
        counts = await count_by_state(context.services, dry_run, context.connection)
        return [_render_move_count(count, dry_run.period, context) for count in counts]

    @field("The commands by result: the largest groups of each outcome, at most 200 groups.")
    async def commands(self, info: Info) -> list[TrialCommands]:
        context, dry_run = info.context, self.progress_data.dry_run
        counts = await list_command_counts(dry_run.number, context.connection)
        return [_render_command_count(count, dry_run.period, context) for count in counts]


def render_dry_run(progress: DryRunProgress, context: Context) -> Trial:
    """Render a dry run for an admin."""
    dry_run, run = progress.dry_run, progress.run
    return Trial(
        progress_data=progress,
        id=strawberry.ID(dry_run_id(dry_run.number)),
        number=dry_run.number,
        sha256=strawberry.ID(dry_run.sha256),
        period=strawberry.ID(dry_run.period),
        states=[StateMove(from_=first, to=second) for first, second in dry_run.states.items()],
        by=render_workflow_actor(dry_run.by, context.require_caller()),
        at=dry_run.at,
        progress=TrialProgress(
            plans=run.plan_count,
            done=run.processed_plans,
            same=progress.command_counts[Outcome.SAME],
            different=progress.command_counts[Outcome.DIFFERENT],
            unknown=progress.command_counts[Outcome.UNKNOWN],
            per_second=run.rate,
            ended_at=run.ended_at,
        ),
    )


def _render_move_count(count: MoveCount, period: str, context: Context) -> TrialTouched:
    refusal = count.refusal
    return TrialTouched(
        workflow=strawberry.ID(count.workflow),
        state=count.state,
        plans=count.plans,
        samples=[strawberry.ID(plan_id(ptk_id, period)) for ptk_id in count.samples],
        to=count.to,
        problem=render_problem(DomainProblem(refusal.code, refusal.params), context) if refusal else None,
    )


def _render_command_count(count: CommandCount, period: str, context: Context) -> TrialCommands:
    key = count.key
    samples = [
        TrialSample(
            plan_id=strawberry.ID(plan_id(sample.ptk_id, period)),
            version=sample.version,
            refusals=[
                context.messages.text(DomainProblem(refusal["code"], refusal["params"]), context.language)
                for refusal in sample.refusals
            ],
        )
        for sample in count.samples
    ]
    return TrialCommands(
        trigger=key.trigger,
        from_=key.from_state,
        to=key.to_state,
        outcome=TrialOutcome(key.outcome.value),
        would=key.next_state or None,
        reasons=list(key.reasons),
        commands=count.command_count,
        samples=samples,
    )
