"""The explorer of development and the SDL as a file."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from services.kit.database import Database
from services.planning.api.schema import sdl
from tests.integration.planning.environment import Environment, environment_at
from tests.small_registry import PNS, email_of

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EMAIL = email_of(PNS)


@pytest.fixture
async def explorer(
    registry: Database, empty_planning_database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Environment]:
    monkeypatch.setenv("RENCANA_EXPLORER_ACCOUNTS", EMAIL)
    async with environment_at(registry, empty_planning_database) as environment:
        yield environment


async def test_browser_gets_the_explorer_from_files_of_this_service_only(explorer: Environment) -> None:
    async with explorer.planning.get("/graphql", headers=BROWSER) as response:
        page = await response.text()
        assert "script-src 'self'" in response.headers["content-security-policy"]
    assert EMAIL in page
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 6
    for address in addresses:
        assert address.startswith("/graphql/explorer/")
        async with explorer.planning.get(address) as response:
            assert response.status == 200, address
            text = await response.text()
        # what a browser would load by itself
        assert not re.search(r"url\(['\"]?https?:|@import|importScripts\(['\"]http", text), address


async def test_one_click_gives_a_token_that_the_service_accepts(explorer: Environment) -> None:
    async with explorer.planning.post("/graphql/explorer/token", json={"email": EMAIL}) as response:
        token = (await response.json())["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    body = {"query": "{ viewer { nama } __schema { queryType { name } } }"}
    async with explorer.planning.post("/graphql", json=body, headers=headers) as response:
        data = (await response.json())["data"]
    assert data["viewer"]["nama"]
    assert data["__schema"] == {"queryType": {"name": "Query"}}


@pytest.mark.parametrize(
    ("body", "status"), [({"email": "nobody@guru.sd.belajar.id"}, 403), ({"email": 1}, 400)]
)
async def test_refusal_of_identity_reaches_the_page(
    explorer: Environment, body: dict[str, object], status: int
) -> None:
    async with explorer.planning.post("/graphql/explorer/token", json=body) as response:
        assert response.status == status
        assert (await response.json())["problems"][0]["message"]


async def test_page_of_another_origin_cannot_ask_for_a_token(explorer: Environment) -> None:
    async with explorer.planning.post("/graphql/explorer/token", data='{"email":"a"}') as response:
        assert response.status == 415


async def test_query_by_get_is_answered_with_data_and_not_with_the_page(explorer: Environment) -> None:
    teacher = await explorer.sign_in(PNS)
    async with explorer.planning.get(
        "/graphql", params={"query": "{ viewer { nama } }"}, headers={**BROWSER, **teacher.headers}
    ) as response:
        assert (await response.json())["data"]["viewer"]["nama"]


async def test_sdl_is_a_file_with_an_etag(explorer: Environment) -> None:
    async with explorer.planning.get(
        "/graphql/schema.graphql", headers={"accept-encoding": "gzip"}
    ) as response:
        assert (response.status, await response.text()) == (200, sdl())
        etag, coding = response.headers["etag"], response.headers["content-encoding"]
    assert coding == "gzip"
    for value in (etag, f"W/{etag}", f'"another", {etag}'):
        async with explorer.planning.get(
            "/graphql/schema.graphql", headers={"if-none-match": value}
        ) as response:
            assert (response.status, await response.read()) == (304, b"")
    async with explorer.planning.get("/graphql/schema.graphql", headers={"if-none-match": '"x"'}) as response:
        assert response.status == 200
