"""Commands of admins on migrations: order, stop, resume, roll back.

An order is checked completely before a plan moves. Each command is one transaction under one lock, so that of two
conflicting commands one is refused. The worker moves the plans afterwards (batches.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor, find_reason_problems
from services.planning.people.services import Services
from services.planning.period import store as period_store
from services.planning.period.model import find_unfit_parameters
from services.planning.plan_migration import store
from services.planning.plan_migration.model import (
    ID,
    MOVED_COUNT,
    ActKind,
    Migration,
    MigrationAct,
    MigrationRuns,
    Run,
    RunKind,
    list_act_problems,
)
from services.planning.plan_migration.queries import find_migration, load_migration
from services.planning.versions.model import VersionStatus
from services.planning.versions.proof import prove_definition
from services.planning.versions.queries import Version, load_version
from workflows.diff.state_map import check_state_map
from workflows.model.definition import Definition

MAX_REASON_LENGTH = 500  # part of an event of each plan
FROM, TO, STATES = ("from_version_id",), ("to_version_id",), ("state_mappings",)


@dataclass(frozen=True, slots=True)
class MigrationOrder:
    """An order: the versions (SHA-256), replacements of states, which plans, and the reason."""

    old_version: str
    new_version: str
    states: tuple[tuple[str, str], ...] = ()
    period: str | None = None
    npsn: str | None = None
    reason: str = ""


async def order_migration(services: Services, actor: AdminActor, order: MigrationOrder) -> MigrationRuns:
    """Order a migration. Raises RequestRefused with every problem, and stores nothing then."""
    old, new, problems = await _load_versions(services, order)
    problems += find_reason_problems(order.reason, MAX_REASON_LENGTH)
    if problems or old is None or new is None:
        raise RequestRefused(problems)
    problems = [
        Problem(fault.code, fault.params, (*STATES, *map(str, fault.path)))
        for fault in check_state_map(old, new, order.states)
    ]

    async def store_order(connection: Connection) -> MigrationRuns:
        await store.lock_migrations(connection)
        migration = Migration(
            number=await store.last_migration_number(connection) + 1,
            old_version=order.old_version,
            new_version=order.new_version,
            states=dict(order.states),
            period=order.period,
            npsn=order.npsn,
            by=actor,
            reason=order.reason,
            at=services.clock.now(),
        )
        plan_counts = await store.count_plans(order.old_version, order.period, order.npsn, connection)
        active_migrations = await store.select_unfinished_migrations(connection)
        order_problems = [*problems, *_list_overlaps(migration, active_migrations)]
        order_problems += (
            [Problem("migration.nobody", {}, FROM)]
            if not plan_counts
            else await _check_periods(services, new, plan_counts)
        )
        if order_problems:
            raise RequestRefused(order_problems)
        run = Run(RunKind.MIGRATE, migration.number, sum(plan_counts.values()), services.clock.now())
        await store.insert_migration(migration, connection)
        await store.insert_run(run, connection)
        return MigrationRuns(migration, run)

    return await run_in_transaction(store_order)


async def act_on_migration(
    services: Services, actor: AdminActor, kind: ActKind, number: int, reason: str
) -> MigrationRuns:
    """Stop, resume or roll back a migration.

    A batch in progress ends before the act takes effect. A rollback moves back every plan that has not changed since
    its move; plans that have not moved yet do not move. Raises RequestRefused with every problem.
    """
    act = MigrationAct(kind, actor, reason, services.clock.now())
    problems = list(find_reason_problems(act.reason, MAX_REASON_LENGTH))

    async def store_act(connection: Connection) -> MigrationRuns:
        await store.lock_migrations(connection)
        for run_kind in (RunKind.MIGRATE, RunKind.ROLLBACK):  # waits for the batch in progress
            await store.lock_run(run_kind, number, connection)
        runs = await find_migration(number, connection)
        if runs is None:
            raise RequestRefused([Problem("migration.unknown", {}, ID), *problems])
        act_problems = [*list_act_problems(runs, act.kind), *problems]
        if act.kind is ActKind.ROLL_BACK:
            active_migrations = await store.select_unfinished_migrations(connection)
            other_runs = [other for other in active_migrations if other.migration.number != number]
            act_problems += _list_overlaps(runs.migration, other_runs, ID)
        if act_problems:
            raise RequestRefused(act_problems)
        await store.insert_migration_act(runs.migration, act, connection)
        if act.kind is ActKind.ROLL_BACK:
            await _start_rollback(runs.forward, act, connection)
        else:
            await store.update_run(replace(runs.run, stopped=act.kind is ActKind.STOP), connection)
        return await load_migration(number, connection)

    return await run_in_transaction(store_act)


async def _start_rollback(forward: Run, act: MigrationAct, connection: Connection) -> None:
    ended_run = replace(forward, stopped=False, ended_at=forward.ended_at or act.at)
    await store.update_run(ended_run, connection)
    await store.insert_run(
        Run(RunKind.ROLLBACK, forward.number, forward.counts.get(MOVED_COUNT, 0), act.at), connection
    )


async def _load_versions(
    services: Services, order: MigrationOrder
) -> tuple[Definition | None, Definition | None, list[Problem]]:
    problems: list[Problem] = []
    if order.old_version == order.new_version:
        problems.append(Problem("migration.same_version", {}, TO))
    now = services.clock.now()
    old, new = (
        await load_version(order.old_version, now, services.connection),
        await load_version(order.new_version, now, services.connection),
    )
    old_definition, new_definition = (
        _read_definition(old, FROM, problems.append),
        _read_definition(new, TO, problems.append),
    )
    if new and new.status not in {VersionStatus.APPROVED, VersionStatus.PUBLISHED}:
        problems.append(Problem("migration.not_approved", {}, TO))
    elif new and new_definition:
        try:  # this release can have more rules than the one that checked it for the approval
            await prove_definition(new.body.encode(), TO)
        except RequestRefused as error:
            problems += error.problems
    return old_definition, new_definition, problems


def _read_definition(
    version: Version | None, path: tuple[str, ...], add_problem: Callable[[Problem], object]
) -> Definition | None:
    definition = version.definition() if version else None
    if definition is None:
        add_problem(Problem("workflow.beyond_release" if version else "workflow.unknown", {}, path))
    return definition


def _list_overlaps(
    migration: Migration, active_migrations: Collection[MigrationRuns], path: tuple[str, ...] = FROM
) -> Iterator[Problem]:
    """List the unfinished migrations that can move the same plans."""
    for other in active_migrations:
        if other.migration.overlaps(migration):
            yield Problem("migration.under_way", {"number": other.migration.number}, path)


async def _check_periods(services: Services, definition: Definition, codes: Collection[str]) -> list[Problem]:
    problems: list[Problem] = []
    for code in codes:
        used = await period_store.load_period(code, services.workflows, services.connection)
        problems += find_unfit_parameters(definition, used.period, services.clock.now()) if used else []
    return [replace(problem, path=TO) for problem in problems]
