"""Which pages may call the services from a browser (CORS)."""

from __future__ import annotations

import aiohttp
import pytest

from services.kit.settings import DEV_ORIGINS
from tests.integration.planning.environment import Environment
from tests.integration.planning.test_prod import serve_in_prod

HEADERS = (
    "authorization,content-type,traceparent,tracestate,x-request-id,"
    "apollographql-client-name,apollographql-client-version"
)


async def preflight(
    session: aiohttp.ClientSession, path: str, origin: str, method: str = "POST", headers: str = HEADERS
) -> tuple[int, str | None]:
    async with session.options(
        path,
        headers={
            "origin": origin,
            "access-control-request-method": method,
            "access-control-request-headers": headers,
        },
    ) as response:
        return response.status, response.headers.get("access-control-allow-origin")


@pytest.mark.parametrize("origin", DEV_ORIGINS)
async def test_local_web_server_may_call_both_services_in_development(
    environment: Environment, origin: str
) -> None:
    for method in ("GET", "POST"):
        assert await preflight(environment.planning, "/graphql", origin, method) == (200, origin)
    assert await preflight(environment.identity, "/dev/token", origin, headers="content-type") == (
        200,
        origin,
    )


@pytest.mark.parametrize("origin", ["http://localhost:5174", "https://localhost:5173", "null"])
async def test_other_origins_may_not(environment: Environment, origin: str) -> None:
    assert await preflight(environment.planning, "/graphql", origin) == (400, None)
    assert await preflight(environment.identity, "/dev/token", origin, headers="content-type") == (400, None)


async def test_unknown_header_or_method_is_not_allowed(environment: Environment) -> None:
    origin = DEV_ORIGINS[0]
    status, _ = await preflight(environment.planning, "/graphql", origin, headers="x-forwarded-for")
    assert status == 400
    status, _ = await preflight(environment.planning, "/graphql", origin, method="DELETE")
    assert status == 400


async def test_local_web_server_may_not_call_in_production(environment: Environment) -> None:
    async with serve_in_prod(environment) as session:
        for origin in DEV_ORIGINS:
            assert await preflight(session, "/graphql", origin) == (400, None)
