"""Plans are moved to another version and back, while at other processes teachers submit and heads approve."""

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
from tests.integration.planning.workflow_versions import BUDI, SHIPPED
from tests.proofs import stored
from tests.proofs.commands import kept_key, send
from tests.proofs.house import House
from tests.proofs.oracle import APPROVE, DONE, SUBMIT, Sent
from tests.proofs.registry import Lane

CONFLICT = "version.conflict"
SPREAD = 0.15  # seconds within which commands begin: as long as the moves take, about


@dataclass
class Crossing:
    """What rounds came to; `faults` is what must never be. `again`: as in races.py, identity was too slow to ask."""

    rounds: int = 0
    again: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Crossing) -> None:
        """One more round."""
        self.rounds += 1
        self.counts.update(other.counts)
        self.faults += other.faults


async def cross_often(house: House, services: Services, other: str, times: int, chance: Random) -> Crossing:
    """So many rounds in which planning went by what identity says now."""
    record, kept = Crossing(), await house.answers_kept()
    while record.rounds < times:
        one = Crossing()
        await cross(house, services, other, chance, one)
        kept, before = await house.answers_kept(), kept
        if kept == before:
            record.add(one)
        else:
            record.again += 1
    return record


async def cross(house: House, services: Services, other: str, chance: Random, record: Crossing) -> None:
    """One round: everybody at once, and then the look at what stands."""
    await stored.restore(house.store, "draft")
    lanes = house.lanes
    keys = {lane: [str(uuid4()), str(uuid4())] for lane in lanes}
    number = (
        await migrations.order_migration(
            services, BUDI, migrations.MigrationOrder(SHIPPED, other, reason="Lomba.")
        )
    ).migration.number
    await asyncio.gather(
        _there_and_back(services, number),
        *(_walk(house, lane, keys[lane], chance.uniform(0, SPREAD), record) for lane in lanes),
    )
    await stored.settled(house.store)
    plans = await stored.read(house.store, [str(ptk(lane.teacher)) for lane in lanes])
    for lane in lanes:
        plan = plans[str(ptk(lane.teacher))]
        faults = [*plan.faults()]
        trail = plan.trail(6)
        if [step for step in trail if step in (SUBMIT, APPROVE)] != [SUBMIT, APPROVE]:
            faults.append(f"trail {trail}")
        if plan.keys.keys() != {kept_key(Sent(SUBMIT, 0, "definitif"), key) for key in keys[lane]}:
            faults.append(f"keys {plan.keys}")
        record.counts.update(trail)
        record.faults += [f"{lane.npsn}: {fault}" for fault in faults]
    await _versions_add_up(house, number, other, record)


async def _there_and_back(services: Services, number: int) -> None:
    """To the other version and back; who was quicker on the way stays there."""
    long_work = BatchRounds(services)
    course = await load_migration(number, services.connection)
    await _to_the_end(long_work, course.forward)
    course = await migrations.act_on_migration(services, BUDI, ActKind.UNDO, number, "Lomba.")
    await _to_the_end(long_work, course.run)


async def _to_the_end(long_work: BatchRounds, run: Run) -> None:
    while run.ended_at is None:
        found = await long_work.run_batch(run.kind, run.number)
        assert found is not None, "nobody else is at it"
        run = found


async def _walk(house: House, lane: Lane, keys: list[str], late: float, record: Crossing) -> None:
    """Submit and have approved, reading the plan again at each conflict, as a client does."""
    await asyncio.sleep(late)
    for kind, key in zip((SUBMIT, APPROVE), keys, strict=True):
        answer = CONFLICT
        while answer == CONFLICT:
            version = await _version(house, lane)
            answer = await send(house, lane.teacher % 2, lane, Sent(kind, version, "definitif"), key)
            record.counts[answer] += 1
        if answer != DONE:
            record.faults.append(f"{lane.npsn}: {kind} was answered {answer}")


async def _version(house: House, lane: Lane) -> int:
    """The version that a client reads: what the service shows is what stands there."""
    async with house.reading:
        version = await house.store.fetchval("SELECT version FROM plan WHERE ptk_id = $1", ptk(lane.teacher))
    return int(version)


async def _versions_add_up(house: House, number: int, other: str, record: Crossing) -> None:
    """Every plan lives by one version, that of its last event; moved less moved back are those who stay."""
    (row,) = await house.store.fetch(
        "SELECT count(*) FILTER (WHERE p.workflow = $2) AS there, "
        "count(*) FILTER (WHERE p.workflow <> ALL($3)) AS lost, "
        "count(*) FILTER (WHERE e.body::json ->> 'workflow' <> p.workflow) AS parted, "
        "(SELECT count(*) FILTER (WHERE NOT back AND version IS NOT NULL) - count(*) FILTER (WHERE back AND version IS "
        "NOT NULL) FROM migration_outcome WHERE migration = $1) AS stayed "
        "FROM plan p JOIN plan_event e USING (ptk_id, period, version)", number, other, [other, SHIPPED],
    )  # fmt: skip
    if (row["lost"], row["parted"]) != (0, 0) or row["there"] != row["stayed"]:
        record.faults.append(f"migration {number}: {dict(row)}")
