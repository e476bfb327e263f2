"""Migrations as admins order, stop, resume and undo them. All that can be found wrong is found before a plan moves.

Every order and act is one transaction under one lock, so of two that exclude each other one is refused. Plans are moved
afterwards, batch by batch (move_plans.py), by the worker or by whoever works it off.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.text import find_text_problems
from services.planning.callers.model import AdminActor
from services.planning.people.services import Services
from services.planning.period import store as period_store
from services.planning.period.model import find_unfit_parameters
from services.planning.plan_migration import store
from services.planning.plan_migration.model import (
    ID,
    MOVED,
    Act,
    Acted,
    Course,
    Migration,
    Run,
    Work,
    refusals,
)
from services.planning.plan_migration.queries import migration_of
from services.planning.versions.model import VersionStatus
from services.planning.versions.proof import prove_definition
from services.planning.versions.queries import Version, load_version
from workflows.diff.state_map import check_state_map
from workflows.model.definition import Definition

LONGEST_REASON = 500  # it stands in the event of each plan
FROM, TO, STATES, REASON = ((name,) for name in ("from", "to", "states", "reason"))


@dataclass(frozen=True, slots=True)
class Order:
    """From which version to which (SHA-256), states that names alone do not tell, which plans, and why."""

    old: str
    new: str
    states: tuple[tuple[str, str], ...] = ()
    period: str | None = None
    npsn: str | None = None
    reason: str = ""


async def migrate(services: Services, by: AdminActor, order: Order) -> Course:
    """Order living plans to be moved; Refused with everything that stands against it, and then nothing is stored."""
    old, new, faults = await _versions(services, order)
    faults += _reason_faults(order.reason)
    if faults or old is None or new is None:
        raise RequestRefused(faults)
    faults = [
        Problem(one.code, one.params, (*STATES, *map(str, one.path)))
        for one in check_state_map(old, new, order.states)
    ]

    async def work(connection: Connection) -> Course:
        await store.lock_migrations(connection)
        migration = Migration(
            number=await store.last_migration_number(connection) + 1,
            old=order.old,
            new=order.new,
            states=dict(order.states),
            period=order.period,
            npsn=order.npsn,
            by=by,
            reason=order.reason.strip(),
            at=services.clock.now(),
        )
        plans = await store.count_concerned(order.old, order.period, order.npsn, connection)
        unfinished = await store.select_unfinished_migrations(connection)
        wrong = [*faults, *_among_others(migration, unfinished)]
        wrong += [Problem("migration.nobody", {}, FROM)] if not plans else await _unfit(services, new, plans)
        if wrong:
            raise RequestRefused(wrong)
        run = Run(Work.MIGRATE, migration.number, sum(plans.values()), services.clock.now())
        await store.insert_migration(migration, connection)
        await store.insert_run(run, connection)
        return Course(migration, run)

    return await run_in_transaction(work)


async def stop(services: Services, by: AdminActor, number: int, reason: str) -> Course:
    """Move no further plan, there or back, until it is resumed; the batch at hand is finished first."""
    return await _act(services, Acted(Act.STOP, by, reason, services.clock.now()), number)


async def resume(services: Services, by: AdminActor, number: int, reason: str) -> Course:
    """Go on where it was stopped."""
    return await _act(services, Acted(Act.RESUME, by, reason, services.clock.now()), number)


async def undo(services: Services, by: AdminActor, number: int, reason: str) -> Course:
    """Take back every plan to which nothing has happened since; what is not moved yet, stays where it is."""
    return await _act(services, Acted(Act.UNDO, by, reason, services.clock.now()), number)


async def _act(services: Services, acted: Acted, number: int) -> Course:
    faults = _reason_faults(acted.reason)

    async def work(connection: Connection) -> Course:
        await store.lock_migrations(connection)
        for one in (Work.MIGRATE, Work.UNDO):  # whoever does a batch of it ends that first
            await store.lock_run(one, number, connection)
        course = await store.find_migration(number, connection)
        if course is None:
            raise RequestRefused([Problem("migration.unknown", {}, ID), *faults])
        wrong = [*refusals(course, acted.act), *faults]
        if acted.act is Act.UNDO:
            unfinished = await store.select_unfinished_migrations(connection)
            others = [one for one in unfinished if one.migration.number != number]
            wrong += _among_others(course.migration, others, ID)
        if wrong:
            raise RequestRefused(wrong)
        await store.insert_migration_act(
            course.migration, replace(acted, reason=acted.reason.strip()), connection
        )
        if acted.act is Act.UNDO:
            await _turn_back(course.there, acted, connection)
        else:
            await store.update_run(replace(course.run, stopped=acted.act is Act.STOP), connection)
        return await migration_of(number, connection)

    return await run_in_transaction(work)


async def _turn_back(there: Run, acted: Acted, connection: Connection) -> None:
    ended = replace(there, stopped=False, ended_at=there.ended_at or acted.at)
    await store.update_run(ended, connection)
    await store.insert_run(Run(Work.UNDO, there.number, there.counts.get(MOVED, 0), acted.at), connection)


async def _versions(
    services: Services, order: Order
) -> tuple[Definition | None, Definition | None, list[Problem]]:
    faults: list[Problem] = []
    if order.old == order.new:
        faults.append(Problem("migration.same_version", {}, TO))
    now = services.clock.now()
    old, new = (
        await load_version(order.old, now, services.connection),
        await load_version(order.new, now, services.connection),
    )
    first, second = _read(old, FROM, faults.append), _read(new, TO, faults.append)
    if new and new.status not in {VersionStatus.APPROVED, VersionStatus.PUBLISHED}:
        faults.append(Problem("migration.not_approved", {}, TO))
    elif new and second:
        try:  # the linter may know more by now than when it was approved
            await prove_definition(new.body.encode(), TO)
        except RequestRefused as refused:
            faults += refused.problems
    return first, second, faults


def _read(
    version: Version | None, path: tuple[str, ...], wrong: Callable[[Problem], object]
) -> Definition | None:
    definition = version.definition() if version else None
    if definition is None:
        wrong(Problem("workflow.beyond_release" if version else "workflow.unknown", {}, path))
    return definition


def _reason_faults(reason: str) -> list[Problem]:
    missing = [] if reason.strip() else [Problem("reason.missing", {}, REASON)]
    return [*missing, *find_text_problems(reason, LONGEST_REASON, REASON)]


def _among_others(
    migration: Migration, others: Collection[Course], path: tuple[str, ...] = FROM
) -> Iterator[Problem]:
    """Others would move on what this one moves, or brings back."""
    for other in others:
        if other.migration.meets(migration):
            yield Problem("migration.under_way", {"number": other.migration.number}, path)


async def _unfit(services: Services, definition: Definition, codes: Collection[str]) -> list[Problem]:
    problems: list[Problem] = []
    for code in codes:
        used = await period_store.load_period(code, services.workflows, services.connection)
        problems += find_unfit_parameters(definition, used.period, services.clock.now()) if used else []
    return [replace(problem, path=TO) for problem in problems]
