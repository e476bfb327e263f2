"""One batch of a migration, there or back: some hundred plans and how far it is, in one transaction.

What is read is held until it is written (storage/moving.py), so memory holds one batch, whatever there is to move, and
a process that is killed loses one batch of work and nothing else.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.unit_of_work import in_unit_of_work
from services.planning.domain.migration import (
    MOVED,
    REFUSED,
    Migration,
    happened_since,
    moved,
    moved_back,
)
from services.planning.domain.parameters import read_by
from services.planning.domain.plan import Change, Plan
from services.planning.domain.run import FIRST, Run, Work
from services.planning.domain.timer import carried_over
from services.planning.planning import Planning
from services.planning.storage import migration as stored
from services.planning.storage import moving
from services.planning.storage import run as runs
from services.planning.storage.moving import Key, Leaving
from services.planning.usecases.period import period_of
from workflows import Armed, Definition, ParamValue, Refused
from workflows.moving import state_under

PLANS = 500  # of one batch: who changes one of them meanwhile waits for less than a tenth of a second

Sorted = tuple[
    list[Change], list[Leaving], list[Plan]
]  # what moves, what stays, and all in the order they were read


async def batch(planning: Planning, work: Work, number: int) -> Run | None:
    """Do a batch; how far it is then. None where it is done or stopped, or another one is at it."""

    async def transaction(connection: BaseDBAsyncClient) -> Run | None:
        began = time.monotonic()
        run = await runs.claim(work, number, connection)
        if run is None:
            return None
        course = await stored.find(number)
        assert course is not None, "a run is of a migration"
        sort = _to_move_back if work is Work.UNDO else _to_move
        run = await _written(
            run, await sort(planning, course.migration, run.after, connection), planning, connection
        )
        run = replace(run, seconds=run.seconds + time.monotonic() - began)
        await runs.keep(run, connection)
        return run

    return await in_unit_of_work(transaction)


async def _to_move(
    planning: Planning, migration: Migration, after: tuple[str, str], connection: BaseDBAsyncClient
) -> Sorted:
    old, new = [(await planning.workflows.get(sha)).definition for sha in (migration.old, migration.new)]
    plans = await moving.to_move(migration, after, PLANS, connection)
    changes, left, at = [], [], planning.clock.now()
    for plan in plans:
        state = state_under(old, new, migration.states, plan.state)
        if isinstance(state, Refused):
            left.append(Leaving(plan, state.code, state.params))
        else:
            changes.append(moved(plan, migration, state, at))
    return changes, left, plans


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
        timed = await _with_timers(planning, changes, were)
        done, refused_before = await moving.move(number, back, timed, were, connection)
        counts.update({MOVED: done, REFUSED: -refused_before})
    if left:
        counts[REFUSED] += await moving.leave(number, back, left, planning.clock.now(), connection)
    run = replace(run.with_counts(counts), found=run.found or bool(changes))
    if len(plans) == PLANS:
        return replace(run, after=(plans[-1].ptk_id, plans[-1].period))
    return _at_the_end(run, planning)


async def _with_timers(
    planning: Planning, changes: list[Change], were: Mapping[Key, Mapping[str, Armed]]
) -> list[Change]:
    """The timers of where the plans have come to, by the values that are in force."""
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
