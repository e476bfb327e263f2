"""Dry runs of versions, for admins."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from enum import Enum

import strawberry
from pydantic import TypeAdapter, ValidationError

from services.kit.problems import Problem as DomainProblem
from services.kit.problems import RequestRefused
from services.kit.text import is_storable
from services.planning.api.context import Context, Info
from services.planning.api.fields import After, First, field
from services.planning.api.ids import dry_run_id, encode_cursor, parse_cursor
from services.planning.api.types.actors import Actor, render_actor
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.node import Node
from services.planning.api.types.period import Period, render_period
from services.planning.api.types.plan import Plan, resolve_plans
from services.planning.api.types.plan_migration import StateMapping, render_state_mappings
from services.planning.api.types.problems import Problem, render_problem
from services.planning.api.types.versions import WorkflowVersion, resolve_known_version
from services.planning.plan_migration.dry_run import model
from services.planning.plan_migration.dry_run.model import (
    CommandCount,
    CommandSortKey,
    PlanGroup,
    Sample,
)
from services.planning.plan_migration.dry_run.queries import list_command_counts, list_plan_groups
from workflows.diff.replay import Outcome

COMMAND_GROUP_LIST = "command_groups"  # names the list in a cursor, so that it is invalid in another list
_SORT_KEY = TypeAdapter(CommandSortKey)


@strawberry.enum(description="How the next state by the version compares with the recorded one.")
class DryRunOutcome(Enum):
    SAME = strawberry.enum_value("same", description="The recorded state.")
    DIFFERENT = strawberry.enum_value("different", description="Another state, or a refusal.")
    UNKNOWN = strawberry.enum_value("unknown", description="It depends on a fact that was not recorded.")


@strawberry.type(description="Current plans of the period in one state of one version.")
class DryRunPlanGroup:
    group: strawberry.Private[PlanGroup]
    period: strawberry.Private[str]
    state: str = strawberry.field(description="Name of their state.")
    plan_count: int = strawberry.field(description="Number of plans.")
    new_state: str | None = strawberry.field(
        description="Name of their state after a migration; null if they cannot move."
    )
    problem: Problem | None = strawberry.field(description="Why they cannot move; null if they can.")

    @field("Their version.")
    async def workflow_version(self, info: Info) -> WorkflowVersion:
        return await resolve_known_version(self.group.workflow, info.context)

    @field("Up to 5 of these plans.")
    async def sample_plans(self, info: Info) -> list[Plan]:
        keys = [(ptk_id, self.period) for ptk_id in self.group.samples]
        return [plan for plan in await resolve_plans(keys, info.context) if plan]


@strawberry.type(description="A recorded command as a sample.")
class DryRunSample:
    key: strawberry.Private[tuple[str, str]]
    version: int = strawberry.field(description="Version of the plan after the command, as in the history.")
    refusals: list[str] = strawberry.field(
        description="The reasons for a refusal by the version of the dry run; empty if it does not refuse."
    )

    @field("The plan as it is now; null if it no longer exists.")
    async def plan(self, info: Info) -> Plan | None:
        (plan,) = await resolve_plans([self.key], info.context)
        return plan


@strawberry.type(description="The recorded commands with the same result.")
class DryRunCommandGroup:
    trigger: str = strawberry.field(description="Trigger of the commands.")
    from_state: str = strawberry.field(description="Name of the state before the command.")
    to_state: str = strawberry.field(description="Name of the state after the command.")
    outcome: DryRunOutcome = strawberry.field(description="How `nextState` compares with `toState`.")
    next_state: str | None = strawberry.field(
        description="Name of the state after the command by the version of the dry run, a possible one if the outcome "
        "is `UNKNOWN`; null if the version refuses."
    )
    reasons: list[str] = strawberry.field(
        description="Codes of the refusals; if the outcome is `UNKNOWN`, the facts that were not recorded."
    )
    command_count: int = strawberry.field(description="Number of commands.")
    samples: list[DryRunSample] = strawberry.field(
        description="Up to 5 of them; none if the outcome is `SAME`."
    )


@strawberry.type(description="The progress of a dry run over plans, and the number of commands by outcome.")
class DryRunProgress:
    plan_count: int = strawberry.field(description="Number of plans of the period at the start.")
    replayed_count: int = strawberry.field(description="Number of plans whose commands were replayed.")
    same_count: int = strawberry.field(description="Number of commands that lead to the recorded state.")
    different_count: int = strawberry.field(
        description="Number of commands that lead to another state or are refused."
    )
    unknown_count: int = strawberry.field(
        description="Number of commands whose result depends on a fact that was not recorded."
    )
    plans_per_second: float | None = strawberry.field(
        description="Plans per second of work; null before the first batch."
    )
    ended_at: datetime | None = strawberry.field(description="When it ended; null while it runs.")


@strawberry.type(
    description="A dry run of a version on the recorded commands of a period. No plan changes. For admins."
)
class DryRun(Node):
    run: strawberry.Private[model.DryRunProgress]
    number: int = strawberry.field(description="Number of the dry run, from 1.")
    state_mappings: list[StateMapping] = strawberry.field(
        description="Replacements of states that have another name or phase."
    )
    started_by: Actor = strawberry.field(description="Who started it.")
    started_at: datetime = strawberry.field(description="When it was started.")
    progress: DryRunProgress = strawberry.field(description="The progress.")

    @field("The version that is tried.")
    async def workflow_version(self, info: Info) -> WorkflowVersion:
        return await resolve_known_version(self.run.dry_run.sha256, info.context)

    @field("The period whose commands are replayed.")
    async def period(self, info: Info) -> Period:
        return render_period(await info.context.loaders.periods.load(self.run.dry_run.period), info.context)

    @field(
        "The current plans of the period by version and state, and whether they could move to this version. Plans "
        "that have it are left out."
    )
    async def plan_groups(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[DryRunPlanGroup] | None:
        context, dry_run = info.context, self.run.dry_run
        key = parse_cursor(after, ("after",)) if after else ("", "")
        groups, has_next_page = await list_plan_groups(
            context.services, dry_run, first, key, context.connection
        )
        edges = [
            Edge(
                cursor=encode_cursor(group.workflow, group.state),
                node=_render_plan_group(group, dry_run.period, context),
            )
            for group in groups
        ]
        return Connection.create(edges, has_next_page, after)

    @field(
        "The recorded commands by result: for each outcome the largest groups first. Groups grow while it runs, so one "
        "can move between two pages."
    )
    async def command_groups(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[DryRunCommandGroup] | None:
        context, dry_run = info.context, self.run.dry_run
        counts, has_next_page = await list_command_counts(
            dry_run.number, first, _parse_sort_key(after) if after else None, context.connection
        )
        edges = [
            Edge(
                cursor=encode_cursor(COMMAND_GROUP_LIST, json.dumps(count.sort_key)),
                node=_render_command_group(count, dry_run.period, context),
            )
            for count in counts
        ]
        return Connection.create(edges, has_next_page, after)


def render_dry_run(run: model.DryRunProgress, context: Context) -> DryRun:
    """Render a dry run for an admin."""
    dry_run, batches = run.dry_run, run.run
    return DryRun(
        id=strawberry.ID(dry_run_id(dry_run.number)),
        run=run,
        number=dry_run.number,
        state_mappings=render_state_mappings(dry_run.states),
        started_by=render_actor(dry_run.by, context.require_caller()),
        started_at=dry_run.at,
        progress=DryRunProgress(
            plan_count=batches.plan_count,
            replayed_count=batches.processed_plans,
            same_count=run.command_counts[Outcome.SAME],
            different_count=run.command_counts[Outcome.DIFFERENT],
            unknown_count=run.command_counts[Outcome.UNKNOWN],
            plans_per_second=batches.rate,
            ended_at=batches.ended_at,
        ),
    )


def _parse_sort_key(after: str) -> CommandSortKey:
    list_name, text = parse_cursor(after, ("after",))
    with suppress(ValidationError):
        key = _SORT_KEY.validate_json(text)
        outcome, negative_count, *names, reasons = key
        is_storable_key = is_storable("".join([outcome, *map(str, names), *reasons]))
        if list_name == COMMAND_GROUP_LIST and is_storable_key and -(2**31) <= negative_count <= 0:
            return key
    raise RequestRefused(DomainProblem("cursor.invalid", {}, ("after",)))


def _render_plan_group(group: PlanGroup, period: str, context: Context) -> DryRunPlanGroup:
    refusal = group.refusal
    return DryRunPlanGroup(
        group=group,
        period=period,
        state=group.state,
        plan_count=group.plans,
        new_state=group.new_state,
        problem=render_problem(DomainProblem(refusal.code, refusal.params), context) if refusal else None,
    )


def _render_command_group(count: CommandCount, period: str, context: Context) -> DryRunCommandGroup:
    key = count.key
    return DryRunCommandGroup(
        trigger=key.trigger,
        from_state=key.from_state,
        to_state=key.to_state,
        outcome=DryRunOutcome(key.outcome.value),
        next_state=key.next_state or None,
        reasons=list(key.reasons),
        command_count=count.command_count,
        samples=[_render_sample(sample, period, context) for sample in count.samples],
    )


def _render_sample(sample: Sample, period: str, context: Context) -> DryRunSample:
    problems = [DomainProblem(refusal["code"], refusal["params"]) for refusal in sample.refusals]
    return DryRunSample(
        key=(sample.ptk_id, period),
        version=sample.version,
        refusals=[context.messages.text(problem, context.language) for problem in problems],
    )
