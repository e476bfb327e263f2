"""The batches of long work that admins ordered: migrations, their undoing, dry runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem
from services.planning.people.services import Services
from services.planning.period.model import find_unfit_parameters, resolve_parameters
from services.planning.period.queries import get_period
from services.planning.plan.model import Change, Plan
from services.planning.plan.store import Commit, CommitOutcome, PlanKey, commit_changes
from services.planning.plan.timers import carry_over_timers
from services.planning.plan_migration import batch_store, store
from services.planning.plan_migration.batch_store import MigrationRefusal
from services.planning.plan_migration.dry_run.commands import Batches
from services.planning.plan_migration.model import (
    FIRST,
    MOVED,
    REFUSED,
    Migration,
    Run,
    Work,
    happened_since,
    moved,
    moved_back,
)
from workflows.diff.state_map import map_state
from workflows.engine.timers import TimerState
from workflows.model.definition import Definition
from workflows.model.facts import ParamValue, Refusal

PLANS = 500  # of one batch: who changes one of them meanwhile waits for less than a tenth of a second

Sorted = tuple[
    list[Change], list[MigrationRefusal], list[Plan]
]  # what moves, what stays, and all in the order they were read


async def batch(services: Services, work: Work, number: int) -> Run | None:
    """Do a batch; how far it is then. None where it is done or stopped, or another one is at it."""

    async def transaction(connection: Connection) -> Run | None:
        began = time.monotonic()
        run = await store.claim_run(work, number, connection)
        if run is None:
            return None
        course = await store.find_migration(number, connection)
        assert course is not None, "a run is of a migration"
        sort = _to_move_back if work is Work.UNDO else _to_move
        run = await _written(
            run, await sort(services, course.migration, run.after, connection), services, connection
        )
        run = replace(run, seconds=run.seconds + time.monotonic() - began)
        await store.update_run(run, connection)
        return run

    return await run_in_transaction(transaction)


async def _to_move(
    services: Services, migration: Migration, after: tuple[str, str], connection: Connection
) -> Sorted:
    old, new = [
        (await services.workflows.get(sha, connection)).definition for sha in (migration.old, migration.new)
    ]
    plans = await batch_store.lock_plans_to_move(migration, after, PLANS, connection)
    changes, left, at = [], [], services.clock.now()
    lacking = await _lacking(services, new, {plan.period for plan in plans})
    for plan in plans:
        state = map_state(old, new, migration.states, plan.state)
        if (why := lacking.get(plan.period)) is not None:
            left.append(MigrationRefusal(plan, why.code, why.params))
        elif isinstance(state, Refusal):
            left.append(MigrationRefusal(plan, state.code, state.params))
        else:
            changes.append(moved(plan, migration, state, at))
    return changes, left, plans


async def _lacking(services: Services, new: Definition, codes: set[str]) -> Mapping[str, Problem]:
    """By period what the version needs and the period does not give: one that came after the order was not asked."""
    found = {}
    for code in codes:
        used = await get_period(services, code)
        problems = find_unfit_parameters(new, used.period, services.clock.now())
        found[code] = next((one for one in problems if one.code == "workflow.parameter_missing"), None)
    return {code: problem for code, problem in found.items() if problem}


async def _to_move_back(
    services: Services, migration: Migration, after: tuple[str, str], connection: Connection
) -> Sorted:
    found, at = await batch_store.lock_moved_plans(migration, after, PLANS, connection), services.clock.now()
    untouched = [one for one in found if one.plan.version == one.moved_at]
    touched = [one for one in found if one.plan.version != one.moved_at]
    changes = [moved_back(one.plan, migration, one.former_state, at) for one in untouched]
    new = (await services.workflows.get(migration.new, connection)).definition
    events = await batch_store.find_next_events(touched, connection) if touched else {}
    left = []
    for one in touched:
        event = events[one.plan.ptk_id, one.plan.period]
        why = happened_since(new, event.kind, event.trigger, event.at)
        left.append(MigrationRefusal(one.plan, why.code, why.params))
    return changes, left, [one.plan for one in found]


async def _written(run: Run, batch: Sorted, services: Services, connection: Connection) -> Run:
    changes, left, plans = batch
    before = {(plan.ptk_id, plan.period): plan for plan in plans}
    back, stored = run.work is Work.UNDO, await _commit(run, changes, before, services, connection)
    moves = [(change, before[_key(change.plan)].state) for change in stored]
    refused = 0
    if moves or left:
        at = services.clock.now()
        refused = await batch_store.record_outcomes(run.number, back, moves, left, at, connection)
    run = run.with_counts(Counter({MOVED: len(moves), REFUSED: refused}))
    run = replace(run, found=run.found or bool(moves))
    if len(stored) < len(changes):
        faster = {_key(change.plan) for change in changes} - {_key(change.plan) for change in stored}
        return replace(run, after=before_first(faster, list(before), run.after))
    if len(plans) == PLANS:
        return replace(run, after=_key(plans[-1]))
    return _at_the_end(run, services)


def before_first(faster: Collection[PlanKey], keys: Sequence[PlanKey], after: PlanKey) -> PlanKey:
    """Return the key before the first of the plans that another change was faster with: the next batch reads it again.

    `after` is the key before all of the batch.
    """
    place = next(place for place, key in enumerate(keys) if key in faster)
    return keys[place - 1] if place else after


async def _commit(
    run: Run,
    changes: list[Change],
    before: Mapping[PlanKey, Plan],
    services: Services,
    connection: Connection,
) -> list[Change]:
    """Store the changes, with one statement for each period, and return those that no other was faster with."""
    if not changes:
        return []
    timers_before = await batch_store.lock_timers([change.plan for change in changes], connection)
    # A plan that is taken back left the version when it was moved.
    left_at = {key: plan.updated_at for key, plan in before.items()} if run.work is Work.UNDO else {}
    commits: dict[str, list[Commit]] = {}
    for change in await _with_timers(services, changes, timers_before, left_at):
        here = timers_before.get(_key(change.plan), {})
        unchanged = {timer.timer for timer in change.timers or () if here.get(timer.timer) == timer}
        commit = Commit(change, before[_key(change.plan)].version, unchanged_timers=unchanged)
        commits.setdefault(change.plan.period, []).append(commit)
    stored = []
    for period, each in commits.items():
        outcomes = await commit_changes(period, each, connection)
        stored += [
            commit.change for commit in each if outcomes[commit.change.plan.ptk_id] is CommitOutcome.STORED
        ]
    return stored


def _key(plan: Plan) -> PlanKey:
    return plan.ptk_id, plan.period


async def _with_timers(
    services: Services,
    changes: list[Change],
    before: Mapping[PlanKey, Mapping[str, TimerState]],
    left_at: Mapping[PlanKey, datetime],
) -> list[Change]:
    """Give each change the timers of its new state, by the values in force.

    `left_at` says when a plan left this version.
    """
    definition = (await services.workflows.get(changes[0].plan.workflow, services.connection)).definition
    values = {
        code: await _values(services, code, definition) for code in {change.plan.period for change in changes}
    }
    return [
        replace(
            change,
            timers=carry_over_timers(
                change.plan,
                before.get(_key(change.plan), {}),
                definition,
                values[change.plan.period],
                left_at.get(_key(change.plan)),
            ),
        )
        for change in changes
    ]


async def _values(services: Services, code: str, definition: Definition) -> Mapping[str, ParamValue]:
    used = await get_period(services, code)
    return resolve_parameters(definition, used.period.parameters_at(services.clock.now()))


def _at_the_end(run: Run, services: Services) -> Run:
    """Plans can come to the former version behind us: who read it as published starts one. So until none is found."""
    if run.work is Work.MIGRATE and run.found:
        return replace(run, after=FIRST, found=False)
    return replace(run, ended_at=services.clock.now())


log = logging.getLogger(__name__)


class BatchRounds:
    """All that is open; `stopping` ends a round between two batches."""

    def __init__(self, services: Services) -> None:
        self.stopping = asyncio.Event()
        self._services = services
        self._run_batch = {
            Work.MIGRATE: batch,
            Work.UNDO: batch,
            Work.TRY: Batches().batch,
        }

    async def run_batch(self, kind: Work, number: int) -> Run | None:
        """Do a batch; how far it is then. None where there is nothing to do, or another process is at it."""
        return await self._run_batch[kind](self._services, kind, number)

    async def run_round(self) -> bool:
        """A batch of each, so that no long work keeps another waiting; whether there is more to do at once.

        Raises what one of them failed by, once the others have nothing left to do.
        """
        more, failure = False, None
        for kind, number in await store.open_runs(self._run_batch, self._services.connection):
            if self.stopping.is_set():
                return False
            try:
                run = await self.run_batch(kind, number)
            except Exception as error:
                log.exception("%s %d failed", kind.value, number)
                failure = error
            else:
                more |= run is not None and run.ended_at is None
        if failure and not more:
            raise failure
        return more
