"""Timers of very many plans, three workers: one is killed in the middle, one sleeps meanwhile. Each effect once."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import click
import pytest

from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
)
from tests.integration.planning.plans import submit_plan
from tests.integration.planning.reconciliation import fire_timers, worker_settings
from tests.integration.planning.timers import CLOSING_REMINDER, definition_with_expiry
from tests.integration.planning.workflow_versions import publish_text
from tests.proofs.conftest import Size
from tests.proofs.processes import RENCANA, Serving
from tests.small_registry import COLLEAGUE, PNS, import_registry
from tests.until import until

PATIENCE = 1500
pytestmark = pytest.mark.timeout(1800)  # five processes start, in full size 10,000 transitions are fired
# Many plans like one that was made by hand: the same rows, other teachers.
CROWD = """
INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object(
  'ptk_id', format('%s-0000-4000-8000-%s', $2::text, lpad(n::text, 12, '0')), 'id', gen_random_uuid()))).*
FROM {table} t, generate_series(1, $3::int) AS n WHERE t.ptk_id = $1
"""


@pytest.fixture
async def house(fresh_url: Fresh, size: Size) -> AsyncIterator[Environment]:
    """Drafts, and one in twenty submitted: reminders for owners, heads and the dinas, and transitions by the clock."""
    known, plans = await fresh_url("services.identity"), await fresh_url("services.planning")
    async with (
        connect_database(known, "services.identity") as registry,
        connect_database(plans, "services.planning") as db,
    ):
        with registry.active():
            await import_registry()
        await import_reference_data(db)
        await publish_text(db, definition_with_expiry())
        async with environment_at(registry, db) as house:
            await (await house.sign_in(COLLEAGUE)).start_plan()
            await submit_plan(house, PNS)
            for who, begin, number in (
                (COLLEAGUE, "aaaaaaaa", size.timed),
                (PNS, "bbbbbbbb", size.timed // 20),
            ):
                for table in ("plan", "plan_event", "plan_timer"):
                    await house.sql(CROWD.format(table=table), ptk(who), begin, number)
            await house.sql("ANALYZE")
            yield house


@asynccontextmanager
async def working(house: Environment, folder: Path, name: str, now: datetime) -> AsyncIterator[Serving]:
    """A worker of its own, with its clock at an instant."""
    settings = worker_settings(house)
    environment = {
        "RENCANA_ENV": "dev", "RENCANA_PLANNING_DATABASE_URL": house.database.url, "RENCANA_NOW": now.isoformat(),
        "RENCANA_IDENTITY_URL": settings.identity_url.rstrip("/"), "RENCANA_WORKER_INTERVAL_SECONDS": "0.2",
    }  # fmt: skip
    worker = Serving((RENCANA, "worker"), "RENCANA_WORKER_PORT", environment, folder / f"{name}.log")
    try:
        yield worker
    finally:
        if worker.process and worker.process.returncode is None:
            worker.process.send_signal(signal.SIGCONT)
        await worker.stop()


async def test_each_effect_once_whatever_becomes_of_the_workers(
    house: Environment, size: Size, tmp_path: Path
) -> None:
    async with (
        working(house, tmp_path, "killed", CLOSING_REMINDER) as killed,
        working(house, tmp_path, "asleep", CLOSING_REMINDER) as asleep,
        working(house, tmp_path, "awake", CLOSING_REMINDER) as awake,
    ):
        began = time.monotonic()
        async with nobody_told(house):
            starting = [asyncio.create_task(one.start()) for one in (killed, asleep)]
            await until(lambda: both_wait(house), PATIENCE)
            assert asleep.process
            asleep.process.send_signal(signal.SIGSTOP)
            await killed.kill()
        starting += [asyncio.create_task(one.start()) for one in (killed, awake)]
        await until(lambda: told_at_least(house, size.timed // 2), PATIENCE)
        await killed.kill()
        before = await told(house)
        starting.append(asyncio.create_task(killed.start()))
        await until(lambda: all_is_done(house), PATIENCE)
        took = time.monotonic() - began
        click.echo(f"{before} told at the second kill, {await told(house)} after {took:.0f} s in all")
        click.echo(f"peak memory of a worker: {peak(awake)} MB")
        asleep.process.send_signal(signal.SIGCONT)
        await asyncio.gather(*starting, return_exceptions=True)  # two of them ended before they were ready
        await asyncio.gather(*(one.stop() for one in (killed, asleep, awake)))
    await each_once(house)
    stands = await checksum(house)
    await fire_timers(house, CLOSING_REMINDER - timedelta(days=20))
    assert await checksum(house) == stands, "a clock that went back"
    await fire_timers(house, CLOSING_REMINDER + timedelta(days=90))
    assert await house.sql("SELECT FROM plan_timer WHERE due IS NOT NULL AND incident IS NULL") == []


@asynccontextmanager
async def nobody_told(house: Environment) -> AsyncIterator[None]:
    """Whoever wants to tell anybody waits while the body runs."""
    holder = await asyncpg.connect(house.database.dsn)
    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE notification IN SHARE MODE")
            yield
    finally:
        await holder.close()


async def both_wait(house: Environment) -> bool:
    waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return len(await house.sql(waits)) == 2


async def told(house: Environment) -> int:
    (row,) = await house.sql("SELECT count(*)::int AS told FROM notification")
    return int(row["told"])


async def told_at_least(house: Environment, number: int) -> bool:
    return await told(house) >= number


async def all_is_done(house: Environment) -> bool:
    due = "SELECT FROM plan_timer WHERE due <= $1 AND incident IS NULL LIMIT 1"
    return await house.sql(due, CLOSING_REMINDER) == []


async def each_once(house: Environment) -> None:
    """Every owner of a draft is told once; each submitted plan went back by one event, and its chain ends with it."""
    doubled = "SELECT FROM notification GROUP BY ptk_id, period, timer, count HAVING count(*) > 1"
    assert await house.sql(doubled) == []
    assert await house.sql("SELECT FROM plan_timer WHERE incident IS NOT NULL") == []
    (drafts,) = await house.sql(
        "SELECT count(*) AS plans, count(n) AS told FROM plan p LEFT JOIN notification n "
        "ON (n.ptk_id, n.timer) = (p.ptk_id, 'remind_draft_owner') AND n.recipient = 'ptk:' || p.ptk_id "
        "WHERE p.version = 1"
    )
    assert drafts["plans"] == drafts["told"] > 1
    (expired,) = await house.sql(
        "SELECT count(*) AS plans, count(*) FILTER (WHERE p.state = 'draft' AND p.version = 8 AND e.hash = p.last_hash "
        "AND e.body::jsonb #>> '{detail,cause,timer}' = 'expire') AS whole "
        "FROM plan p LEFT JOIN plan_event e USING (ptk_id, period, version) WHERE p.version > 1"
    )
    assert expired["plans"] == expired["whole"] > 1


async def checksum(house: Environment) -> list[dict[str, Any]]:
    """All that timers could have changed."""
    tables = ("plan", "plan_event", "plan_timer", "notification")
    sums = (f"SELECT sum(hashtext(t::text)::bigint) AS stands FROM {table} t" for table in tables)
    return await house.sql(" UNION ALL ".join(sums))


def peak(worker: Serving) -> int:
    """The most memory that a process ever had, in MB."""
    assert worker.process
    status = Path(f"/proc/{worker.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) // 1024
