"""Migrations there and back, while teachers submit and heads approve the same plans at other processes."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

from services.planning.people.services import Services
from services.planning.plan_migration import commands as migrations
from services.planning.plan_migration.batches import BatchRounds
from services.planning.plan_migration.model import ActKind, Run
from services.planning.plan_migration.queries import load_migration
from tests.identity_samples import ptk
from tests.integration.planning.workflow_versions import BUDI, SHIPPED_SHA256
from tests.proofs.cluster import Cluster
from tests.proofs.commands import send, stored_key
from tests.proofs.oracle import APPROVE, CONFLICT, DONE, SUBMIT, Command
from tests.proofs.plan_tables import read_plans, restore_tables, wait_until_idle
from tests.proofs.schools import SampleSchool

START_SPREAD_SECONDS = 0.15  # commands start within this time, about the duration of both migrations


@dataclass
class MigrationRaceResult:
    """Counts of answers and events, and the faults of all rounds.

    `repeated` counts rounds in which planning used cached facts, as in `RaceResult`.
    """

    rounds: int = 0
    repetitions: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


async def run_rounds(
    cluster: Cluster, services: Services, other_version: str, count: int, random: Random
) -> MigrationRaceResult:
    """Run `count` rounds in which planning used no cached facts."""
    result, cached_answer_count = MigrationRaceResult(), await cluster.count_cached_answers()
    while result.rounds < count:
        counts, faults = await _run_round(cluster, services, other_version, random)
        cached_answer_count, previous_count = await cluster.count_cached_answers(), cached_answer_count
        if cached_answer_count == previous_count:
            result.rounds += 1
            result.counts.update(counts)
            result.faults += faults
        else:
            result.repetitions += 1
    return result


async def _run_round(
    cluster: Cluster, services: Services, other_version: str, random: Random
) -> tuple[Counter[str], list[str]]:
    """Run all commands and both migrations at once, and check the plans. Returns counts and faults."""
    await restore_tables(cluster.connection, "draft")
    keys = {school: [str(uuid4()), str(uuid4())] for school in cluster.schools}
    counts, faults = Counter[str](), list[str]()
    order = migrations.MigrationOrder(SHIPPED_SHA256, other_version, reason="Lomba.")
    number = (await migrations.order_migration(services, BUDI, order)).migration.number
    sequences = (
        _submit_and_approve(cluster, school, keys[school], random.uniform(0, START_SPREAD_SECONDS))
        for school in cluster.schools
    )
    answers, _ = await asyncio.gather(asyncio.gather(*sequences), _migrate_and_roll_back(services, number))
    await wait_until_idle(cluster.connection)
    plans = await read_plans(cluster.connection, [str(ptk(school.teacher)) for school in cluster.schools])
    for school, school_answers in zip(cluster.schools, answers, strict=True):
        plan = plans[str(ptk(school.teacher))]
        events = plan.event_names(6)
        counts.update(school_answers)
        counts.update(events)
        faults += [f"{school.npsn}: {fault}" for fault in plan.find_faults()]
        if [answer for answer in school_answers if answer != CONFLICT] != [DONE, DONE]:
            faults.append(f"{school.npsn}: answers {school_answers}")
        if [event for event in events if event in (SUBMIT, APPROVE)] != [SUBMIT, APPROVE]:
            faults.append(f"{school.npsn}: events {events}")
        if plan.keys.keys() != {stored_key(Command(SUBMIT, 0, "definitif"), key) for key in keys[school]}:
            faults.append(f"{school.npsn}: keys {plan.keys}")
    return counts, [*faults, *await _find_version_faults(cluster, number, other_version)]


async def _migrate_and_roll_back(services: Services, number: int) -> None:
    """Migrate plans and roll the migration back. A plan whose command came first keeps its version."""
    batches = BatchRounds(services)
    migration = await load_migration(number, services.connection)
    await _run_to_end(batches, migration.forward)
    migration = await migrations.act_on_migration(services, BUDI, ActKind.ROLL_BACK, number, "Lomba.")
    await _run_to_end(batches, migration.run)


async def _run_to_end(batches: BatchRounds, run: Run) -> None:
    while run.ended_at is None:
        next_run = await batches.run_batch(run.kind, run.number)
        assert next_run is not None, "no other worker has taken the run"
        run = next_run


async def _submit_and_approve(
    cluster: Cluster, school: SampleSchool, keys: list[str], delay: float
) -> list[str]:
    """Submit and approve a plan; at a conflict read it again and repeat, as clients do. Returns all answers."""
    await asyncio.sleep(delay)
    answers = []
    for kind, key in zip((SUBMIT, APPROVE), keys, strict=True):
        answer = CONFLICT
        while answer == CONFLICT:
            command = Command(kind, await _read_version(cluster, school), "definitif")
            answer = await send(cluster, school.teacher % 2, school, command, key)
            answers.append(answer)
    return answers


async def _read_version(cluster: Cluster, school: SampleSchool) -> int:
    async with cluster.connection_lock:
        version = await cluster.connection.fetchval(
            "SELECT version FROM plan WHERE ptk_id = $1", ptk(school.teacher)
        )
    return int(version)


async def _find_version_faults(cluster: Cluster, number: int, other_version: str) -> list[str]:
    """Check that each plan has the workflow version of its last event, and that the migration's counts are right."""
    (row,) = await cluster.connection.fetch(
        "SELECT count(*) FILTER (WHERE p.workflow = $2) AS migrated, "
        "count(*) FILTER (WHERE p.workflow <> ALL($3)) AS unknown_version, "
        "count(*) FILTER (WHERE e.body::json ->> 'workflow' <> p.workflow) AS differs_from_event, "
        "(SELECT coalesce(sum(CASE WHEN is_backward THEN -1 ELSE 1 END), 0) FROM migration_outcome "
        "WHERE migration = $1 AND version IS NOT NULL) AS expected "
        "FROM plan p JOIN plan_event e USING (ptk_id, period, version)",
        number, other_version, [other_version, SHIPPED_SHA256],
    )  # fmt: skip
    is_consistent = (row["unknown_version"], row["differs_from_event"]) == (0, 0)
    if is_consistent and row["migrated"] == row["expected"]:
        return []
    return [f"migration {number}: {dict(row)}"]
