"""A planning process is killed among submits and approvals; what it acknowledged stands, every repeat is answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

import aiohttp

from tests.identity_samples import ptk
from tests.proofs import stored
from tests.proofs.commands import kept_key, send
from tests.proofs.house import House
from tests.proofs.oracle import APPROVE, DONE, MANY, REPEATED, SUBMIT, Sent
from tests.proofs.registry import Lane

SUBMITTED = Sent(SUBMIT, 6, "definitif")
COURSES = tuple((SUBMITTED, Sent(approved, 7, "definitif")) for approved in (APPROVE, MANY))
LOST, CLOSED = "lost", "never sent"  # no answer came; the process was gone already


@dataclass
class Request:
    """A command that was sent, and its answer."""

    sent: Sent
    key: str
    answer: str = LOST

    def version_in(self, plan: stored.Stored) -> int | None:
        """The version that was stored with its key, if it was."""
        return plan.keys.get(str(kept_key(self.sent, self.key)))


@dataclass
class Toll:
    """What the kills came to; `faults` is what must never be."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Burst:
    """All lanes submit and have approved at once, most of them at the victim, which is killed after some answers."""

    def __init__(self, house: House, victim: int, chance: Random) -> None:
        self.house, self.victim, self.survivor = house, victim, (victim + 1) % len(house.plannings)
        self.requests: dict[Lane, list[Request]] = {lane: [] for lane in house.lanes}
        self.left, self.delay = chance.randrange(2 * len(house.lanes)), chance.uniform(0, 0.01)
        self.enough = asyncio.Event()

    async def run(self) -> None:
        """Until every lane is through, or has lost its answer."""
        await asyncio.gather(self._kill(), *(self._walk(n, lane) for n, lane in enumerate(self.house.lanes)))

    async def _walk(self, number: int, lane: Lane) -> None:
        side = self.survivor if number % 4 == 3 else self.victim
        for sent in COURSES[number % 2]:
            request = Request(sent, str(uuid4()))
            self.requests[lane].append(request)
            try:
                request.answer = await send(self.house, side, lane, sent, request.key)
            except aiohttp.ClientConnectorError:
                request.answer = CLOSED
            except aiohttp.ClientError:
                pass
            self._answered()
            if request.answer != DONE:
                break

    def _answered(self) -> None:
        self.left -= 1
        if self.left <= 0:
            self.enough.set()

    async def _kill(self) -> None:
        if self.left:
            await self.enough.wait()
        await asyncio.sleep(self.delay)
        await self.house.plannings[self.victim].kill()


async def kill_once(house: House, victim: int, chance: Random, toll: Toll) -> None:
    """One kill, the check of what stands, every request again at the survivor, and the check once more."""
    await stored.restore(house.store, "draft")
    burst = Burst(house, victim, chance)
    await burst.run()
    await stored.settled(house.store)
    plans = await _plans(house)
    repeated = await asyncio.gather(*(_repeat(burst, lane) for lane in house.lanes))
    after = await _plans(house)
    for (lane, requests), answers in zip(burst.requests.items(), repeated, strict=True):
        kept = [one for one in requests if one.version_in(plans[lane])]
        faults = [*_faults(plans[lane], kept), *_faults(after[lane], requests)]
        if not {one.key for one in requests if one.answer == DONE} <= {one.key for one in kept}:
            faults.append("acknowledged, and not stored")
        if answers != [REPEATED if one in kept else DONE for one in requests]:
            faults.append(f"the repeats answered {answers}")
        toll.faults += [f"{lane.npsn} {requests}: {fault}" for fault in faults]
        toll.counts.update(one.answer for one in requests)
        toll.counts.update(f"repeat: {answer}" for answer in answers)
        toll.counts["lost, yet stored"] += sum(one.answer == LOST for one in kept)
        toll.counts["requests"] += len(requests)
    toll.counts["kills"] += 1


async def _repeat(burst: Burst, lane: Lane) -> list[str]:
    return [await send(burst.house, burst.survivor, lane, one.sent, one.key) for one in burst.requests[lane]]


async def _plans(house: House) -> dict[Lane, stored.Stored]:
    plans = await stored.read(house.store, [str(ptk(lane.teacher)) for lane in house.lanes])
    return {lane: plans[str(ptk(lane.teacher))] for lane in house.lanes}


def _faults(plan: stored.Stored, kept: list[Request]) -> Iterable[str]:
    """Besides the rules of the store: the events are those of the keys, each once and in order."""
    yield from plan.faults()
    trail = tuple(APPROVE if one.sent.kind == MANY else one.sent.kind for one in kept)
    versions = [one.version_in(plan) for one in kept]
    if plan.trail(6) != trail or versions != [one.sent.expects + 1 for one in kept]:
        yield f"{plan.trail(6)} with keys at {versions}"
