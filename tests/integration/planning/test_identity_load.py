"""Many concurrent requests while identity hangs: all are answered, few reach it, and no task is left."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.people.identity import connections as breaker
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.people.identity.client import IdentityClient
from services.planning.people.identity.connections import MAX_CONNECTIONS
from tests.conftest import Fresh
from tests.credentials import PLANNING, TOKEN_ROUTE
from tests.identity_samples import ptk
from tests.integration.planning.environment import connect_database, import_reference_data
from tests.integration.planning.faulty_proxy import (
    SILENT,
    FaultyProxy,
    http_response,
    open_proxy,
    with_token_endpoint,
)
from tests.integration.planning.outage import (
    MORNING,
    TOO_OLD,
    VIEWER,
    OutageClients,
    ProxiedServices,
    open_proxied_services,
    prepare_plans,
    wait_until_recovered,
)
from tests.serving import serving
from tests.small_registry import SD
from tests.unit.planning.test_identity_parsers import school
from tests.until import PATIENCE

pytestmark = pytest.mark.usefixtures("production_timeouts")

CROWD = 200
NOW = datetime(2024, 2, 20, tzinfo=UTC)


@pytest.fixture
async def place(registry: Database, fresh_url: Fresh) -> AsyncIterator[ProxiedServices]:
    """An environment in which identity has answered for everybody."""
    async with (
        connect_database(
            await fresh_url("services.planning", import_reference_data), "services.planning"
        ) as database,
        open_proxied_services(registry, database) as place,
    ):
        async with place.serve_at(MORNING) as environment:
            await prepare_plans(environment)
        yield place


async def test_two_hundred_requests_are_answered_while_identity_hangs(place: ProxiedServices) -> None:
    async with place.serve_at(TOO_OLD) as environment:
        people = await OutageClients.sign_in(environment)
        everybody = [people.teacher, people.colleague, people.head, people.plt]
        await people.teacher.load_plan()  # opens a connection and fetches the keys
        place.proxy.set_mode(SILENT)
        connections_before, tasks = place.proxy.connections, len(asyncio.all_tasks())
        async with asyncio.timeout(PATIENCE):
            answers = await asyncio.gather(*(everybody[n % 4].post({"query": VIEWER}) for n in range(CROWD)))
        banners = Counter(
            banner["code"] for status, answer in answers if status == 200
            for banner in answer["data"]["viewer"]["banners"]
        )  # fmt: skip
        assert banners["banner.registry_away"] == CROWD
        # four persons and three schools, with at most three attempts each before the breaker opened
        assert place.proxy.connections - connections_before <= 7 * breaker.FAILURES
        assert await has_fewer_tasks(tasks)
        place.proxy.set_mode("open")
        await wait_until_recovered(people.teacher)
        assert (await people.teacher.mutate_plan("submitPlan"))["state"]["phase"] == "SUBMITTED"


async def test_breaker_stops_two_hundred_questions_to_a_silent_identity() -> None:
    async with open_proxy("", 0) as proxy, open_client(proxy) as client:
        proxy.set_mode(SILENT)
        tasks = len(asyncio.all_tasks())
        opened = _metric("rencana_identity_questions_total", about="teacher", outcome="unavailable")
        answers = await _crowd(client)
        assert {type(answer) for answer in answers} == {IdentityUnavailable}
        assert proxy.connections <= MAX_CONNECTIONS + breaker.FAILURES  # attempts that began before it opened
        assert (
            _metric("rencana_identity_questions_total", about="teacher", outcome="unavailable")
            == opened + CROWD
        )
        assert _metric("rencana_identity_breaker_open") == 1
        connections_before = proxy.connections
        await _crowd(client)
        assert proxy.connections == connections_before  # the breaker is open
        assert await has_fewer_tasks(tasks)


async def test_error_for_one_school_does_not_open_the_breaker() -> None:
    unknown = http_response(b'{"problems": [{"code": "school.unknown"}]}', 404)
    async with open_proxy("", 0) as proxy, open_client(proxy) as client:
        proxy.set_mode(
            with_token_endpoint(
                lambda path: http_response(b"{}", 500) if path.endswith("/99000001") else unknown
            )
        )
        for _ in range(breaker.FAILURES):
            with pytest.raises(IdentityUnavailable):
                await client.school("99000001")
        assert await client.school("99000002") is None
        assert (
            proxy.connections == 1 + breaker.FAILURES + 1
        )  # one request for the token, and one for the fault, which would repeat


async def test_question_is_attempted_three_times_within_its_time_limit() -> None:
    async with open_proxy("", 0) as proxy, open_client(proxy) as client:
        proxy.set_mode(SILENT)
        with pytest.raises(IdentityUnavailable):
            await client.school("99000001")
        assert proxy.connections == breaker.FAILURES


async def test_running_question_is_cancelled_when_planning_stops() -> None:
    async with open_proxy("", 0) as proxy, open_client(proxy) as client:
        proxy.set_mode(SILENT)
        questions = [asyncio.ensure_future(client.teacher(str(ptk(n)))) for n in range(5)]
        await _wait_for_connection(proxy)
        await client.close()
        async with asyncio.timeout(PATIENCE):
            assert {type(one) for one in await asyncio.gather(*questions, return_exceptions=True)} == {
                asyncio.CancelledError
            }


async def test_question_after_a_change_does_not_get_an_earlier_answer() -> None:
    """Otherwise a plan would be decided with the former head after the change was processed."""
    revision, question_received, answering = 1, asyncio.Event(), asyncio.Event()

    async def school_now(_: Request) -> JSONResponse:
        body = school(change_number=revision)
        question_received.set()
        await answering.wait()
        return JSONResponse(body)

    async def no_changes(_: Request) -> JSONResponse:
        return JSONResponse({"changes": [], "next": 0, "more": False})

    routes = [TOKEN_ROUTE, Route(f"/v1/schools/{SD}", school_now), Route("/v1/changes", no_changes)]
    async with serving(Starlette(routes=routes)) as url:
        client = IdentityClient(url, PLANNING, Clock(NOW))
        await client.start()
        before = asyncio.create_task(client.school(SD))
        await question_received.wait()
        revision = 2
        await client.changes(0)
        after = asyncio.create_task(client.school(SD))
        await asyncio.sleep(0)
        answering.set()
        revisions = [known and known.facts.change_number for known in await asyncio.gather(before, after)]
        await client.close()
    assert revisions == [1, 2]


@asynccontextmanager
async def open_client(proxy: FaultyProxy) -> AsyncIterator[IdentityClient]:
    """A client without stored answers."""
    client = IdentityClient(proxy.url, PLANNING, Clock(NOW))
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def _crowd(client: IdentityClient) -> list[object]:
    async with asyncio.timeout(PATIENCE):
        questions = (client.teacher(str(UUID(int=n))) for n in range(CROWD))
        return list(await asyncio.gather(*questions, return_exceptions=True))


async def has_fewer_tasks(before: int) -> bool:
    """Tell whether no task is left, except one for each connection of a client."""
    async with asyncio.timeout(PATIENCE):
        while len(asyncio.all_tasks()) > before + 5:  # noqa: ASYNC110 - it changes in another task
            await asyncio.sleep(0.05)
    return True


async def _wait_for_connection(proxy: FaultyProxy) -> None:
    async with asyncio.timeout(PATIENCE):
        while not proxy.connections:  # noqa: ASYNC110 - it changes in another task
            await asyncio.sleep(0.01)


def _metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0
