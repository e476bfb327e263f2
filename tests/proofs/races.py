"""Two commands on one plan at the same moment, each sent to another process; many lanes race side by side."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random
from statistics import fmean
from uuid import uuid4

from tests.identity_samples import ptk
from tests.proofs import stored
from tests.proofs.commands import kept_key, send
from tests.proofs.house import House
from tests.proofs.matrix import Pair
from tests.proofs.oracle import DONE, HEAD, Outcome, Sent, World, alone, outcomes
from tests.proofs.registry import Lane
from tests.proofs.starts import name_of

CHOICES = ("PK-PDP", "PK-UBK")
GUESSED = 0.05  # seconds that a command takes, until it has been measured


@dataclass(frozen=True)
class Race:
    """What was sent on a lane, in which order the sides stand, and what the oracle allows."""

    lane: Lane
    sent: tuple[Sent, Sent]
    sides: tuple[int, int]
    waits: tuple[float, float]
    keys: tuple[str, str]
    allowed: set[Outcome]


@dataclass
class Record:
    """How the races of a pair ended, by their answers; `faults` is what no order allows.

    `again`: where identity is too slow on a busy machine, planning goes by what it knew before the start. The oracle
    knows no such thing, so these are raced again.
    """

    races: int = 0
    again: int = 0
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


async def race(house: House, start: World, pair: Pair, times: int, chance: Random) -> Record:
    """Race a pair so many times. One of the two, or none, is sent later by up to what the other one takes."""
    record, pace = Record(), (GUESSED, GUESSED)
    await house.let_head(start.head)
    kept = await house.answers_kept()
    while record.races < times:
        await stored.restore(house.store, name_of(start))
        lanes = house.lanes[: times - record.races]
        races = [_drawn(lane, start, pair, pace, chance) for lane in lanes]
        ended = await asyncio.gather(*(_run(house, one) for one in races))
        if HEAD in pair:
            await house.follow()
            await house.let_head(start.head)
        kept, before = await house.answers_kept(), kept
        if kept != before:
            record.again += len(races)
            continue
        plans = await stored.read(house.store, [str(ptk(lane.teacher)) for lane in lanes])
        for one, (answers, _) in zip(races, ended, strict=True):
            record.ended[answers] += 1
            record.faults += _faults(one, start, answers, plans[str(ptk(one.lane.teacher))])
        record.races += len(races)
        pace = fmean(took for _, (took, _) in ended), fmean(took for _, (_, took) in ended)
    return record


def _drawn(lane: Lane, start: World, pair: Pair, pace: tuple[float, float], chance: Random) -> Race:
    """Both read the start; or one was read, as it were, after the other had been done."""
    first, second = (
        Sent(kind, start.version, start.head, choice) for kind, choice in zip(pair, CHOICES, strict=True)
    )
    late = chance.choice(("neither", "neither", "first", "second"))
    if late == "second":
        second = replace(second, expects=alone(start, first).version)
    elif late == "first":
        first = replace(first, expects=alone(start, second).version)
    waits = (chance.uniform(0, 1.2 * pace[1]), 0.0), (0.0, chance.uniform(0, 1.2 * pace[0]))
    later = {"first": waits[0], "second": waits[1]}.get(late, chance.choice(waits))
    return Race(
        lane,
        (first, second),
        chance.choice(((0, 1), (1, 0))),
        chance.choice(((0.0, 0.0), later, later)),
        (str(uuid4()), str(uuid4())),
        outcomes(start, first, second),
    )


async def _run(house: House, race: Race) -> tuple[Pair, tuple[float, float]]:
    """Both answers, and how long each took."""

    async def one(which: int) -> tuple[str, float]:
        await asyncio.sleep(race.waits[which])
        began = time.monotonic()
        answer = await send(house, race.sides[which], race.lane, race.sent[which], race.keys[which])
        return answer, time.monotonic() - began

    (first, one_took), (second, other_took) = await asyncio.gather(one(0), one(1))
    return (first, second), (one_took, other_took)


def _faults(race: Race, start: World, answered: tuple[str, str], plan: stored.Stored) -> list[str]:
    faults = list(plan.faults())
    head = "plt" if HEAD in {sent.kind for sent in race.sent} else start.head
    trail = plan.trail(start.version)
    left = Outcome(answered, World(plan.state, plan.version, head, plan.confirmed, plan.indikator, trail))
    if left not in race.allowed:
        faults.append(f"no order leads to {left}")
    sent = zip(race.sent, race.keys, answered, strict=True)
    done = {kept_key(one, key) for one, key, answer in sent if answer == DONE} - {None}
    if plan.keys.keys() != done:
        faults.append(f"keys {plan.keys} are kept, and {done} was done")
    return [f"{race.lane.npsn} {race.sent}: {fault}" for fault in faults]
