"""Admins know each other by address: identity tells it, planning stores none, and nobody else is told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.away import Town, impatient, town
from tests.integration.planning.composing import submitted
from tests.integration.planning.front import OPEN, SHUT
from tests.integration.planning.house import JANUARY, House, connected
from tests.integration.planning.publishing import SECOND, approved
from tests.integration.planning.revising import end, propose
from tests.small_registry import ADMIN, PNS, import_registry
from tests.until import until

VERSIONS = "{ workflows { edges { node { acts { by { kind address } } } } } }"
PROPOSALS = (
    """{ period(code: "2024-1") { proposals { edges { node { authorAddress ended { address } } } } } }"""
)
SKIP = """mutation M($input: TimerActInput!) { skipTimer(input: $input) {
  ... on ArmedTimer { acts { address } } } }"""
REVISIONS = '{ period(code: "2024-1") { revisions { authorAddress approverAddress } } }'


@pytest.fixture(scope="module")
async def admins(fresh_url: Fresh) -> AsyncIterator[Database]:
    """The small registry with two admins."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry()
        yield database


@pytest.fixture
async def place(admins: Database, own: Database) -> AsyncIterator[Town]:
    async with town(admins, own) as place:
        yield place


async def changed_by_both(house: House) -> None:
    """What one admin proposed and the other approved."""
    proposal = await propose(await house.person(ADMIN), revision_days={"int": 20})
    assert (await end(await house.person(SECOND), "approveRevision", proposal))["status"] == "APPROVED"


async def test_who_acted_on_versions_and_values_is_told_to_admins_by_address(place: Town) -> None:
    async with place.at(JANUARY) as house:
        await approved(house)
        await changed_by_both(house)
        admin = await house.person(ADMIN)
        versions = (await admin.ask(VERSIONS))["workflows"]["edges"]
        acts = [
            [(act["by"]["kind"], act["by"]["address"]) for act in one["node"]["acts"]] for one in versions
        ]
        assert acts == [[("ADMIN", ADMIN), ("ADMIN", SECOND)], [("RELEASE", None)]]
        (proposal,) = (await admin.ask(PROPOSALS))["period"]["proposals"]["edges"]
        assert proposal["node"] == {"authorAddress": ADMIN, "ended": {"address": SECOND}}
        revisions = (await admin.ask(REVISIONS))["period"]["revisions"]
        assert revisions[0] == {"authorAddress": None, "approverAddress": None}
        assert {"authorAddress": ADMIN, "approverAddress": SECOND} in revisions


async def test_who_acted_on_a_timer_is_told_to_admins_by_address(place: Town) -> None:
    async with place.at(JANUARY) as house:
        teacher, admin = await submitted(house, PNS), await house.person(ADMIN)
        query = "query Q($id: ID!) { plan(id: $id) { timers { id } } }"
        timer, *_ = (await admin.ask(query, id=teacher.plan_id))["plan"]["timers"]
        given = {"timer": timer["id"], "expectedCount": 0, "reason": "Sudah dibicarakan."}
        skipped = await admin.ask(SKIP, input=given)
        assert skipped["skipTimer"]["acts"] == [{"address": ADMIN}]


async def test_a_teacher_reads_who_decided_by_id_only(place: Town) -> None:
    async with place.at(JANUARY) as house:
        await changed_by_both(house)
        revisions = (await (await house.person(PNS)).ask(REVISIONS))["period"]["revisions"]
        assert {value for one in revisions for value in one.values()} == {None}


async def test_no_address_is_stored(place: Town) -> None:
    async with place.at(JANUARY) as house:
        await changed_by_both(house)
        await (await house.person(ADMIN)).ask(PROPOSALS)
    rows = await house.sql("SELECT a::text AS row FROM registry_answer a")
    assert not [row for row in rows if "/v1/accounts/" in row["row"]]


async def test_while_identity_is_away_everything_else_is_told(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    async with place.at(JANUARY) as house:
        await changed_by_both(house)
        admin = await house.person(ADMIN)
        await admin.ask(VERSIONS)  # planning has the keys of tokens from now on
        place.door.set(SHUT)
        (proposal,) = (await admin.ask(PROPOSALS))["period"]["proposals"]["edges"]
        assert proposal["node"] == {"authorAddress": None, "ended": {"address": None}}
        place.door.set(OPEN)

        async def is_told() -> bool:
            (proposal,) = (await admin.ask(PROPOSALS))["period"]["proposals"]["edges"]
            return bool(proposal["node"]["authorAddress"] == ADMIN)

        await until(is_told)
        place.door.set(SHUT)
        assert await is_told()  # an account keeps its address: it is asked for once
