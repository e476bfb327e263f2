"""Rate limits of sign-in and token endpoints."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.identity.api.edges import LIMITED_PATHS, RateLimits, build_exception_handlers
from services.identity.app import create_app
from services.identity.settings import MESSAGE_FILES, IdentitySettings
from services.kit.database import Database
from services.kit.http import SECURITY_HEADERS
from services.kit.problems import Messages
from tests.integration.identity.environment import list_codes
from tests.serving import serving
from workflows.model.messages import format_value

SETTINGS = IdentitySettings(env="dev", sign_ins_per_address=len(LIMITED_PATHS), sign_ins_per_account=1)


@pytest.fixture
async def client(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    """Identity with as many requests per address as there are limited paths."""
    async with serving(create_app(SETTINGS, database)) as url, aiohttp.ClientSession(url) as session:
        yield session


async def _send_requests(client: aiohttp.ClientSession, **headers: str) -> list[int]:
    """Request each limited path and return the statuses, without following redirects."""
    statuses = []
    for path in sorted(LIMITED_PATHS):
        async with client.post(path, headers=headers, allow_redirects=False) as response:
            statuses.append(response.status)
    return statuses


async def test_request_over_the_limit_gets_retry_after_in_both_languages(
    client: aiohttp.ClientSession,
) -> None:
    assert 429 not in await _send_requests(client)
    sentences = set()
    for language in ("id", "en"):
        async with client.post("/token", headers={"accept-language": language}) as response:
            answer = await response.json()
            assert (response.status, list_codes(answer)) == (429, ["http.too_many"])
            assert 1 <= int(response.headers["retry-after"]) <= 60
            assert response.headers["retry-after"] in answer["problems"][0]["message"]
            assert all(response.headers[name] == value for name, value in SECURITY_HEADERS.items())
            sentences.add(answer["problems"][0]["message"])
    assert len(sentences) == 2


async def test_forwarded_address_of_a_stranger_is_ignored(client: aiohttp.ClientSession) -> None:
    await _send_requests(client)
    headers = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7", "X-Real-IP": "203.0.113.7"}
    assert set(await _send_requests(client, **headers)) == {429}


async def test_other_paths_are_not_limited(client: aiohttp.ClientSession) -> None:
    for _ in range(3 * len(LIMITED_PATHS)):
        async with client.get("/.well-known/jwks.json") as response:
            assert response.status == 200
    assert 429 not in await _send_requests(client)


async def test_account_has_its_own_limit() -> None:
    limits, messages = RateLimits(SETTINGS), Messages.load(*MESSAGE_FILES, format_value=format_value)

    async def token(request: Request) -> Response:
        limits.account.hit(request.query_params["account"])
        return PlainTextResponse("a token")

    app = Starlette(routes=[Route("/token", token)], exception_handlers=build_exception_handlers(messages))
    async with serving(app) as url, aiohttp.ClientSession(url) as client:
        for account, status in (("satu", 200), ("dua", 200), ("satu", 429), ("tiga", 200)):
            async with client.get("/token", params={"account": account}) as response:
                assert response.status == status
                assert status == 200 or int(response.headers["retry-after"]) >= 1
