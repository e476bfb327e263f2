"""`rencana worker` as a process of its own: killed in the middle, stopped in order, run once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devtools.service_process import RENCANA, ServiceProcess, free_port
from services.kit.database import Database
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.composing import submitted
from tests.integration.planning.following import (
    crowd_waits,
    each_decided_once,
    feed,
    led_by_plt,
    plan_held,
    positions,
    somebody_waits,
    states,
)
from tests.integration.planning.house import House, connected, house_at, import_reference
from tests.small_registry import OF_SMA, OF_SMP, PNS, SMA, appoint_plt
from tests.until import until

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
async def house(changing: Database, fresh_url: Fresh) -> AsyncIterator[House]:
    async with connected(await fresh_url("services.planning"), "services.planning") as own:
        await import_reference(own)
        async with house_at(changing, own) as house:
            yield house


def environment(house: House, **changed: str) -> dict[str, str]:
    return {
        "RENCANA_ENV": "dev",
        "RENCANA_PLANNING_DATABASE_URL": house.database.url,
        "RENCANA_IDENTITY_URL": str(house.identity._base_url).rstrip("/"),
        "RENCANA_NOW": house.now.isoformat(),
        "RENCANA_WORKER_INTERVAL_SECONDS": "0.1",
        **changed,
    }


async def started(house: House, log: Path, *words: str, **changed: str) -> asyncio.subprocess.Process:
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            RENCANA, "worker", *words, stdout=output, stderr=output, env=environment(house, **changed)
        )


async def test_killed_in_the_middle_and_begun_again_every_plan_is_decided_once(
    house: House, changing: Database, tmp_path: Path
) -> None:
    owners = await crowd_waits(house, changing)
    await led_by_plt(changing, OF_SMP, at=house.now)
    port, log = free_port(), tmp_path / "worker.log"
    async with plan_held(house, owners[10]):
        process = await started(house, log, RENCANA_WORKER_PORT=str(port))
        await somebody_waits(house)
        process.kill()
        await process.wait()
        assert list((await states(house)).values()).count("auto_approved") in range(1, len(owners))
        assert await positions(house) == {}
    worker = ServiceProcess("worker", port, log, ("worker",))
    try:
        await worker.start(environment(house, RENCANA_WORKER_PORT=str(port)))
        await each_decided_once(house, [*owners, str(ptk(PNS))])
        assert (await positions(house))["school_changes"] == (await feed(house))[-1]["seq"]
    finally:
        await worker.stop()


async def test_a_worker_that_runs_follows_within_moments_and_ends_in_order(
    house: House, changing: Database, tmp_path: Path
) -> None:
    await submitted(house, OF_SMA)
    port, log = free_port(), tmp_path / "worker.log"
    worker = ServiceProcess("worker", port, log, ("worker",))
    await worker.start(environment(house, RENCANA_WORKER_PORT=str(port)))
    process = worker.process
    assert process is not None
    try:
        assert set((await states(house)).values()) == {"submitted"}
        with changing.active():
            await appoint_plt(OF_SMP, SMA, at=house.now)

        async def approved() -> bool:
            return set((await states(house)).values()) == {"auto_approved"}

        await until(approved)
    finally:
        await worker.stop()
    assert process.returncode == 0
    assert f"plan {ptk(OF_SMA)} 2024-1 is auto_approved now" in log.read_text("utf-8")


async def test_once_says_by_its_exit_code_whether_all_is_done(
    house: House, changing: Database, tmp_path: Path
) -> None:
    await submitted(house, OF_SMA)
    log = tmp_path / "worker.log"
    away = await started(house, log, "--once", RENCANA_IDENTITY_URL=NOBODY)
    assert await away.wait() == 2
    assert "identity.unavailable" in log.read_text("utf-8")
    assert await positions(house) == {}
    await house.sql("UPDATE plan SET workflow = repeat('f', 64)")
    assert await (await started(house, log, "--once")).wait() == 1
    assert (await positions(house))["school_changes"] == 0
    newest = "(SELECT sha256 FROM workflow_version LIMIT 1)"
    await house.sql(f"UPDATE plan SET workflow = {newest}")
    with changing.active():
        await appoint_plt(OF_SMP, SMA, at=house.now)
    assert await (await started(house, log, "--once")).wait() == 0
    assert set((await states(house)).values()) == {"auto_approved"}
