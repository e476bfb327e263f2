"""The batches of long work that admins ordered: migrations, their undoing, dry runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.database import in_unit_of_work
from services.kit.problems import Problem
from services.planning.people.services import Planning
from services.planning.period.model import read_by, unfit
from services.planning.period.queries import period_of
from services.planning.plan.model import Change, Plan
from services.planning.plan.timers import carried_over
from services.planning.plan_migration import store as runs
from services.planning.plan_migration import store as stored
from services.planning.plan_migration.dry_run import Benches
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
from services.planning.storage import moving
from services.planning.storage.moving import Key, Leaving
from workflows.diff.moving import state_under
from workflows.engine.timers import Armed
from workflows.model.definition import Definition
from workflows.model.facts import ParamValue, Refused

PLANS = 500  # of one batch: who changes one of them meanwhile waits for less than a tenth of a second

Sorted = tuple[
    list[Change], list[Leaving], list[Plan]
]  # what moves, what stays, and all in the order they were read


async def batch(planning: Planning, work: Work, number: int) -> Run | None:
    """Do a batch; how far it is then. None where it is done or stopped, or another one is at it."""

    async def transaction(connection: BaseDBAsyncClient) -> Run | None:
        began = time.monotonic()
        run = await runs.claim_run(work, number, connection)
        if run is None:
            return None
        course = await stored.find_migration(number)
        assert course is not None, "a run is of a migration"
        sort = _to_move_back if work is Work.UNDO else _to_move
        run = await _written(
            run, await sort(planning, course.migration, run.after, connection), planning, connection
        )
        run = replace(run, seconds=run.seconds + time.monotonic() - began)
        await runs.update_run(run, connection)
        return run

    return await in_unit_of_work(transaction)


async def _to_move(
    planning: Planning, migration: Migration, after: tuple[str, str], connection: BaseDBAsyncClient
) -> Sorted:
    old, new = [(await planning.workflows.get(sha)).definition for sha in (migration.old, migration.new)]
    plans = await moving.to_move(migration, after, PLANS, connection)
    changes, left, at = [], [], planning.clock.now()
    lacking = await _lacking(planning, new, {plan.period for plan in plans})
    for plan in plans:
        state = state_under(old, new, migration.states, plan.state)
        if (why := lacking.get(plan.period)) is not None:
            left.append(Leaving(plan, why.code, why.params))
        elif isinstance(state, Refused):
            left.append(Leaving(plan, state.code, state.params))
        else:
            changes.append(moved(plan, migration, state, at))
    return changes, left, plans


async def _lacking(planning: Planning, new: Definition, codes: set[str]) -> Mapping[str, Problem]:
    """By period what the version needs and the period does not give: one that came after the order was not asked."""
    found = {}
    for code in codes:
        used = await period_of(planning, code)
        problems = unfit(new, used.period, planning.clock.now())
        found[code] = next((one for one in problems if one.code == "workflow.parameter_missing"), None)
    return {code: problem for code, problem in found.items() if problem}


async def _to_move_back(
    planning: Planning, migration: Migration, after: tuple[str, str], connection: BaseDBAsyncClient
) -> Sorted:
    found, at = await moving.to_move_back(migration, after, PLANS, connection), planning.clock.now()
    untouched = [one for one in found if one.plan.version == one.moved_at]
    touched = [one for one in found if one.plan.version != one.moved_at]
    changes = [moved_back(one.plan, migration, one.former, at) for one in untouched]
    new = (await planning.workflows.get(migration.new)).definition
    since = await moving.happened_since(touched, connection) if touched else {}
    left = []
    for one in touched:
        why = happened_since(new, *since[one.plan.ptk_id, one.plan.period])
        left.append(Leaving(one.plan, why.code, why.params))
    return changes, left, [one.plan for one in found]


async def _written(run: Run, batch: Sorted, planning: Planning, connection: BaseDBAsyncClient) -> Run:
    changes, left, plans = batch
    number, back, counts = run.number, run.work is Work.UNDO, Counter[str]()
    if changes:
        were = await moving.timers([change.plan for change in changes], connection)
        # What is taken back was last changed by the move.
        left_at = {(plan.ptk_id, plan.period): plan.updated_at for plan in plans} if back else {}
        timed = await _with_timers(planning, changes, were, left_at)
        done, refused_before = await moving.move(number, back, timed, were, connection)
        counts.update({MOVED: done, REFUSED: -refused_before})
    if left:
        counts[REFUSED] += await moving.leave(number, back, left, planning.clock.now(), connection)
    run = replace(run.with_counts(counts), found=run.found or bool(changes))
    if len(plans) == PLANS:
        return replace(run, after=(plans[-1].ptk_id, plans[-1].period))
    return _at_the_end(run, planning)


async def _with_timers(
    planning: Planning,
    changes: list[Change],
    were: Mapping[Key, Mapping[str, Armed]],
    left_at: Mapping[Key, datetime],
) -> list[Change]:
    """The timers of where the plans have come to, by the values in force; `left_at`: when they left this version."""
    definition = (await planning.workflows.get(changes[0].plan.workflow)).definition
    values = {
        code: await _values(planning, code, definition) for code in {change.plan.period for change in changes}
    }
    return [
        replace(
            change,
            timers=carried_over(
                change.plan,
                were.get((change.plan.ptk_id, change.plan.period), {}),
                definition,
                values[change.plan.period],
                left_at.get((change.plan.ptk_id, change.plan.period)),
            ),
        )
        for change in changes
    ]


async def _values(planning: Planning, code: str, definition: Definition) -> Mapping[str, ParamValue]:
    used = await period_of(planning, code)
    return read_by(definition, used.period.parameters_at(planning.clock.now()))


def _at_the_end(run: Run, planning: Planning) -> Run:
    """Plans can come to the former version behind us: who read it as published starts one. So until none is found."""
    if run.work is Work.MIGRATE and run.found:
        return replace(run, after=FIRST, found=False)
    return replace(run, ended_at=planning.clock.now())


log = logging.getLogger(__name__)


class LongWork:
    """All that is open; `stopping` ends a round between two batches."""

    def __init__(self, planning: Planning) -> None:
        self.stopping = asyncio.Event()
        self._planning = planning
        self._batch = {
            Work.MIGRATE: batch,
            Work.UNDO: batch,
            Work.TRY: Benches().batch,
        }

    async def batch(self, work: Work, number: int) -> Run | None:
        """Do a batch; how far it is then. None where there is nothing to do, or another process is at it."""
        return await self._batch[work](self._planning, work, number)

    async def round(self) -> bool:
        """A batch of each, so that no long work keeps another waiting; whether there is more to do at once.

        Raises what one of them failed by, once the others have nothing left to do.
        """
        more, failed = False, None
        for work, number in await runs.open_runs(self._batch, self._planning.connection):
            if self.stopping.is_set():
                return False
            try:
                run = await self.batch(work, number)
            except Exception as error:
                log.exception("%s %d failed", work.value, number)
                failed = error
            else:
                more |= run is not None and run.ended_at is None
        if failed and not more:
            raise failed
        return more
