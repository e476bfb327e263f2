"""A small registry, imported like an operator does, and identity on it over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar
from uuid import UUID

import aiohttp
import asyncpg
from tortoise.connection import get_connection
from tortoise.models import Model

import services.identity
from services.identity.accounts.commands import grant_scope, import_accounts
from services.identity.app import create_app
from services.identity.people.heads import Head
from services.identity.people.queries import answer_teacher, load_headships
from services.identity.people.tables import Account
from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_school
from services.identity.registry.own_file_commands import import_duties, import_zones
from services.identity.settings import PACKAGE, IdentitySettings
from services.identity.tables import __models__
from services.kit.clock import Clock
from services.kit.database import Connection, Database
from tests.identity_samples import NPSN, OTHER_NPSN, bundle, gtk, kepala, ptk, sekolah
from tests.serving import serving
from tests.until import PATIENCE

Result = TypeVar("Result")

NOW = datetime(2024, 1, 5, 3, tzinfo=UTC)
BEFORE = datetime(2024, 1, 2, 3, tzinfo=UTC)
TEACHER, PLT_TEACHER, FORMER_TEACHER, KEPALA = ptk(1), ptk(2), ptk(3), ptk(9)
ISSUER = "http://identity.test"

ACCOUNTS = f"""email,ptk_id,npsn,opened,closed
satu@guru.sd.belajar.id,{TEACHER},{NPSN},2020-01-01,
lama@guru.smp.belajar.id,{TEACHER},{NPSN},2018-01-01,2020-01-01
dua@guru.sd.belajar.id,{PLT_TEACHER},{NPSN},,
segera@guru.sd.belajar.id,{PLT_TEACHER},{NPSN},2024-02-01,
kiri@guru.sd.belajar.id,{FORMER_TEACHER},{NPSN},,
pengelola@dinas.belajar.id,,,,
kosong@admin.sd.belajar.id,,,,
"""
WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
WHERE NOT granted AND datname = current_database()
"""
DUTIES = f"""ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst
{PLT_TEACHER},33,{OTHER_NPSN},SK/CONTOH/1,2024-01-06,
"""


async def import_registry() -> None:
    """Import two schools: one in Jawa Barat with a definitif head, one in Papua with a future Plt."""
    people = [gtk(1, nip="198502032010012000"), gtk(2), kepala(9)]
    await _import_school(bundle(*people, gtk(3)), BEFORE)
    await _import_school(bundle(*people), NOW)
    await _import_school(bundle(gtk(5), school=sekolah(OTHER_NPSN, nama="SD B", provinsi="Prov. Papua")), NOW)
    zones = Path(services.identity.__file__).parent / "data" / "zones.csv"
    reports = [
        await import_zones(zones.read_bytes(), "zones", BEFORE),
        await import_accounts(ACCOUNTS.encode(), "accounts", NOW),
        await import_duties(DUTIES.encode(), "duties", NOW),
    ]
    assert not [problem for report in reports for problem in report.problems]
    await grant_scope("pengelola@dinas.belajar.id", "admin", "test", NOW)


async def _import_school(value: dict[str, Any], at: datetime) -> None:
    report = await import_school(read_bundle(value), at)
    assert not report.problems


@asynccontextmanager
async def open_filled(url: str) -> AsyncIterator[Database]:
    """Open the database at `url` with an imported registry, for tests that do not change it."""
    async with connect_identity(url) as database:
        await import_registry()
        yield database


@asynccontextmanager
async def connect_identity(url: str) -> AsyncIterator[Database]:
    """Open the database at `url` and make it current."""
    database = Database(url, PACKAGE)
    await database.connect()
    with database.active():
        yield database
    await database.close()


@asynccontextmanager
async def serve_identity_at(
    database: Database, now: datetime = NOW, env: Literal["dev", "prod"] = "dev"
) -> AsyncIterator[aiohttp.ClientSession]:
    """Serve identity with its clock at `now`. Yields a client."""
    settings = IdentitySettings.model_construct(
        env=env,
        identity_issuer=ISSUER,
        sign_ins_per_account=100_000,
        sign_ins_per_address=100_000,
        request_seconds=60.0,
    )
    app = create_app(settings, database, Clock(now))
    async with serving(app) as url, aiohttp.ClientSession(url) as client:
        yield client


async def sign_in(client: aiohttp.ClientSession, email: object, **headers: str) -> tuple[int, Any]:
    """Request a development token. Returns the status and the body."""
    async with client.post("/dev/token", json={"email": email}, headers=headers) as response:
        return response.status, await response.json()


def list_codes(answer: Any) -> list[str]:
    """Return the codes of the problems in a body, each of which has a text."""
    assert all(problem["message"] and problem["message"] != problem["code"] for problem in answer["problems"])
    return [problem["code"] for problem in answer["problems"]]


def pool() -> Connection:
    """Return the pool of the current database."""
    return get_connection("default")


async def load_heads(npsns: Collection[str], day: date) -> dict[str, Head]:
    """Return the head of each school on a day."""
    headships = await load_headships(npsns, pool())
    return {npsn: next(one.head for one in headships[npsn] if one.covers(day)) for npsn in npsns}


async def load_headships_of(ptk_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Return the headships of a person in the answer to planning."""
    view: Any = await answer_teacher(ptk_id, now, pool())
    return list(view["headships"])


async def find_account_id(email: str) -> UUID:
    """Return the id of the account with this address."""
    return (await Account.get(email=email)).id


async def run_concurrently(
    database: Database, table: str, *coroutines: Coroutine[Any, Any, Result]
) -> list[Result]:
    """Run coroutines concurrently; all read before one can write to the table, so that only a lock lets one win."""
    holding = await asyncpg.connect(database.dsn)
    try:
        async with holding.transaction(), asyncio.timeout(PATIENCE):
            await holding.execute(f"LOCK TABLE {table} IN SHARE MODE")
            running = [asyncio.ensure_future(racer) for racer in coroutines]
            while await holding.fetchval(WAITING) < len(running):
                await holding.execute("SELECT pg_sleep(0.01)")
    finally:
        await holding.close()
    return await asyncio.gather(*running)


async def dump_tables() -> dict[str, list[dict[str, Any]]]:
    """Return all rows of identity's database, by table."""
    models: Sequence[type[Model]] = __models__
    return {model.__name__: await model.all().order_by(model._meta.pk_attr).values() for model in models}
