"""Outages: what teachers see, second by second, while a part of Rencana is killed or hangs, and what is stored."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg

from devtools.postgres import PrivatePostgres, restart_postgres
from devtools.service_process import ServiceProcess
from tests.identity_samples import ptk
from tests.integration.planning.plans import INDIKATOR
from tests.proofs.cluster import Cluster, plan_id_of
from tests.proofs.plan_tables import read_plans
from tests.proofs.schools import SampleSchool
from tests.small_registry import email_of
from tests.until import until

OK, NO_ANSWER = "ok", "no answer"
UNAVAILABLE, UNKNOWN = "database.unavailable", "database.outcome_unknown"
OUTCOMES = (OK, UNAVAILABLE, UNKNOWN, NO_ANSWER)
FIRST_VERSION = 6  # of a plan that is filled in
SAVE = """mutation S($input: SavePraktikKinerjaInput!) { answer: savePraktikKinerja(input: $input) { __typename
  ... on SavePraktikKinerjaPayload { plan { version } } ... on Failure { problems { code } } } }"""
READ = "query Q($id: ID!) { answer: plan(id: $id) { version } }"


@dataclass(frozen=True)
class Answer:
    """An outcome, when its request began, and how long it took."""

    outcome: str
    began_at: float
    seconds: float
    version: int = 0


@dataclass
class Teacher:
    """Saves the plan of a school again and again, with one key until it is acknowledged, and reads it."""

    cluster: Cluster
    school: SampleSchool
    version: int = FIRST_VERSION
    keys: dict[str, int] = field(default_factory=dict)  # with the version that the save expects
    answers: list[Answer] = field(default_factory=list)

    async def save(self) -> None:
        """Save until cancelled."""
        while True:
            key = self.new_key()
            while (answer := await self.send_save(key)).outcome != OK:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.1)
            self.version = answer.version
            await asyncio.sleep(0.02)

    def new_key(self) -> str:
        """Return the key of the next save."""
        key = str(uuid4())
        self.keys[key] = self.version
        return key

    async def read(self) -> None:
        """Read until cancelled."""
        while True:
            await self._send(READ, {"id": plan_id_of(self.school)})
            await asyncio.sleep(0.05)

    async def send_save(self, key: str) -> Answer:
        """Save once."""
        plan = {"planId": plan_id_of(self.school), "expectedVersion": self.keys[key], "idempotencyKey": key}
        return await self._send(SAVE, {"input": plan | INDIKATOR})

    async def _send(self, query: str, variables: dict[str, Any]) -> Answer:
        began_at = time.monotonic()
        outcome, version = await self._post({"query": query, "variables": variables})
        self.answers.append(Answer(outcome, began_at, time.monotonic() - began_at, version))
        return self.answers[-1]

    async def _post(self, body: dict[str, Any]) -> tuple[str, int]:
        headers = {"authorization": f"Bearer {await self.cluster.token(email_of(self.school.teacher))}"}
        url = f"{self.cluster.planning[0].url}/graphql"
        try:
            async with self.cluster.session.post(url, json=body, headers=headers) as response:
                answer = await response.json()
        except aiohttp.ClientError:
            return NO_ANSWER, 0
        if "errors" in answer:
            codes = {error["extensions"]["problem"]["code"] for error in answer["errors"]}
            is_right = response.status == 503 and "retry-after" in response.headers
            return "+".join(codes) if is_right else f"{response.status} {codes}", 0
        result = answer["data"]["answer"]
        if "problems" in result:
            return str(result["problems"]), 0
        return OK, int(result.get("plan", result)["version"])


@dataclass
class Outage:
    """What was seen during one fault: `began_at` and `ended_at` are its bounds."""

    name: str
    answers: list[Answer] = field(default_factory=list)
    began_at: float = 0.0
    ended_at: float = 0.0
    recovery_seconds: float = 0.0

    def rows(self) -> Iterator[str]:
        """Yield the lines of the table."""
        length, recovery = self.ended_at - self.began_at, self.recovery_seconds
        yield f"{self.name}: {length:.1f} s, everybody served {recovery:.1f} s after its end"
        seconds: dict[int, list[Answer]] = {}
        for answer in self.answers:
            seconds.setdefault(int(answer.began_at + answer.seconds - self.began_at), []).append(answer)
        for second, answers in sorted(seconds.items()):
            counts = Counter(answer.outcome for answer in answers)
            texts = [f"{counts[outcome]:>4} {outcome}" for outcome in OUTCOMES if counts[outcome]]
            yield f"  {second:>3} s  slowest {max(a.seconds for a in answers):4.1f} s  {', '.join(texts)}"

    @property
    def slowest(self) -> float:
        """The longest time that an answer took."""
        return max(answer.seconds for answer in self.answers)


Fault = Callable[[], Awaitable[None]]


async def observe(name: str, teachers: list[Teacher], begin: Fault, end: Fault, seconds: float) -> Outage:
    """Let teachers work before, during and after a fault. Returns once everybody has been served again."""
    outage = Outage(name)
    for teacher in teachers:
        teacher.answers.clear()
    tasks = [asyncio.create_task(work()) for teacher in teachers for work in (teacher.save, teacher.read)]
    try:
        await asyncio.sleep(0.5)
        outage.began_at = time.monotonic()
        await begin()
        await asyncio.sleep(seconds)
        await end()
        outage.ended_at = time.monotonic()

        async def all_are_served() -> bool:
            return all(_is_served(teacher, outage.ended_at) for teacher in teachers)

        await until(all_are_served)
        outage.recovery_seconds = time.monotonic() - outage.ended_at
        await asyncio.sleep(1.5)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    outage.answers = [answer for teacher in teachers for answer in teacher.answers]
    return outage


def _is_served(teacher: Teacher, since: float) -> bool:
    return any(
        answer.outcome == OK and answer.version > 0 and answer.began_at > since for answer in teacher.answers
    )


async def find_store_faults(teachers: list[Teacher], connection: asyncpg.Connection) -> list[str]:
    """Repeat what was not acknowledged, and compare what was acknowledged with what is stored."""
    faults = []
    for teacher in teachers:
        if not teacher.keys:
            continue
        answer = await teacher.send_save([*teacher.keys][-1])
        if answer.outcome == OK:
            teacher.version = max(teacher.version, answer.version)
        else:
            faults.append(f"{teacher.school.npsn}: the last save ends with {answer.outcome}")
    plans = await read_plans(connection, [str(ptk(teacher.school.teacher)) for teacher in teachers])
    for teacher in teachers:
        plan = plans[str(ptk(teacher.school.teacher))]
        faults += plan.find_faults()
        if not teacher.keys.keys() <= plan.keys.keys():
            faults.append(f"{plan.ptk_id}: acknowledged, but not stored")
        if plan.version != FIRST_VERSION + len(teacher.keys):
            faults.append(f"{plan.ptk_id}: version {plan.version} after {len(teacher.keys)} saves")
    return faults


def postgres_pids(server: PrivatePostgres) -> list[int]:
    """Return the processes of a server, the postmaster first."""
    postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    pids = [postmaster]
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == postmaster:
                pids.append(int(folder.name))
    return pids


def signal_postgres(server: PrivatePostgres, number: int) -> None:
    """Send a signal to every process of a server."""
    for pid in postgres_pids(server):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


async def kill_postgres(server: PrivatePostgres) -> None:
    """Kill a server as a crash does."""
    pids = postgres_pids(server)
    signal_postgres(server, signal.SIGKILL)

    async def are_gone() -> bool:
        return not any(_is_running(pid) for pid in pids)

    await until(are_gone)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def start_postgres(server: PrivatePostgres) -> None:
    """Start a killed server."""
    await asyncio.to_thread(restart_postgres, server)


@asynccontextmanager
async def locked_plan(dsn: str, school: SampleSchool) -> AsyncIterator[None]:
    """Hold the row of a plan."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute("SELECT FROM plan WHERE ptk_id = $1 FOR UPDATE", ptk(school.teacher))
            yield
    finally:
        await connection.close()


async def measure_ready(process: ServiceProcess) -> float:
    """Return the seconds until a process says that it is ready."""
    began_at = time.monotonic()
    async with aiohttp.ClientSession() as session:

        async def is_ready() -> bool:
            async with session.get(f"{process.url}/readyz") as response:
                return response.status == 200

        await until(is_ready)
    return time.monotonic() - began_at
