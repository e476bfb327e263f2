"""Identity is away, slow or talks nonsense: nothing is lost, what needs no identity goes on, and it heals by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from pydantic import ValidationError

from services.kit.database import Database
from services.planning.identity import client
from services.planning.identity.shapes import school_of
from tests.integration.planning.composing import complete, submitted
from tests.integration.planning.front import OPEN, SHUT, SILENT, Door, answer, door_before
from tests.integration.planning.house import JANUARY, House, Person, identity_at, planning_at
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PNS, SD, email_of

FACT = {"value": None, "source": None, "as_of": None}


def school(**changed: Any) -> dict[str, Any]:
    """A school as identity tells it, right but for what is changed."""
    head: dict[str, Any] = {
        "kind": "kosong",
        "ptk_id": None,
        "nama": None,
        "since": None,
        "evidence": [],
        "as_of": None,
    }
    names = ("nama", "bentuk_pendidikan", "status_sekolah", "kabupaten_kota", "provinsi", "zone")
    return {"npsn": SD, "revision": 1, "head": head, **dict.fromkeys(names, FACT), **changed}


AWAY: dict[str, str | bytes] = {
    "hangs up": SHUT,
    "never answers": SILENT,
    "has a fault": answer(b"{}", 500),
    "does not know us": answer(b"{}", 401),
    "sends no JSON": answer(b"<html>maintenance</html>"),
    "sends nothing": answer(b""),
    "sends half": answer(b'{"ptk_id": "3333', length=4_000),
    "sends an empty object": answer(b"{}"),
    "sends a list": answer(b"[]"),
    "sends null": answer(b"null"),
    "nests without end": answer(b"[" * 200_000),
    "sends no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
}


@pytest.fixture
async def door(registry: Database) -> AsyncIterator[tuple[Door, aiohttp.ClientSession]]:
    async with identity_at(registry, JANUARY) as identity:
        place = urlsplit(str(identity._base_url))
        assert place.hostname is not None
        assert place.port is not None
        async with door_before(place.hostname, place.port) as door:
            yield door, identity


@pytest.fixture
async def behind(
    door: tuple[Door, aiohttp.ClientSession], planning: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    monkeypatch.setattr(client, "TIMEOUT", aiohttp.ClientTimeout(total=1))
    async with planning_at(planning, JANUARY, door[0].url) as session:
        yield House(JANUARY, door[1], session, planning)


@pytest.mark.parametrize("how", AWAY)
async def test_submitting_waits_saving_and_reading_go_on_and_all_heals(
    door: tuple[Door, aiohttp.ClientSession], behind: House, how: str
) -> None:
    teacher = await behind.person(PNS)
    await complete(teacher)
    before = await behind.everything()
    door[0].set(AWAY[how])
    refused = await teacher.do("submitPlan", {"planId": teacher.plan_id, "expectedVersion": 6})
    (told,) = refused["problems"]
    assert (told["__typename"], told["code"]) == ("TemporaryProblem", "identity.unavailable")
    assert told["retryAfterSeconds"] > 0
    assert refused["standing"]["version"] == 6
    assert await behind.everything() == before
    saved = await teacher.done("savePraktikKinerja", 6, indikator="PK-PDP")
    assert await teacher.plan() == saved
    door[0].set(OPEN)
    assert (await teacher.done("submitPlan", 7))["state"]["phase"] == "SUBMITTED"


async def test_what_asks_identity_says_that_it_is_away(
    door: tuple[Door, aiohttp.ClientSession], behind: House
) -> None:
    teacher, head = await submitted(behind, PNS), await behind.person(HEAD_OF_SD)
    colleague = await behind.person(COLLEAGUE)
    await head.plan(teacher.plan_id)
    door[0].set(SHUT)
    for person, query in (
        (teacher, "{ viewer { nama } }"),
        (head, f'{{ plan(id: "{teacher.plan_id}") {{ id }} }}'),
    ):
        _, told = await person.send({"query": query}, "en")
        assert told["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert "try again" in told["errors"][0]["message"]
    for person, mutation, given in (
        (colleague, "startPlan", {}),
        (head, "approvePlan", {"planId": teacher.plan_id, "expectedVersion": 7}),
    ):
        refused = await person.do(mutation, given)
        assert [(p["__typename"], p["code"]) for p in refused["problems"]] == [
            ("TemporaryProblem", "identity.unavailable")
        ]
    assert (await teacher.plan())["version"] == 7


async def test_a_caller_whose_key_cannot_be_had_is_asked_to_come_back(
    house: House, planning: Database
) -> None:
    await house.person(PNS)
    async with planning_at(planning, JANUARY, "http://127.0.0.1:9") as session:
        person = Person(session, house.people[email_of(PNS)].headers)
        status, told = await person.send({"query": "{ viewer { nama } }"})
    assert (status, told["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")


def test_a_school_is_believed_when_it_has_the_agreed_shape() -> None:
    assert school_of(school()).zone.value is None
    assert school_of(school(zone=FACT | {"value": "Asia/Makassar"})).zone.value == "Asia/Makassar"


@pytest.mark.parametrize(
    "changed",
    [
        {"zone": FACT | {"value": "Mars/Olympus"}},
        {"head": {"kind": "raja"}},
        {"revision": None},
        {"npsn": None},
        {"nama": "SD"},
    ],
    ids=str,
)
def test_a_school_of_another_shape_is_not_believed(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        school_of(school(**changed))
