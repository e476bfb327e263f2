"""Identity is away, slow or lying: nothing is lost, what needs no fresh facts goes on, and it heals by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.away import (
    MORNING,
    STILL_FRESH,
    TOO_OLD,
    People,
    Town,
    healed,
    impatient,
    prepared,
    seen,
    town,
)
from tests.integration.planning.front import SHUT, answer, door_before
from tests.integration.planning.house import TABLES, connected, identity_at, import_reference, sql
from tests.integration.planning.ways import WAYS, way_of_failing

KEPT = (*TABLES, "registry_answer")
Seen = dict[str, str]


@pytest.fixture(scope="module")
async def as_they_were(registry: Database, fresh_url: Fresh) -> AsyncIterator[Town]:
    """In the morning identity answered, and everybody was there; a copy of it all stands beside."""
    async with (
        connected(await fresh_url("services.planning"), "services.planning") as database,
        town(registry, database) as place,
    ):
        await import_reference(database)
        async with place.at(MORNING) as house:
            await prepared(house)
        for table in KEPT:
            await sql(database, f"CREATE TABLE kept_{table} AS TABLE {table}")
        yield place


@pytest.fixture
async def place(as_they_were: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Everything as in the morning; planning is impatient from now on."""
    await sql(as_they_were.database, f"TRUNCATE {', '.join(KEPT)}")
    for table in KEPT:
        await sql(as_they_were.database, f"INSERT INTO {table} SELECT * FROM kept_{table}")
    impatient(monkeypatch)
    return as_they_were


async def what_all_see(people: People) -> Seen:
    """One thing after the other, as persons do them; only the draft is changed by it, where all goes well."""
    doing = (
        (people.teacher, "viewer"),
        (people.head, "viewer"),
        (people.teacher, "reads own plan"),
        (people.head, "reads colleague's plan"),
        (people.head, "review queue"),
        (people.teacher, "goes on"),
        (people.teacher, "submits"),
        (people.head, "approves"),
        (people.plt, "confirms as Plt"),
    )
    return {f"{_who(people, person)} {what}": (await seen(person, what))[0] for person, what in doing}


def _who(people: People, person: object) -> str:
    return next(name for name, one in vars(people).items() if one is person)


READING = {
    "teacher viewer": "kept",
    "head viewer": "kept",
    "teacher reads own plan": "done",
    "head reads colleague's plan": "done",
    "head review queue": "done",
    "teacher goes on": "done",
}


def deciding(code: str) -> Seen:
    return dict.fromkeys(("teacher submits", "head approves", "plt confirms as Plt"), code)


@pytest.mark.parametrize("way", WAYS)
async def test_with_old_facts_reading_and_drafts_go_on_and_decisions_wait(place: Town, way: str) -> None:
    async with (
        place.at(TOO_OLD) as house,
        door_before("", 0) as elsewhere,
    ):  # a process that knows nothing yet
        people = await People.of(house)
        place.door.set(await way_of_failing(way, house, elsewhere))
        before = await house.everything()
        assert await what_all_see(people) == READING | deciding("facts.stale")
        assert await house.everything() == before
        assert elsewhere.entered == 0
        assert (await seen(people.teacher, "saves"))[0] == "done"
        assert (await people.teacher.plan())["version"] == 7
        place.door.set("open")
        await healed(people.teacher)
        everyone = await what_all_see(people)
        assert everyone == dict.fromkeys(READING, "done") | {
            "teacher viewer": "now", "head viewer": "now", **deciding("done")
        }  # fmt: skip


@pytest.mark.parametrize("way", ["hangs up", "never answers", "sends another than asked for"])
async def test_with_recent_facts_decisions_are_made_and_say_how_old_these_are(place: Town, way: str) -> None:
    async with place.at(STILL_FRESH) as house, door_before("", 0) as elsewhere:
        people = await People.of(house)
        place.door.set(await way_of_failing(way, house, elsewhere))
        assert await what_all_see(people) == READING | deciding("done")
        told = await house.sql(
            "SELECT body::jsonb->'because'->>'facts_as_of' AS as_of FROM plan_event "
            "WHERE kind = 'transition' AND at = $1", STILL_FRESH,
        )  # fmt: skip
    assert [row["as_of"] for row in told] == [MORNING.isoformat().replace("+00:00", "Z")] * 2


@pytest.mark.parametrize("way", ["hangs up", "never answers", "sends another than asked for"])
async def test_of_whom_nothing_is_kept_nothing_is_guessed(place: Town, way: str) -> None:
    await sql(place.database, "DELETE FROM registry_answer WHERE path LIKE '/v1/%'")
    async with place.at(STILL_FRESH) as house, door_before("", 0) as elsewhere:
        people = await People.of(house)
        place.door.set(await way_of_failing(way, house, elsewhere))
        before = await house.everything()
        away = dict.fromkeys(READING, "identity.unavailable")
        assert await what_all_see(people) == away | deciding("identity.unavailable") | {
            "teacher reads own plan": "done"
        }
        assert await house.everything() == before
        assert (await seen(people.teacher, "saves"))[0] == "done"


async def test_facts_serve_for_as_long_as_the_operator_says(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENCANA_FACTS_CACHE_HOURS", "1")
    async with place.at(TOO_OLD) as house:
        people = await People.of(house)
        place.door.set(SHUT)
        assert (await seen(people.teacher, "viewer"))[0] == "identity.unavailable"
        assert (await seen(people.teacher, "reads own plan"))[0] == "done"


async def test_a_caller_whose_key_cannot_be_had_is_asked_to_come_back(place: Town) -> None:
    await sql(place.database, "DELETE FROM registry_answer")
    async with place.at(STILL_FRESH) as house:
        people = await People.of(house)
        place.door.set(SHUT)
        status, told = await people.teacher.send({"query": "{ viewer { nama } }"})
        assert (status, told["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")


async def test_an_issuer_that_says_it_has_no_keys_is_not_believed(place: Town) -> None:
    async with place.at(STILL_FRESH) as house:
        people = await People.of(house)
        for keys in (b'{"keys": []}', b'{"keys": [{"kty": "RSA"}]}', b'{"keys": [1]}', b"{}"):
            place.door.set(answer(keys))
            assert (await seen(people.teacher, "reads own plan"))[0] == "done"


async def test_whom_identity_does_not_know_any_more_is_forgotten(place: Town, fresh_url: Fresh) -> None:
    async with (
        connected(await fresh_url("services.identity"), "services.identity") as nobody,
        identity_at(nobody, STILL_FRESH) as stranger,
        place.at(STILL_FRESH) as house,
    ):
        people = await People.of(house)
        assert (await seen(people.teacher, "viewer"))[0] == "now"
        place.open_to(stranger)
        assert (await seen(people.teacher, "viewer"))[0] == "access.left"
        place.door.set(SHUT)
        assert (await seen(people.teacher, "viewer"))[0] == "identity.unavailable"
    kept = {row["path"] for row in await sql(place.database, "SELECT path FROM registry_answer")}
    assert kept
    assert f"/v1/teachers/{people.teacher.ptk_id}" not in kept
