"""Identity is unavailable, slow or wrong: nothing is lost, cached facts are used, and recovery is automatic."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.environment import (
    TABLES,
    connect_database,
    identity_at,
    import_reference_data,
    sql,
)
from tests.integration.planning.faulty_proxy import HANG_UP, http_response, open_proxy
from tests.integration.planning.identity_faults import FAULTS, fault_mode
from tests.integration.planning.outage import (
    MORNING,
    STILL_FRESH,
    TOO_OLD,
    OutageClients,
    ProxiedServices,
    open_proxied_services,
    prepare_plans,
    shorten_timeouts,
    try_action,
    wait_until_recovered,
)

CACHE_TABLES = (*TABLES, "identity_answer")
Outcomes = dict[str, str]


@pytest.fixture(scope="module")
async def as_they_were(registry: Database, fresh_url: Fresh) -> AsyncIterator[ProxiedServices]:
    """An environment in which identity has answered for everybody, with a copy of its databases."""
    async with (
        connect_database(
            await fresh_url("services.planning", import_reference_data), "services.planning"
        ) as database,
        open_proxied_services(registry, database) as place,
    ):
        async with place.serve_at(MORNING) as environment:
            await prepare_plans(environment)
        for table in CACHE_TABLES:
            await sql(database, f"CREATE TABLE kept_{table} AS TABLE {table}")
        yield place


@pytest.fixture
async def place(as_they_were: ProxiedServices, monkeypatch: pytest.MonkeyPatch) -> ProxiedServices:
    """The copied databases, and short timeouts in planning."""
    await sql(as_they_were.database, f"TRUNCATE {', '.join(CACHE_TABLES)}")
    for table in CACHE_TABLES:
        await sql(as_they_were.database, f"INSERT INTO {table} SELECT * FROM kept_{table}")
    shorten_timeouts(monkeypatch)
    return as_they_were


async def what_all_see(people: OutageClients) -> Outcomes:
    """Try every action of every person, in order. Only the draft changes if all succeed."""
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
    return {
        f"{_name_person(people, person)} {what}": (await try_action(person, what))[0]
        for person, what in doing
    }


def _name_person(people: OutageClients, person: object) -> str:
    return next(name for name, one in vars(people).items() if one is person)


READING = {
    "teacher viewer": "kept",
    "head viewer": "kept",
    "teacher reads own plan": "done",
    "head reads colleague's plan": "done",
    "head review queue": "done",
    "teacher goes on": "done",
}


def deciding(code: str) -> Outcomes:
    return dict.fromkeys(("teacher submits", "head approves", "plt confirms as Plt"), code)


@pytest.mark.parametrize("way", FAULTS)
async def test_with_old_facts_reads_and_drafts_work_and_decisions_are_refused(
    place: ProxiedServices, way: str
) -> None:
    async with (
        place.serve_at(TOO_OLD) as environment,
        open_proxy("", 0) as elsewhere,
    ):  # a process with an empty cache
        people = await OutageClients.sign_in(environment)
        place.proxy.set_mode(await fault_mode(way, environment, elsewhere))
        before = await environment.dump_tables()
        assert await what_all_see(people) == READING | deciding("facts.stale")
        assert await environment.dump_tables() == before
        assert elsewhere.connections == 0
        assert (await try_action(people.teacher, "saves"))[0] == "done"
        assert (await people.teacher.load_plan())["version"] == 7
        place.proxy.set_mode("open")
        await wait_until_recovered(people.teacher)
        everyone = await what_all_see(people)
        assert everyone == dict.fromkeys(READING, "done") | {
            "teacher viewer": "now", "head viewer": "now", **deciding("done")
        }  # fmt: skip


@pytest.mark.parametrize("way", ["hangs up", "never answers", "sends another than asked for"])
async def test_with_recent_facts_decisions_work_and_show_the_age_of_the_facts(
    place: ProxiedServices, way: str
) -> None:
    async with place.serve_at(STILL_FRESH) as environment, open_proxy("", 0) as elsewhere:
        people = await OutageClients.sign_in(environment)
        place.proxy.set_mode(await fault_mode(way, environment, elsewhere))
        assert await what_all_see(people) == READING | deciding("done")
        rows = await environment.sql(
            "SELECT body::jsonb->'evidence'->>'facts_as_of' AS as_of FROM plan_event "
            "WHERE kind = 'transition' AND at = $1", STILL_FRESH,
        )  # fmt: skip
    assert [row["as_of"] for row in rows] == [MORNING.isoformat().replace("+00:00", "Z")] * 2


@pytest.mark.parametrize("way", ["hangs up", "never answers", "sends another than asked for"])
async def test_person_without_cached_facts_is_refused(place: ProxiedServices, way: str) -> None:
    await sql(place.database, "DELETE FROM identity_answer WHERE path LIKE '/v1/%'")
    async with place.serve_at(STILL_FRESH) as environment, open_proxy("", 0) as elsewhere:
        people = await OutageClients.sign_in(environment)
        place.proxy.set_mode(await fault_mode(way, environment, elsewhere))
        before = await environment.dump_tables()
        away = dict.fromkeys(READING, "identity.unavailable")
        assert await what_all_see(people) == away | deciding("identity.unavailable") | {
            "teacher reads own plan": "done"
        }
        assert await environment.dump_tables() == before
        assert (await try_action(people.teacher, "saves"))[0] == "done"


async def test_cached_facts_expire_after_the_configured_time(
    place: ProxiedServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENCANA_FACTS_CACHE_HOURS", "1")
    async with place.serve_at(TOO_OLD) as environment:
        people = await OutageClients.sign_in(environment)
        place.proxy.set_mode(HANG_UP)
        assert (await try_action(people.teacher, "viewer"))[0] == "identity.unavailable"
        assert (await try_action(people.teacher, "reads own plan"))[0] == "done"


async def test_caller_whose_signing_key_is_unavailable_is_asked_to_retry(place: ProxiedServices) -> None:
    await sql(place.database, "DELETE FROM identity_answer")
    async with place.serve_at(STILL_FRESH) as environment:
        people = await OutageClients.sign_in(environment)
        place.proxy.set_mode(HANG_UP)
        status, answer = await people.teacher.post({"query": "{ viewer { nama } }"})
        assert (status, answer["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")


async def test_empty_key_set_of_the_issuer_is_ignored(place: ProxiedServices) -> None:
    async with place.serve_at(STILL_FRESH) as environment:
        people = await OutageClients.sign_in(environment)
        for keys in (b'{"keys": []}', b'{"keys": [{"kty": "RSA"}]}', b'{"keys": [1]}', b"{}"):
            place.proxy.set_mode(http_response(keys))
            assert (await try_action(people.teacher, "reads own plan"))[0] == "done"


async def test_cached_facts_are_deleted_once_identity_does_not_know_the_person(
    place: ProxiedServices, fresh_url: Fresh
) -> None:
    async with (
        connect_database(await fresh_url("services.identity"), "services.identity") as nobody,
        identity_at(nobody, STILL_FRESH) as stranger,
        place.serve_at(STILL_FRESH) as environment,
    ):
        people = await OutageClients.sign_in(environment)
        assert (await try_action(people.teacher, "viewer"))[0] == "now"
        place.forward_to(stranger)
        assert (await try_action(people.teacher, "viewer"))[0] == "access.left"
        place.proxy.set_mode(HANG_UP)
        assert (await try_action(people.teacher, "viewer"))[0] == "identity.unavailable"
    cached_paths = {row["path"] for row in await sql(place.database, "SELECT path FROM identity_answer")}
    assert cached_paths
    assert f"/v1/teachers/{people.teacher.ptk_id}" not in cached_paths
