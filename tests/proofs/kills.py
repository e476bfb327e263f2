"""Kills: a process of planning is killed during commands; every acknowledged command must be stored."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

import aiohttp

from tests.identity_samples import ptk
from tests.proofs.cluster import Cluster
from tests.proofs.commands import send, stored_key
from tests.proofs.oracle import APPROVE, BULK_APPROVE, DONE, REPLAYED, SUBMIT, Command
from tests.proofs.plan_tables import PlanRows, read_plans, restore_tables, wait_until_idle
from tests.proofs.schools import SampleSchool

SUBMISSION = Command(SUBMIT, 6, "definitif")
COMMAND_SEQUENCES = tuple((SUBMISSION, Command(kind, 7, "definitif")) for kind in (APPROVE, BULK_APPROVE))
NO_ANSWER, NOT_SENT = "no answer", "not sent"  # not sent: the process accepted no connection


@dataclass
class Request:
    """A command that was sent, and its answer."""

    command: Command
    key: str
    answer: str = NO_ANSWER

    def version_in(self, plan: PlanRows) -> int | None:
        """Return the version that the command stored, None if it stored nothing."""
        return plan.keys.get(str(stored_key(self.command, self.key)))


@dataclass
class KillResult:
    """Counts of answers, and the faults of all kills."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Burst:
    """Concurrent commands of all schools, most of them at the process that is killed after a number of answers."""

    def __init__(self, cluster: Cluster, victim: int, random: Random) -> None:
        self.cluster, self.victim = cluster, victim
        self.survivor = (victim + 1) % len(cluster.planning)
        self.requests: dict[SampleSchool, list[Request]] = {school: [] for school in cluster.schools}
        self.answers_until_kill = random.randrange(2 * len(cluster.schools))
        self.delay = random.uniform(0, 0.01)
        self.kill_now = asyncio.Event()

    async def run(self) -> None:
        """Send every sequence of commands, each until a command gets no answer, and kill the process."""
        sequences = (
            self._send_sequence(number, school) for number, school in enumerate(self.cluster.schools)
        )
        await asyncio.gather(self._kill(), *sequences)

    async def _send_sequence(self, number: int, school: SampleSchool) -> None:
        process = self.survivor if number % 4 == 3 else self.victim
        for command in COMMAND_SEQUENCES[number % 2]:
            request = Request(command, str(uuid4()))
            self.requests[school].append(request)
            try:
                request.answer = await send(self.cluster, process, school, command, request.key)
            except aiohttp.ClientConnectorError:
                request.answer = NOT_SENT
            except aiohttp.ClientError:
                pass
            self.answers_until_kill -= 1
            if self.answers_until_kill <= 0:
                self.kill_now.set()
            if request.answer != DONE:
                break

    async def _kill(self) -> None:
        if self.answers_until_kill:
            await self.kill_now.wait()
        await asyncio.sleep(self.delay)
        await self.cluster.planning[self.victim].kill()


async def kill_and_repeat(cluster: Cluster, victim: int, random: Random, result: KillResult) -> None:
    """Kill a process during a burst and check the plans; repeat every request and check the plans again."""
    await restore_tables(cluster.connection, "draft")
    burst = Burst(cluster, victim, random)
    await burst.run()
    await wait_until_idle(cluster.connection)
    before = await _read_plans(cluster)
    repeats = await asyncio.gather(*(_repeat(burst, school) for school in cluster.schools))
    after = await _read_plans(cluster)
    for (school, requests), answers in zip(burst.requests.items(), repeats, strict=True):
        stored_requests = [request for request in requests if request.version_in(before[school])]
        faults = [*_find_faults(before[school], stored_requests), *_find_faults(after[school], requests)]
        if any(request.answer == DONE and request not in stored_requests for request in requests):
            faults.append("acknowledged, but not stored")
        if answers != [REPLAYED if request in stored_requests else DONE for request in requests]:
            faults.append(f"the repeated requests were answered {answers}")
        result.faults += [f"{school.npsn} {requests}: {fault}" for fault in faults]
        result.counts.update(request.answer for request in requests)
        result.counts.update(f"repeat: {answer}" for answer in answers)
        result.counts["no answer, but stored"] += sum(
            request.answer == NO_ANSWER for request in stored_requests
        )
        result.counts["requests"] += len(requests)
    result.counts["kills"] += 1


async def _repeat(burst: Burst, school: SampleSchool) -> list[str]:
    return [
        await send(burst.cluster, burst.survivor, school, request.command, request.key)
        for request in burst.requests[school]
    ]


async def _read_plans(cluster: Cluster) -> dict[SampleSchool, PlanRows]:
    plans = await read_plans(cluster.connection, [str(ptk(school.teacher)) for school in cluster.schools])
    return {school: plans[str(ptk(school.teacher))] for school in cluster.schools}


def _find_faults(plan: PlanRows, stored_requests: list[Request]) -> Iterator[str]:
    """Describe broken rules of the store, and events other than those of the stored requests, in order."""
    yield from plan.find_faults()
    kinds = (request.command.kind for request in stored_requests)
    expected = tuple(APPROVE if kind == BULK_APPROVE else kind for kind in kinds)
    versions = [request.version_in(plan) for request in stored_requests]
    if plan.event_names(6) != expected or versions != [
        request.command.expected_version + 1 for request in stored_requests
    ]:
        yield f"{plan.event_names(6)} with keys at {versions}"
