from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from services.identity.people import tables
from services.kit.database import Database
from tests.conftest import Fresh
from tests.identity_samples import NPSN
from tests.integration.identity.environment import (
    NOW,
    dump_tables,
    import_registry,
    list_codes,
    open_filled,
    serve_identity_at,
    sign_in,
)


@pytest.fixture(scope="module")
async def registry(fresh_url: Fresh) -> AsyncIterator[Database]:
    async with open_filled(await fresh_url("services.identity")) as database:
        yield database


@pytest.fixture(scope="module")
async def client(registry: Database) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve_identity_at(registry) as client:
        yield client


@pytest.mark.parametrize(
    "email",
    [
        "satu@guru.sd.belajar.id",
        "SATU@Guru.SD.belajar.ID",
        "  satu@guru.sd.belajar.id ",
        "dua@guru.sd.belajar.id",
        "pengelola@dinas.belajar.id",
    ],
)
async def test_open_account_is_admitted_in_any_case(client: aiohttp.ClientSession, email: str) -> None:
    status, answer = await sign_in(client, email)
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 900)


@pytest.mark.parametrize(
    ("email", "codes", "fixer"),
    [
        ("siapa@guru.sd.belajar.id", ["admission.unknown"], "school operator"),
        ("satu@guru.smp.belajar.id", ["admission.unknown"], "school operator"),
        ("LAMA@guru.smp.belajar.id", ["admission.closed"], "since 1 January 2020"),
        ("segera@guru.sd.belajar.id", ["admission.not_yet_open"], "on 1 February 2024"),
        ("kiri@guru.sd.belajar.id", ["admission.left"], "education office"),
        ("kosong@admin.sd.belajar.id", ["admission.no_person"], "helpdesk"),
    ],
)
async def test_refused_admission_names_the_failed_rule_and_writes_nothing(
    client: aiohttp.ClientSession, email: str, codes: list[str], fixer: str
) -> None:
    before = await dump_tables()
    status, answer = await sign_in(client, email, **{"accept-language": "en"})
    assert (status, list_codes(answer)) == (403, codes)
    assert fixer in answer["problems"][0]["message"]
    assert "satu@" not in str(answer)
    assert await dump_tables() == before


async def test_refusal_is_in_indonesian_unless_english_is_preferred(
    client: aiohttp.ClientSession,
) -> None:
    _, answer = await sign_in(client, "lama@guru.smp.belajar.id")
    assert "sejak 1 Januari 2020" in answer["problems"][0]["message"]


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (datetime(2024, 1, 31, 16, 59, tzinfo=UTC), 403),  # 23:59 in Jakarta, already 1 February in Papua
        (datetime(2024, 1, 31, 17, 0, tzinfo=UTC), 200),
    ],
)
async def test_account_is_valid_from_the_local_day_of_its_school(
    registry: Database, now: datetime, status: int
) -> None:
    async with serve_identity_at(registry, now) as client:
        assert (await sign_in(client, "segera@guru.sd.belajar.id"))[0] == status


async def test_person_without_a_school_is_refused_at_the_next_sign_in(database: Database) -> None:
    await import_registry()
    async with serve_identity_at(database) as client:
        assert (await sign_in(client, "satu@guru.sd.belajar.id"))[0] == 200
        await tables.Assignment.filter(npsn=NPSN).update(left_at=NOW)
        status, answer = await sign_in(client, "satu@guru.sd.belajar.id")
    assert (status, list_codes(answer)) == (403, ["admission.left"])
