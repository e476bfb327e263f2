"""Outages of PostgreSQL, identity, planning and the worker: answers in time, nothing acknowledged lost, no restart."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import click
import pytest

from devtools.postgres import PrivatePostgres, create_roles
from devtools.service_process import ServiceProcess, free_port
from tests.databases import DatabaseCopies, temporary_postgres
from tests.proofs.cluster import Cluster, run_cluster
from tests.proofs.outages import (
    NO_ANSWER,
    OK,
    OUTCOMES,
    UNAVAILABLE,
    UNKNOWN,
    Outage,
    Teacher,
    find_store_faults,
    kill_postgres,
    locked_plan,
    measure_ready,
    observe,
    signal_postgres,
    start_postgres,
)
from tests.proofs.start_states import fill_in_plan
from tests.small_registry import ADMIN
from tests.until import until

SLACK_SECONDS = 3.0  # of a busy machine
READY_SECONDS = 2.0  # of the worker, after the database
REPEATS = 30  # of a save
SWEEPS = 6  # over all connections


@dataclass
class Stage:
    """A cluster on a separate PostgreSQL, with a worker, and the teachers who use it."""

    server: PrivatePostgres
    cluster: Cluster
    worker: ServiceProcess
    teachers: list[Teacher]
    request_seconds: float

    @property
    def dsn(self) -> str:
        return self.cluster.settings["RENCANA_PLANNING_DATABASE_URL"].replace("asyncpg", "postgresql", 1)

    async def finish(self, outage: Outage) -> None:
        """Print the table; check the answers, what is stored, and the log."""
        connection = await asyncpg.connect(self.dsn)
        faults = await find_store_faults(self.teachers, connection)
        await connection.close()
        await until(self._all_connections_are_free)
        click.echo("\n" + "\n".join(outage.rows()))
        saves = sum(len(teacher.keys) for teacher in self.teachers)
        click.echo(f"  {saves} saves acknowledged so far, faults: {faults or 'none'}")
        assert not faults
        assert {answer.outcome for answer in outage.answers} <= set(OUTCOMES)
        assert outage.slowest < self.request_seconds + SLACK_SECONDS
        for process in (self.cluster.planning[0], self.cluster.identity, self.worker):
            log = process.log.read_text("utf-8")
            assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]

    async def _all_connections_are_free(self) -> bool:
        async with self.cluster.session.get(f"{self.cluster.planning[0].url}/metrics") as response:
            return 'rencana_database_connections{state="used"} 0.0' in await response.text()


@pytest.fixture(scope="module")
async def stage(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """A short limit makes the small proof short."""
    folder: Path = tmp_path_factory.mktemp("outages")
    request_seconds = 10.0 if pytestconfig.getoption("--full") else 2.0
    with temporary_postgres() as server:
        administration = await asyncpg.connect(server.url("postgres").replace("asyncpg", "postgresql", 1))
        await create_roles(server, administration)
        copies = DatabaseCopies(server, administration, ["module"])
        settings = {"RENCANA_REQUEST_SECONDS": str(request_seconds), "RENCANA_WORKER_INTERVAL_SECONDS": "0.5"}
        async with run_cluster(copies, folder, 6, 1, 0, settings) as cluster:
            await asyncio.gather(*(fill_in_plan(cluster, school) for school in cluster.schools))
            worker = ServiceProcess("worker", free_port(), folder / "worker.log")
            await worker.start(cluster.settings)
            teachers = [Teacher(cluster, school) for school in cluster.schools]
            try:
                yield Stage(server, cluster, worker, teachers, request_seconds)
            finally:
                await worker.stop()
        administration.terminate()


async def nothing() -> None:
    """Do nothing: this fault ends without help."""


async def test_killed_postgres(stage: Stage) -> None:
    ready: list[float] = []

    async def start() -> None:
        await start_postgres(stage.server)
        ready.append(await measure_ready(stage.worker))

    outage = await observe("PostgreSQL killed", stage.teachers, lambda: kill_postgres(stage.server), start, 2)
    await stage.finish(outage)
    click.echo(f"  the worker is ready {ready[0]:.1f} s after the database")
    assert ready[0] < READY_SECONDS
    log = stage.cluster.planning[0].log.read_text("utf-8")
    assert log.count("the database is unavailable") == log.count("the database answers again") == 1


async def test_hung_postgres(stage: Stage) -> None:
    async def stop() -> None:
        signal_postgres(stage.server, signal.SIGSTOP)

    async def resume() -> None:
        began_at = time.monotonic()
        async with stage.cluster.session.post(
            f"{stage.cluster.identity.url}/dev/token", json={"email": ADMIN}
        ) as response:
            assert (response.status, response.headers["retry-after"]) == (503, "5")
        assert time.monotonic() - began_at < stage.request_seconds + SLACK_SECONDS, "sign-in waited"
        signal_postgres(stage.server, signal.SIGCONT)

    outage = await observe("PostgreSQL hung", stage.teachers, stop, resume, stage.request_seconds)
    await stage.finish(outage)
    assert any(answer.outcome == UNAVAILABLE for answer in outage.answers)


async def test_terminated_connections(stage: Stage) -> None:
    async def terminate() -> None:
        connection = await asyncpg.connect(stage.dsn)
        for _ in range(SWEEPS):
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await asyncio.sleep(0.5)
        await connection.close()

    outage = await observe("connections terminated", stage.teachers, terminate, nothing, 1)
    await stage.finish(outage)
    assert {answer.outcome for answer in outage.answers} <= {OK, UNKNOWN}, "a read was not repeated"


async def test_write_that_lost_its_connection_is_repeated_with_its_key(stage: Stage) -> None:
    teacher = stage.teachers[0]
    key = teacher.new_key()
    async with locked_plan(stage.dsn, teacher.school):
        save = asyncio.create_task(teacher.send_save(key))
        connection = await asyncpg.connect(stage.dsn)

        async def is_terminated() -> bool:
            return bool(
                await connection.fetchval(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                )
            )

        await until(is_terminated)
        await connection.close()
        assert (await save).outcome == UNKNOWN
    answer = await teacher.send_save(key)
    assert answer.outcome == OK
    teacher.version = answer.version


async def test_locked_row_delays_only_its_plan(stage: Stage) -> None:
    locked, *others = stage.teachers
    locked.answers.clear()
    key = locked.new_key()
    repeats: list[asyncio.Task[object]] = []

    async def repeat() -> None:
        repeats.extend(asyncio.create_task(locked.send_save(key)) for _ in range(REPEATS))

    async with locked_plan(stage.dsn, locked.school):
        outage = await observe("a row locked", others, repeat, nothing, stage.request_seconds)
        answers = [task.result() for task in repeats]
    locked_slowest = max(answer.seconds for answer in locked.answers)
    click.echo(f"\n{len(answers)} saves of the locked plan: at most {locked_slowest:.1f} s")
    assert locked_slowest < stage.request_seconds + SLACK_SECONDS
    assert {answer.outcome for answer in locked.answers} <= {UNAVAILABLE, UNKNOWN}
    assert {answer.outcome for answer in outage.answers} == {OK}
    await stage.finish(outage)
    assert outage.slowest < stage.request_seconds / 2, "the others waited"


async def test_killed_identity(stage: Stage) -> None:
    identity = stage.cluster.identity

    async def start() -> None:
        await identity.start(stage.cluster.settings)

    outage = await observe("identity killed", stage.teachers, identity.kill, start, 2)
    await stage.finish(outage)
    assert {answer.outcome for answer in outage.answers} == {OK}, "saving a tab asks identity nothing"


async def test_killed_planning_and_worker(stage: Stage) -> None:
    planning = stage.cluster.planning[0]

    async def kill() -> None:
        await asyncio.gather(planning.kill(), stage.worker.kill())

    async def start() -> None:
        await asyncio.gather(*(process.start(stage.cluster.settings) for process in (planning, stage.worker)))

    outage = await observe("planning and worker killed", stage.teachers, kill, start, 1)
    await stage.finish(outage)
    assert any(answer.outcome == NO_ANSWER for answer in outage.answers)
