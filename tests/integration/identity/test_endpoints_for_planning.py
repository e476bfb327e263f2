"""Identity's answers, read by planning's own client and token verification."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from services.kit.clock import Clock
from services.kit.tokens import KeyCache
from services.planning.api.context import Authenticator
from services.planning.callers.model import Caller
from services.planning.people.identity.client import IdentityClient
from tests.conftest import Fresh
from tests.credentials import PLANNING
from tests.identity_samples import NPSN, ptk
from tests.integration.identity.environment import (
    ISSUER,
    KEPALA,
    NOW,
    TEACHER,
    find_account_id,
    open_filled,
    serve_identity_at,
    sign_in,
)


@dataclass
class _Services:
    """Identity with an HTTP client, and with planning's client of it."""

    http: aiohttp.ClientSession
    planning: IdentityClient


@pytest.fixture(scope="module")
async def services(fresh_url: Fresh) -> AsyncIterator[_Services]:
    async with (
        open_filled(await fresh_url("services.identity")) as database,
        serve_identity_at(database) as http,
    ):
        async with http.get("/healthz") as response:
            url = str(response.url.origin())
        planning = IdentityClient(url, PLANNING, Clock(NOW))
        await planning.start()
        yield _Services(http, planning)
        await planning.close()


async def test_planning_reads_a_teacher(services: _Services) -> None:
    for _ in ("sent", "held already"):
        teacher = await services.planning.teacher(str(TEACHER))
        assert teacher is not None
        assert (teacher.facts.ptk_id, teacher.facts.status) == (str(TEACHER), "active")
        assert teacher.facts.sekolah_induk.value == NPSN
        assert teacher.facts.jenjang_jabatan.value is None
        assert len(teacher.facts.accounts) == 2


async def test_planning_reads_a_school_and_its_head(services: _Services) -> None:
    school = await services.planning.school(NPSN)
    assert school is not None
    assert (school.facts.head.kind, school.facts.head.ptk_id) == ("definitif", str(KEPALA))
    assert school.facts.zone.value == "Asia/Jakarta"


async def test_planning_reads_the_address_of_an_account(services: _Services) -> None:
    for email in ("pengelola@dinas.belajar.id", "lama@guru.smp.belajar.id"):  # a closed one, too
        assert await services.planning.address(str(await find_account_id(email))) == email


async def test_unknown_teacher_is_none_in_planning(services: _Services) -> None:
    assert await services.planning.teacher(str(ptk(404))) is None
    assert await services.planning.address(str(ptk(404))) is None
    assert await services.planning.school("99999999") is None


async def test_planning_reads_the_change_feed_by_page(services: _Services) -> None:
    whole = await services.planning.changes(0)
    assert [change.seq for change in whole.changes] == sorted({change.seq for change in whole.changes})
    assert ("school", NPSN) in {(change.kind, change.key) for change in whole.changes}
    assert not whole.more
    first = await services.planning.changes(0, 1)
    assert (first.changes, first.more) == (whole.changes[:1], True)
    rest = await services.planning.changes(first.next)
    assert first.changes + rest.changes == whole.changes
    assert (await services.planning.changes(whole.next)).next == whole.next


@pytest.mark.parametrize(
    ("email", "ptk_id", "scopes"),
    [
        ("satu@guru.sd.belajar.id", str(TEACHER), frozenset()),
        ("pengelola@dinas.belajar.id", None, frozenset({"admin"})),
    ],
)
async def test_planning_accepts_a_token_of_identity(
    services: _Services, email: str, ptk_id: str | None, scopes: frozenset[str]
) -> None:
    _, answer = await sign_in(services.http, email)
    tokens = Authenticator(KeyCache(services.planning.keys), ISSUER, Clock(NOW))
    caller = await tokens.authenticate([f"Bearer {answer['access_token']}"])
    assert isinstance(caller, Caller)
    assert (caller.account, caller.ptk_id, caller.scopes) == (
        str(await find_account_id(email)),
        ptk_id,
        scopes,
    )
