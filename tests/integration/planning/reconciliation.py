"""What tests of the worker need: an environment of their own, changes of heads and of values, and the worker on it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg

from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_school
from services.kit.database import Database
from services.planning.reconcile.replan_timers import TimerRounds
from services.planning.reconcile.rounds import Reconciler
from services.planning.settings import PlanningSettings
from services.planning.worker import open_tasks
from tests.credentials import authorization
from tests.identity_samples import bundle, gtk, ptk, sekolah
from tests.integration.planning.environment import Environment
from tests.integration.planning.plans import submit_plan
from tests.small_registry import HEAD_OF_SD, PNS, SD, appoint_plt, import_one_school
from tests.until import until

AS_TEACHER = {"jenis_ptk_id": "3", "jenis_ptk_id_str": "Guru Kelas", "jabatan_ptk_id": None}
TEACHERS = range(100, 120)


def worker_settings(environment: Environment, **changes: Any) -> PlanningSettings:
    """The worker's settings in an environment."""
    settings = {"now": environment.now, "identity_url": str(environment.identity._base_url), **changes}
    return PlanningSettings(env="dev", **settings)


@asynccontextmanager
async def open_reconciler(environment: Environment, **changes: Any) -> AsyncIterator[Reconciler]:
    """What the worker runs in rounds."""
    with environment.database.active():
        async with open_tasks(worker_settings(environment, **changes)) as (reconciler, *_):
            yield reconciler


async def reconcile(environment: Environment, **changes: Any) -> None:
    """A worker that starts, does what there is to do, and ends."""
    async with open_reconciler(environment, **changes) as follower:
        while await follower.run_round():
            pass
        assert not follower.retry_queue


async def replace_head_by_plt(identity: Database, plt: int, *, at: datetime) -> None:
    """The definitif head of the SD teaches from now on, and somebody is its Plt."""
    with identity.active():
        await import_one_school(SD, at, **{f"p{HEAD_OF_SD}": AS_TEACHER})
        await appoint_plt(plt, SD, at=at)


async def restore_definitif_head(identity: Database, *, at: datetime) -> None:
    """The SD has its definitif head again, who beats any Plt."""
    with identity.active():
        await import_one_school(SD, at)


async def submit_many_plans(
    environment: Environment, identity: Database, numbers: Iterable[int] = TEACHERS
) -> list[str]:
    """Store many submitted plans of the SD with their events and owners. Return the `ptk_id` of each owner."""
    people = [gtk(number) for number in numbers]
    with identity.active():
        school = sekolah(SD, nama="SD NEGERI CONTOH 01", sekolah_id=f"11111111-1111-4111-8111-{int(SD):012d}")
        value = bundle(*people, school=school)
        value["getGtk"]["results"] = len(people) + 1  # not complete, so nobody leaves
        await import_school(read_bundle(value), environment.now)
    await submit_plan(environment, PNS)
    owners = [ptk(number) for number in numbers]
    for table in ("plan", "plan_event"):
        await environment.sql(
            f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('ptk_id', owner, "
            f"'id', gen_random_uuid()))).* FROM {table} t, unnest($1::uuid[]) AS owner WHERE ptk_id = $2",
            owners, ptk(PNS),
        )  # fmt: skip
    return [str(owner) for owner in owners]


async def insert_revision(
    environment: Environment, number: int, effective_from: datetime, **values: object
) -> None:
    """One more revision of the period's values."""
    await environment.sql(
        "INSERT INTO period_revision SELECT period, $1, values || $2::jsonb, author, approver, reason, $3 "
        "FROM period_revision WHERE number = 1", number, json.dumps(values), effective_from,
    )  # fmt: skip


async def load_states(environment: Environment) -> dict[str, str]:
    """The state of every plan."""
    return {
        str(row["ptk_id"]): row["state"] for row in await environment.sql("SELECT ptk_id, state FROM plan")
    }


async def load_last_event(environment: Environment, ptk_id: str) -> dict[str, Any]:
    """The last event of a plan."""
    rows = await environment.sql(
        "SELECT body FROM plan_event WHERE ptk_id = $1 ORDER BY version DESC LIMIT 1", ptk_id
    )
    body: dict[str, Any] = json.loads(rows[0]["body"])
    return body


async def load_feed_positions(environment: Environment) -> dict[str, int]:
    """How far everything is followed; timers are planned beside it."""
    rows = await environment.sql("SELECT name, position FROM worker_position WHERE name NOT LIKE 'timers %'")
    return {row["name"]: row["position"] for row in rows}


@asynccontextmanager
async def lock_plan(environment: Environment, ptk_id: str) -> AsyncIterator[None]:
    """Lock this plan while the body runs: every other writer waits."""
    holder = await asyncpg.connect(environment.database.dsn)
    try:
        async with holder.transaction():
            await holder.execute("SELECT FROM plan WHERE ptk_id = $1 FOR UPDATE", ptk_id)
            yield
    finally:
        await holder.close()


async def wait_for_blocked_statements(environment: Environment, number: int = 1) -> None:
    """Wait until so many statements wait for a plan that is held."""

    async def is_waiting() -> bool:
        rows = await environment.sql(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return len(rows) >= number

    await until(is_waiting)


async def load_changes(environment: Environment) -> list[dict[str, Any]]:
    """All of identity's changes."""
    headers = await authorization(environment.identity)
    async with environment.identity.get("/v1/changes?after=0&limit=1000", headers=headers) as response:
        page = await response.json()
        assert not page["more"]
        return list(page["changes"])


async def assert_each_approved_once(environment: Environment, owners: list[str]) -> None:
    """Each of these plans, and no other, was approved by one event, with which its chain ends."""
    rows = await environment.sql(
        "SELECT p.ptk_id::text, p.version, p.last_hash = e.hash AS is_intact, e.to_state, "
        "(SELECT count(*) FROM plan_event x WHERE x.ptk_id = p.ptk_id AND x.to_state = 'auto_approved') AS approvals "
        "FROM plan p JOIN plan_event e USING (ptk_id, period, version)"
    )
    assert {row["ptk_id"] for row in rows} == set(owners)
    outcomes = {(row["version"], row["is_intact"], row["to_state"], row["approvals"]) for row in rows}
    assert outcomes == {(8, True, "auto_approved", 1)}


@asynccontextmanager
async def open_timers(environment: Environment, now: datetime, **changed: Any) -> AsyncIterator[TimerRounds]:
    """What the worker fires, with its clock at an instant."""
    with environment.database.active():
        async with open_tasks(worker_settings(environment, now=now, **changed)) as (_, timers, _):
            yield timers


async def fire_timers(environment: Environment, now: datetime) -> None:
    """A worker that fires what is due at an instant, and ends."""
    async with open_timers(environment, now) as timers:
        while await timers.run_round():
            pass
