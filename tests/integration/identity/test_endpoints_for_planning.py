"""What identity answers, read by the client and the token check that planning really uses."""

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
    account_id,
    filled,
    identity_at,
    sign_in,
)


@dataclass
class _Both:
    """Identity as a browser reaches it, and as planning does."""

    http: aiohttp.ClientSession
    planning: IdentityClient


@pytest.fixture(scope="module")
async def both(fresh_url: Fresh) -> AsyncIterator[_Both]:
    async with filled(await fresh_url("services.identity")) as database, identity_at(database) as http:
        async with http.get("/healthz") as response:
            url = str(response.url.origin())
        planning = IdentityClient(url, PLANNING, Clock(NOW))
        await planning.start()
        yield _Both(http, planning)
        await planning.close()


async def test_planning_reads_a_teacher(both: _Both) -> None:
    for _ in ("sent", "held already"):
        known = await both.planning.teacher(str(TEACHER))
        assert known is not None
        assert (known.facts.ptk_id, known.facts.status) == (str(TEACHER), "active")
        assert known.facts.sekolah_induk.value == NPSN
        assert known.facts.jenjang_jabatan.value is None
        assert len(known.facts.accounts) == 2


async def test_planning_reads_a_school_and_its_head(both: _Both) -> None:
    known = await both.planning.school(NPSN)
    assert known is not None
    assert (known.facts.head.kind, known.facts.head.ptk_id) == ("definitif", str(KEPALA))
    assert known.facts.zone.value == "Asia/Jakarta"


async def test_planning_reads_the_address_of_an_account(both: _Both) -> None:
    for email in ("pengelola@dinas.belajar.id", "lama@guru.smp.belajar.id"):  # a closed one, too
        assert await both.planning.address(str(await account_id(email))) == email


async def test_planning_learns_that_somebody_is_unknown(both: _Both) -> None:
    assert await both.planning.teacher(str(ptk(404))) is None
    assert await both.planning.address(str(ptk(404))) is None
    assert await both.planning.school("99999999") is None


async def test_planning_follows_the_changes_page_by_page(both: _Both) -> None:
    whole = await both.planning.changes(0)
    assert [change.seq for change in whole.changes] == sorted({change.seq for change in whole.changes})
    assert ("school", NPSN) in {(change.kind, change.key) for change in whole.changes}
    assert not whole.more
    first = await both.planning.changes(0, 1)
    assert (first.changes, first.more) == (whole.changes[:1], True)
    rest = await both.planning.changes(first.next)
    assert first.changes + rest.changes == whole.changes
    assert (await both.planning.changes(whole.next)).next == whole.next


@pytest.mark.parametrize(
    ("email", "ptk_id", "scopes"),
    [
        ("satu@guru.sd.belajar.id", str(TEACHER), frozenset()),
        ("pengelola@dinas.belajar.id", None, frozenset({"admin"})),
    ],
)
async def test_planning_believes_a_token_of_identity(
    both: _Both, email: str, ptk_id: str | None, scopes: frozenset[str]
) -> None:
    _, answer = await sign_in(both.http, email)
    tokens = Authenticator(KeyCache(both.planning.keys), ISSUER, Clock(NOW))
    caller = await tokens.authenticate([f"Bearer {answer['access_token']}"])
    assert isinstance(caller, Caller)
    assert (caller.account, caller.ptk_id, caller.scopes) == (str(await account_id(email)), ptk_id, scopes)
