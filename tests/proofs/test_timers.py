"""Timers of very many plans that fall due at one instant, with killed and stopped workers: each takes effect once."""

from __future__ import annotations

import asyncio
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

from devtools.service_process import ServiceProcess, free_port
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
from tests.proofs.worker_runs import peak_memory
from tests.small_registry import COLLEAGUE, PNS, import_registry
from tests.until import until

TIMEOUT_SECONDS = 1500
pytestmark = pytest.mark.timeout(1800)  # five processes start; in full size they fire 10,000 transitions
COPY_ROWS = """
INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object(
  'ptk_id', format('%s-0000-4000-8000-%s', $2::text, lpad(n::text, 12, '0')), 'id', gen_random_uuid()))).*
FROM {table} t, generate_series(1, $3::int) AS n WHERE t.ptk_id = $1
"""


@pytest.fixture
async def environment(fresh_url: Fresh, size: Size) -> AsyncIterator[Environment]:
    """Copies of one draft, and for every twenty drafts a copy of one submitted plan.

    At CLOSING_REMINDER reminders of owners, heads and the dinas are due, and transitions that return plans.
    """
    identity_url, planning_url = await fresh_url("services.identity"), await fresh_url("services.planning")
    async with (
        connect_database(identity_url, "services.identity") as identity_database,
        connect_database(planning_url, "services.planning") as planning_database,
    ):
        with identity_database.active():
            await import_registry()
        await import_reference_data(planning_database)
        await publish_text(planning_database, definition_with_expiry())
        async with environment_at(identity_database, planning_database) as environment:
            await (await environment.sign_in(COLLEAGUE)).start_plan()
            await submit_plan(environment, PNS)
            for owner, id_prefix, count in (
                (COLLEAGUE, "aaaaaaaa", size.plans_with_timers),
                (PNS, "bbbbbbbb", size.plans_with_timers // 20),
            ):
                for table in ("plan", "plan_event", "plan_timer"):
                    await environment.sql(COPY_ROWS.format(table=table), ptk(owner), id_prefix, count)
            await environment.sql("ANALYZE")
            yield environment


@asynccontextmanager
async def stopped_afterwards(*workers: ServiceProcess) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for worker in workers:
            if worker.process and worker.process.returncode is None:
                worker.process.send_signal(signal.SIGCONT)
            await worker.stop()


def process_settings(environment: Environment, now: datetime) -> dict[str, str]:
    """The settings of a worker process whose clock is fixed at `now`."""
    return {
        "RENCANA_ENV": "dev",
        "RENCANA_NOW": now.isoformat(),
        "RENCANA_PLANNING_DATABASE_URL": environment.database.url,
        "RENCANA_IDENTITY_URL": worker_settings(environment).identity_url.rstrip("/"),
        "RENCANA_WORKER_INTERVAL_SECONDS": "0.2",
    }


async def test_each_timer_takes_effect_once_while_workers_are_killed_and_stopped(
    environment: Environment, size: Size, tmp_path: Path
) -> None:
    settings = process_settings(environment, CLOSING_REMINDER)
    killed_worker, paused_worker, third_worker = (
        ServiceProcess("worker", free_port(), tmp_path / f"{name}.log")
        for name in ("killed", "paused", "third")
    )
    async with stopped_afterwards(killed_worker, paused_worker, third_worker):
        began = time.monotonic()
        async with notifications_locked(environment):
            starts = [
                asyncio.create_task(worker.start(settings)) for worker in (killed_worker, paused_worker)
            ]
            await until(lambda: both_wait_for_lock(environment), TIMEOUT_SECONDS)
            assert paused_worker.process
            paused_worker.process.send_signal(signal.SIGSTOP)
            await killed_worker.kill()
        starts += [asyncio.create_task(worker.start(settings)) for worker in (killed_worker, third_worker)]
        await until(lambda: half_is_notified(environment, size), TIMEOUT_SECONDS)
        await killed_worker.kill()
        notifications_at_kill = await count_notifications(environment)
        starts.append(asyncio.create_task(killed_worker.start(settings)))
        await until(lambda: all_timers_are_done(environment), TIMEOUT_SECONDS)
        seconds, notifications = time.monotonic() - began, await count_notifications(environment)
        click.echo(
            f"{notifications_at_kill} notifications at the second kill, {notifications} after {seconds:.0f} s"
        )
        assert third_worker.process
        click.echo(f"peak memory of a worker: {peak_memory(third_worker.process.pid):.0f} MB")
        paused_worker.process.send_signal(signal.SIGCONT)
        await asyncio.gather(*starts, return_exceptions=True)  # the killed workers were never ready
        await asyncio.gather(*(worker.stop() for worker in (killed_worker, paused_worker, third_worker)))

    await assert_each_effect_once(environment)
    before = await checksums(environment)
    await fire_timers(environment, CLOSING_REMINDER - timedelta(days=20))
    assert await checksums(environment) == before, "a clock that is set back fires no timer"
    await fire_timers(environment, CLOSING_REMINDER + timedelta(days=90))
    assert await environment.sql("SELECT FROM plan_timer WHERE due IS NOT NULL AND incident IS NULL") == []


@asynccontextmanager
async def notifications_locked(environment: Environment) -> AsyncIterator[None]:
    """Lock the table of notifications, so that workers wait before they write one."""
    connection = await asyncpg.connect(environment.database.dsn)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE notification IN SHARE MODE")
            yield
    finally:
        await connection.close()


async def both_wait_for_lock(environment: Environment) -> bool:
    query = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return len(await environment.sql(query)) == 2


async def count_notifications(environment: Environment) -> int:
    (row,) = await environment.sql("SELECT count(*)::int AS notifications FROM notification")
    return int(row["notifications"])


async def half_is_notified(environment: Environment, size: Size) -> bool:
    return await count_notifications(environment) >= size.plans_with_timers // 2


async def all_timers_are_done(environment: Environment) -> bool:
    query = "SELECT FROM plan_timer WHERE due <= $1 AND incident IS NULL LIMIT 1"
    return await environment.sql(query, CLOSING_REMINDER) == []


async def assert_each_effect_once(environment: Environment) -> None:
    """Each owner of a draft has one reminder; one event, the last of its chain, returned each submitted plan."""
    duplicates = "SELECT FROM notification GROUP BY ptk_id, period, timer, count HAVING count(*) > 1"
    assert await environment.sql(duplicates) == []
    assert await environment.sql("SELECT FROM plan_timer WHERE incident IS NOT NULL") == []
    (drafts,) = await environment.sql(
        "SELECT count(*) AS plans, count(n) AS reminders FROM plan p LEFT JOIN notification n "
        "ON (n.ptk_id, n.timer) = (p.ptk_id, 'remind_draft_owner') AND n.recipient = 'ptk:' || p.ptk_id "
        "WHERE p.version = 1"
    )
    assert drafts["plans"] == drafts["reminders"] > 1
    (submitted,) = await environment.sql(
        "SELECT count(*) AS plans, count(*) FILTER (WHERE p.state = 'draft' AND p.version = 8 AND e.hash = p.last_hash "
        "AND e.body::jsonb #>> '{detail,cause,timer}' = 'expire') AS returned "
        "FROM plan p LEFT JOIN plan_event e USING (ptk_id, period, version) WHERE p.version > 1"
    )
    assert submitted["plans"] == submitted["returned"] > 1


async def checksums(environment: Environment) -> list[dict[str, Any]]:
    """A checksum of each table that timers write."""
    tables = ("plan", "plan_event", "plan_timer", "notification")
    queries = (f"SELECT sum(hashtext(t::text)::bigint) AS checksum FROM {table} t" for table in tables)
    return await environment.sql(" UNION ALL ".join(queries))
