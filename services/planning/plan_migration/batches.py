"""The batches of migrations, of their rollback and of dry runs."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.kit.availability import DatabaseUnavailable
from services.kit.database import Connection
from services.kit.problems import Problem
from services.planning.people.services import Services
from services.planning.period.model import find_unfit_parameters, resolve_parameters
from services.planning.period.queries import get_period
from services.planning.plan.model import Change, Plan
from services.planning.plan.store import Commit, CommitOutcome, PlanKey, commit_changes
from services.planning.plan.timers import carry_over_timers
from services.planning.plan_migration import batch_store, store
from services.planning.plan_migration.batch_store import MigrationRefusal
from services.planning.plan_migration.dry_run.commands import DryRunBatches
from services.planning.plan_migration.model import (
    FIRST_KEY,
    MOVED_COUNT,
    SKIPPED_COUNT,
    Migration,
    Run,
    RunKind,
    describe_later_event,
    is_rename,
    move_plan,
    move_plan_back,
)
from services.planning.plan_migration.queries import find_migration
from workflows.diff.state_map import map_state
from workflows.engine.timers import TimerState
from workflows.model.definition import Definition
from workflows.model.facts import ParamValue, Refusal

BATCH_SIZE = 500  # plans: a command on one of them waits for less than 0.1 s

# The changes, the refusals, and all plans in the order in which they were read.
Batch = tuple[list[Change], list[MigrationRefusal], list[Plan]]


async def run_migration_batch(services: Services, kind: RunKind, number: int) -> Run | None:
    """Run a batch of a migration or its rollback. Returns None if the run has ended, is stopped or is claimed."""

    async def process(run: Run, connection: Connection) -> Run:
        runs = await find_migration(number, connection)
        assert runs is not None, "a run belongs to a migration"
        read_batch = _read_backward_batch if kind is RunKind.ROLLBACK else _read_forward_batch
        batch = await read_batch(services, runs.migration, run.after, connection)
        return await _store_batch(run, batch, services, connection)

    return await store.process_batch(kind, number, process)


async def _read_forward_batch(
    services: Services, migration: Migration, after: tuple[str, str], connection: Connection
) -> Batch:
    old, new = await _load_definitions(services, migration, connection)
    plans = await batch_store.lock_plans_to_move(migration, after, BATCH_SIZE, connection)
    changes, refusals, at = [], [], services.clock.now()
    missing_parameters = await _find_missing_parameters(services, new, {plan.period for plan in plans})
    for plan in plans:
        state = map_state(old, new, migration.states, plan.state)
        if (problem := missing_parameters.get(plan.period)) is not None:
            refusals.append(MigrationRefusal(plan, problem.code, problem.params))
        elif isinstance(state, Refusal):
            refusals.append(MigrationRefusal(plan, state.code, state.params))
        else:
            changes.append(move_plan(plan, migration, state, is_rename(old, plan.state, new, state), at))
    return changes, refusals, plans


async def _load_definitions(
    services: Services, migration: Migration, connection: Connection
) -> tuple[Definition, Definition]:
    """Load the old and the new definition."""
    old = await services.workflows.get(migration.old_version, connection)
    return old.definition, (await services.workflows.get(migration.new_version, connection)).definition


async def _find_missing_parameters(
    services: Services, new: Definition, codes: set[str]
) -> Mapping[str, Problem]:
    """Find for each period a parameter that the version needs and the period lacks.

    The order has checked the periods that existed then.
    """
    missing = {}
    for code in codes:
        setup = await get_period(services, code)
        problems = find_unfit_parameters(new, setup.period, services.clock.now())
        missing[code] = next((one for one in problems if one.code == "workflow.parameter_missing"), None)
    return {code: problem for code, problem in missing.items() if problem}


async def _read_backward_batch(
    services: Services, migration: Migration, after: tuple[str, str], connection: Connection
) -> Batch:
    moved_plans = await batch_store.lock_moved_plans(migration, after, BATCH_SIZE, connection)
    at = services.clock.now()
    unchanged_plans = [moved for moved in moved_plans if moved.plan.version == moved.moved_version]
    changed_plans = [moved for moved in moved_plans if moved.plan.version != moved.moved_version]
    old, new = await _load_definitions(services, migration, connection)
    changes = []
    for moved in unchanged_plans:
        is_same_state = is_rename(new, moved.plan.state, old, moved.former_state)
        changes.append(move_plan_back(moved.plan, migration, moved.former_state, is_same_state, at))
    events = await batch_store.find_next_events(changed_plans, connection) if changed_plans else {}
    refusals = []
    for moved in changed_plans:
        event = events[_key(moved.plan)]
        problem = describe_later_event(new, event.kind, event.trigger, event.at)
        refusals.append(MigrationRefusal(moved.plan, problem.code, problem.params))
    return changes, refusals, [moved.plan for moved in moved_plans]


async def _store_batch(run: Run, batch: Batch, services: Services, connection: Connection) -> Run:
    changes, refusals, plans = batch
    plan_by_key = {(plan.ptk_id, plan.period): plan for plan in plans}
    stored_changes = await _commit_changes(run, changes, plan_by_key, services, connection)
    moves = [(change, plan_by_key[_key(change.plan)].state) for change in stored_changes]
    refusal_count = 0
    if moves or refusals:
        at = services.clock.now()
        is_backward = run.kind is RunKind.ROLLBACK
        refusal_count = await batch_store.record_outcomes(
            run.number, is_backward, moves, refusals, at, connection
        )
    run = run.with_counts(Counter({MOVED_COUNT: len(moves), SKIPPED_COUNT: refusal_count}))
    run = replace(run, pass_moved_plans=run.pass_moved_plans or bool(moves))
    if len(stored_changes) < len(changes):
        stored_keys = {_key(change.plan) for change in stored_changes}
        conflicts = {_key(change.plan) for change in changes} - stored_keys
        return replace(run, after=find_restart_key(conflicts, list(plan_by_key), run.after))
    if len(plans) == BATCH_SIZE:
        return replace(run, after=_key(plans[-1]))
    return _finish_pass(run, services)


def find_restart_key(conflicts: Collection[PlanKey], keys: Sequence[PlanKey], after: PlanKey) -> PlanKey:
    """Return the key before the first conflicting plan, so that the next batch reads that plan again.

    `after` is the key before the batch.
    """
    index = next(index for index, key in enumerate(keys) if key in conflicts)
    return keys[index - 1] if index else after


async def _commit_changes(
    run: Run,
    changes: list[Change],
    plan_by_key: Mapping[PlanKey, Plan],
    services: Services,
    connection: Connection,
) -> list[Change]:
    """Store the changes, with one statement for each period. Returns those without a version conflict."""
    if not changes:
        return []
    timers_before = await batch_store.lock_timers([change.plan for change in changes], connection)
    # A plan that moves back left the old version when it was moved.
    left_at = (
        {key: plan.updated_at for key, plan in plan_by_key.items()} if run.kind is RunKind.ROLLBACK else {}
    )
    commits: dict[str, list[Commit]] = {}
    for change in await _add_timers(services, changes, timers_before, left_at):
        timers = timers_before.get(_key(change.plan), {})
        unchanged_timers = {timer.timer for timer in change.timers or () if timers.get(timer.timer) == timer}
        commit = Commit(change, plan_by_key[_key(change.plan)].version, unchanged_timers=unchanged_timers)
        commits.setdefault(change.plan.period, []).append(commit)
    stored_changes = []
    for period, period_commits in commits.items():
        outcomes = await commit_changes(period, period_commits, connection)
        stored_changes += [
            commit.change
            for commit in period_commits
            if outcomes[commit.change.plan.ptk_id] is CommitOutcome.STORED
        ]
    return stored_changes


def _key(plan: Plan) -> PlanKey:
    return plan.ptk_id, plan.period


async def _add_timers(
    services: Services,
    changes: list[Change],
    timers_before: Mapping[PlanKey, Mapping[str, TimerState]],
    left_at: Mapping[PlanKey, datetime],
) -> list[Change]:
    """Add the timers of the new state to each change. `left_at`: when the plan left this version before."""
    definition = (await services.workflows.get(changes[0].plan.workflow, services.connection)).definition
    values = {
        code: await _load_parameters(services, code, definition)
        for code in {change.plan.period for change in changes}
    }
    return [
        replace(
            change,
            timers=carry_over_timers(
                change.plan,
                timers_before.get(_key(change.plan), {}),
                definition,
                values[change.plan.period],
                left_at.get(_key(change.plan)),
            ),
        )
        for change in changes
    ]


async def _load_parameters(services: Services, code: str, definition: Definition) -> Mapping[str, ParamValue]:
    setup = await get_period(services, code)
    return resolve_parameters(definition, setup.period.parameters_at(services.clock.now()))


def _finish_pass(run: Run, services: Services) -> Run:
    """End the run, or start another pass over the plans.

    A plan can start with the old version behind the current position, by a command that read it as published. So
    passes repeat until one moves no plan.
    """
    if run.kind is RunKind.MIGRATE and run.pass_moved_plans:
        return replace(run, after=FIRST_KEY, pass_moved_plans=False)
    return replace(run, ended_at=services.clock.now())


log = logging.getLogger(__name__)


class BatchRounds:
    """Runs the batches of all open runs. Set `stopping` to end a round between two batches."""

    def __init__(self, services: Services) -> None:
        self.stopping = asyncio.Event()
        self._services = services
        self._run_batch = {
            RunKind.MIGRATE: run_migration_batch,
            RunKind.ROLLBACK: run_migration_batch,
            RunKind.DRY_RUN: DryRunBatches().run_batch,
        }

    async def run_batch(self, kind: RunKind, number: int) -> Run | None:
        """Run a batch. Returns None if the run has ended, is stopped, or is claimed by another process."""
        return await self._run_batch[kind](self._services, kind, number)

    async def run_round(self) -> bool:
        """Run one batch of each open run. Returns whether the next round has work already.

        Raises the error of a failed batch once the other runs have no work left.
        """
        more, failure = False, None
        for kind, number in await store.list_open_runs(self._run_batch, self._services.connection):
            if self.stopping.is_set():
                return False
            try:
                run = await self.run_batch(kind, number)
            except DatabaseUnavailable:
                raise
            except Exception as error:
                log.exception("%s %d failed", kind.value, number)
                failure = error
            else:
                more |= run is not None and run.ended_at is None
        if failure and not more:
            raise failure
        return more
