"""`rencana worker` as a process: killed, stopped, and run with --once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from devtools.service_process import RENCANA, ServiceProcess, free_port, restrict_roles
from services.kit.database import Database
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
)
from tests.integration.planning.plans import submit_plan
from tests.integration.planning.reconciliation import (
    assert_each_approved_once,
    load_changes,
    load_feed_positions,
    load_states,
    lock_plan,
    replace_head_by_plt,
    submit_many_plans,
    wait_for_blocked_statements,
)
from tests.small_registry import OF_SMA, OF_SMP, PNS, SMA, appoint_plt
from tests.until import until

NOBODY = "http://127.0.0.1:9"
LAST_CHANGE = 1_000_000  # a worker that did not stop would follow the feed for a minute or more
ENDS_WITHIN_SECONDS = 10  # on a busy machine; alone it takes less than one
IDENTITY_UNAVAILABLE = 2  # the exit code of `rencana worker --once`


@pytest.fixture
async def environment(own_registry: Database, fresh_url: Fresh) -> AsyncIterator[Environment]:
    async with (
        connect_database(
            await fresh_url("services.planning", import_reference_data), "services.planning"
        ) as own,
        environment_at(own_registry, own) as environment,
    ):
        yield environment


def process_variables(environment: Environment, role: str = "worker", **changed: str) -> dict[str, str]:
    variables = {
        "RENCANA_ENV": "dev",
        "RENCANA_PLANNING_DATABASE_URL": environment.database.url,
        "RENCANA_IDENTITY_URL": str(environment.identity._base_url).rstrip("/"),
        "RENCANA_NOW": environment.now.isoformat(),
        "RENCANA_WORKER_INTERVAL_SECONDS": "0.1",
        **changed,
    }
    return restrict_roles(variables, planning=role)


async def start_worker(
    environment: Environment, log: Path, *words: str, **changed: str
) -> asyncio.subprocess.Process:
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            RENCANA,
            "worker",
            *words,
            stdout=output,
            stderr=output,
            env=process_variables(environment, **changed),
        )


async def run_worker_once(environment: Environment, log: Path) -> int:
    """Run `rencana worker --once` and return its exit code. Repeats it while identity is too slow, as a timer does."""
    exit_code = IDENTITY_UNAVAILABLE
    while exit_code == IDENTITY_UNAVAILABLE:
        exit_code = await (await start_worker(environment, log, "--once")).wait()
    return exit_code


async def test_killed_and_restarted_worker_decides_every_plan_once(
    environment: Environment, own_registry: Database, tmp_path: Path
) -> None:
    owners = await submit_many_plans(environment, own_registry)
    await replace_head_by_plt(own_registry, OF_SMP, at=environment.now)
    port, log = free_port(), tmp_path / "worker.log"
    async with lock_plan(environment, owners[10]):
        process = await start_worker(environment, log, RENCANA_WORKER_PORT=str(port))
        await wait_for_blocked_statements(environment)
        process.kill()
        await process.wait()
        assert list((await load_states(environment)).values()).count("auto_approved") in range(1, len(owners))
        assert await load_feed_positions(environment) == {}
    worker = ServiceProcess("worker", port, log)
    try:
        await worker.start(process_variables(environment, RENCANA_WORKER_PORT=str(port)))
        await assert_each_approved_once(environment, [*owners, str(ptk(PNS))])
        assert (await load_feed_positions(environment))["school_changes"] == (
            await load_changes(environment)
        )[-1]["seq"]
    finally:
        await worker.stop()


async def test_running_worker_reconciles_within_seconds_and_stops_cleanly(
    environment: Environment, own_registry: Database, tmp_path: Path
) -> None:
    await submit_plan(environment, OF_SMA)
    port, log = free_port(), tmp_path / "worker.log"
    worker = ServiceProcess("worker", port, log)
    await worker.start(process_variables(environment, RENCANA_WORKER_PORT=str(port)))
    process = worker.process
    assert process is not None
    try:
        assert set((await load_states(environment)).values()) == {"submitted"}
        with own_registry.active():
            await appoint_plt(OF_SMP, SMA, at=environment.now)

        async def approved() -> bool:
            return set((await load_states(environment)).values()) == {"auto_approved"}

        await until(approved)
    finally:
        await worker.stop()
    assert process.returncode == 0
    assert f"plan {ptk(OF_SMA)} 2024-1 is auto_approved now" in log.read_text("utf-8")


async def test_busy_worker_ends_within_seconds_and_begins_nothing_more(
    environment: Environment, own_registry: Database, tmp_path: Path
) -> None:
    connection = await asyncpg.connect(own_registry.dsn)
    await connection.execute(
        "INSERT INTO registry_change SELECT seq, 'school', '99999999', now() FROM generate_series(1000, $1) AS seq",
        LAST_CHANGE,
    )
    await connection.close()
    port, log = free_port(), tmp_path / "worker.log"
    process = await start_worker(environment, log, RENCANA_WORKER_PORT=str(port))

    async def is_busy() -> bool:
        return (await load_feed_positions(environment)).get("school_changes", 0) > 1000

    try:
        await until(is_busy)
        process.terminate()
        async with asyncio.timeout(ENDS_WITHIN_SECONDS):
            assert await process.wait() == 0
        position = (await load_feed_positions(environment))["school_changes"]
        await asyncio.sleep(0.5)
        assert (await load_feed_positions(environment))["school_changes"] == position < LAST_CHANGE
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_exit_code_of_once_says_whether_work_failed(
    environment: Environment, own_registry: Database, tmp_path: Path
) -> None:
    await submit_plan(environment, OF_SMA)
    log = tmp_path / "worker.log"
    unavailable = await start_worker(environment, log, "--once", RENCANA_IDENTITY_URL=NOBODY)
    assert await unavailable.wait() == IDENTITY_UNAVAILABLE
    assert "identity.unavailable" in log.read_text("utf-8")
    assert await load_feed_positions(environment) == {}
    await environment.sql("UPDATE plan SET workflow = repeat('f', 64)")
    assert await run_worker_once(environment, log) == 1
    assert (await load_feed_positions(environment))["school_changes"] == 0
    newest = "(SELECT sha256 FROM workflow_version LIMIT 1)"
    await environment.sql(f"UPDATE plan SET workflow = {newest}")
    with own_registry.active():
        await appoint_plt(OF_SMP, SMA, at=environment.now)
    assert await run_worker_once(environment, log) == 0
    assert set((await load_states(environment)).values()) == {"auto_approved"}
