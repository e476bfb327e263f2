"""Addresses of admins: identity knows them, planning stores none, and only admins see them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from services.kit.database import Database
from tests.integration.planning.environment import JANUARY, Environment
from tests.integration.planning.faulty_proxy import FORWARD, HANG_UP
from tests.integration.planning.outage import ProxiedServices, open_proxied_services, shorten_timeouts
from tests.integration.planning.plans import submit_plan
from tests.integration.planning.revisions import close_proposal, propose
from tests.integration.planning.workflow_versions import SECOND, approve_version
from tests.small_registry import ADMIN, PNS
from tests.until import until

VERSIONS = "{ workflowVersions { nodes { acts { actor { role address } } } } }"
REQUESTS = """{ period(code: "2024-1") { changeRequests { nodes {
  author { address } acts { actor { address } } } } } }"""
SKIP = """mutation M($input: SkipTimerInput!) { skipTimer(input: $input) {
  ... on SkipTimerPayload { timer { acts { actor { address } } } } } }"""
REVISIONS = '{ period(code: "2024-1") { revisions { nodes { author { address } approver { address } } } } }'


@pytest.fixture
async def place(registry: Database, own_planning_database: Database) -> AsyncIterator[ProxiedServices]:
    async with open_proxied_services(registry, own_planning_database) as place:
        yield place


async def changed_by_both(environment: Environment) -> None:
    """A change that one admin proposed and another approved."""
    proposal = await propose(await environment.sign_in(ADMIN), revision_days={"int": 20})
    assert (await close_proposal(await environment.sign_in(SECOND), "approveChangeRequest", proposal))[
        "state"
    ] == "EXECUTED"


def list_addresses(request: Mapping[str, Any]) -> list[str | None]:
    """The addresses of the author and of who acted."""
    return [request["author"]["address"], *(act["actor"]["address"] for act in request["acts"])]


async def test_admins_see_addresses_of_actors_on_versions_and_values(place: ProxiedServices) -> None:
    async with place.serve_at(JANUARY) as environment:
        await approve_version(environment)
        await changed_by_both(environment)
        admin = await environment.sign_in(ADMIN)
        versions = (await admin.execute(VERSIONS))["workflowVersions"]["nodes"]
        acts = [
            [(act["actor"]["role"], act["actor"]["address"]) for act in version["acts"]]
            for version in versions
        ]
        assert acts == [[("ADMIN", ADMIN), ("ADMIN", SECOND)], [("RELEASE", None)]]
        (request,) = (await admin.execute(REQUESTS))["period"]["changeRequests"]["nodes"]
        assert list_addresses(request) == [ADMIN, ADMIN, SECOND, SECOND]
        revisions = (await admin.execute(REVISIONS))["period"]["revisions"]["nodes"]
        assert revisions[-1] == {"author": {"address": None}, "approver": {"address": None}}
        assert {"author": {"address": ADMIN}, "approver": {"address": SECOND}} in revisions


async def test_admins_see_addresses_of_actors_on_timers(place: ProxiedServices) -> None:
    async with place.serve_at(JANUARY) as environment:
        teacher, admin = await submit_plan(environment, PNS), await environment.sign_in(ADMIN)
        query = "query Q($id: ID!) { plan(id: $id) { timers { id } } }"
        timer, *_ = (await admin.execute(query, id=teacher.plan_id))["plan"]["timers"]
        arguments = {"timerId": timer["id"], "expectedFiringCount": 0, "reason": "Sudah dibicarakan."}
        skipped = await admin.execute(SKIP, input=arguments)
        assert skipped["skipTimer"]["timer"]["acts"] == [{"actor": {"address": ADMIN}}]


async def test_teacher_sees_no_address_of_an_admin(place: ProxiedServices) -> None:
    async with place.serve_at(JANUARY) as environment:
        await changed_by_both(environment)
        revisions = (await (await environment.sign_in(PNS)).execute(REVISIONS))["period"]["revisions"][
            "nodes"
        ]
        assert {actor["address"] for one in revisions for actor in one.values()} == {None}


async def test_no_address_is_stored(place: ProxiedServices) -> None:
    async with place.serve_at(JANUARY) as environment:
        await changed_by_both(environment)
        await (await environment.sign_in(ADMIN)).execute(REQUESTS)
    rows = await environment.sql("SELECT a::text AS row FROM identity_answer a")
    assert not [row for row in rows if "/v1/accounts/" in row["row"]]


async def test_address_is_null_while_identity_is_unavailable(
    place: ProxiedServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_timeouts(monkeypatch)
    async with place.serve_at(JANUARY) as environment:
        await changed_by_both(environment)
        admin = await environment.sign_in(ADMIN)
        await admin.execute(VERSIONS)  # planning fetches the keys
        place.proxy.set_mode(HANG_UP)
        (request,) = (await admin.execute(REQUESTS))["period"]["changeRequests"]["nodes"]
        assert set(list_addresses(request)) == {None}
        place.proxy.set_mode(FORWARD)

        async def is_told() -> bool:
            (request,) = (await admin.execute(REQUESTS))["period"]["changeRequests"]["nodes"]
            return list_addresses(request)[0] == ADMIN

        await until(is_told)
        place.proxy.set_mode(HANG_UP)
        assert await is_told()  # the address is asked for once, because it never changes
