"""A provider that is unavailable or sends invalid metadata."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from yarl import URL

from devtools.service_process import free_port
from services.identity.app import create_app
from services.identity.settings import IdentitySettings
from services.identity.sign_in.provider import MAX_RESPONSE_BYTES
from services.kit.clock import Clock
from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.environment import JANUARY, connect_database, sql
from tests.integration.sign_in.app import AUTHORIZATION_PARAMS
from tests.integration.sign_in.environment import APP, REDIRECT, WEB
from tests.serving import serving

Answer = Callable[[dict[str, Any]], Response]
FormFields = dict[str, str]


def other_provider(**changed: object) -> Answer:
    """Return metadata with other members. None omits a member."""
    return lambda metadata: JSONResponse(
        {name: value for name, value in {**metadata, **changed}.items() if value is not None}
    )


BAD: dict[str, Answer] = {
    "of another issuer": other_provider(issuer="https://accounts.example"),
    "with endpoints in the clear": other_provider(token_endpoint="http://accounts.example/token"),
    "with an endpoint of another kind": other_provider(jwks_uri="file:///etc/passwd"),
    "without an endpoint": other_provider(authorization_endpoint=None),
    "with a number for an endpoint": other_provider(jwks_uri=7),
    "that is not an object": lambda _: JSONResponse([]),
    "that is not JSON": lambda _: PlainTextResponse("{"),
    "nested too deep": lambda _: PlainTextResponse("[" * 100_000),
    "too large": lambda _: PlainTextResponse(" " * (MAX_RESPONSE_BYTES + 1)),
    "somewhere else": lambda _: RedirectResponse("https://accounts.example/"),
    "that is a fault": lambda _: JSONResponse({}, 500),
    "that is not there": lambda _: JSONResponse({}, 404),
}


@pytest.fixture(scope="module")
async def database(fresh_url: Fresh) -> AsyncIterator[Database]:
    async with connect_database(await fresh_url("services.identity"), "services.identity") as database:
        yield database


@asynccontextmanager
async def serve_identity_with(issuer: str, database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    """Serve identity with a provider. Yields a client."""
    settings = IdentitySettings(
        env="dev", oidc_issuer=issuer, oidc_client_id="x", oidc_client_secret=SecretStr("y"),
        web_origins=(WEB,), apps={APP: (REDIRECT,)},
    )  # fmt: skip
    async with (
        serving(create_app(settings, database, Clock(JANUARY))) as url,
        aiohttp.ClientSession(url) as client,
    ):
        yield client


async def expect_unavailable(client: aiohttp.ClientSession, database: Database) -> None:
    """Check that a browser and an app get `signin.provider_away`, and that nothing is stored."""
    async with client.get("/login", headers={"accept-language": "en"}) as answer:
        (problem,) = (await answer.json())["problems"]
        assert (answer.status, problem["code"]) == (503, "signin.provider_away")
        assert "Nothing is wrong with your account" in problem["message"]
    async with client.get("/authorize", params=AUTHORIZATION_PARAMS, allow_redirects=False) as answer:
        query = URL(answer.headers["location"]).query
        assert (answer.status, query["error"], query["problem"]) == (
            303, "temporarily_unavailable", "signin.provider_away"
        )  # fmt: skip
    assert await sql(database, "SELECT 1 FROM sign_in_attempt") == []


@asynccontextmanager
async def provider_with(
    port: int, describes: Answer = JSONResponse, token: Callable[[Request], Awaitable[Response]] | None = None
) -> AsyncIterator[str]:
    """Serve a provider with this metadata and this token endpoint. Yields its issuer."""
    issuer = f"http://127.0.0.1:{port}"
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")

    async def send_metadata(_: Request) -> Response:
        return describes({"issuer": issuer, **{name: f"{issuer}/{name}" for name in names}})

    routes = [Route("/.well-known/openid-configuration", send_metadata)]
    routes += [Route("/token_endpoint", token, methods=["POST"])] if token else []
    async with serving(Starlette(routes=routes), port):
        yield issuer


@pytest.mark.parametrize("case", BAD)
async def test_invalid_provider_metadata_are_refused(database: Database, case: str) -> None:
    async with (
        provider_with(free_port(), BAD[case]) as issuer,
        serve_identity_with(issuer, database) as client,
    ):
        await expect_unavailable(client, database)


async def test_sign_in_works_once_the_provider_is_back(database: Database) -> None:
    port = free_port()
    async with serve_identity_with(f"http://127.0.0.1:{port}", database) as client:
        await expect_unavailable(client, database)
        async with provider_with(port) as issuer, client.get("/login", allow_redirects=False) as answer:
            assert answer.status == 303
            assert answer.headers["location"].startswith(
                f"{issuer}/authorization_endpoint?response_type=code&"
            )
        async with client.get("/login", allow_redirects=False) as answer:
            assert answer.status == 303, "what it said of itself is kept"


CREDENTIALS = [
    (None, {"authorization": aiohttp.encode_basic_auth("x", "y")}, {}),
    (["client_secret_basic"], {"authorization": aiohttp.encode_basic_auth("x", "y")}, {}),
    (["client_secret_post"], {}, {"client_id": "x", "client_secret": "y"}),
]


@pytest.mark.parametrize(("methods", "header", "form"), CREDENTIALS)
async def test_client_secret_is_sent_as_the_provider_supports_and_its_refusal_is_logged(
    database: Database,
    caplog: pytest.LogCaptureFixture,
    methods: list[str] | None,
    header: FormFields,
    form: FormFields,
) -> None:
    sent_credentials: list[tuple[FormFields, FormFields]] = []

    async def refuses(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        header_credentials = {
            name: request.headers[name] for name in ("authorization",) if name in request.headers
        }
        sent_credentials.append(
            (
                header_credentials,
                {name: form[name] for name in ("client_id", "client_secret") if name in form},
            )
        )
        return JSONResponse({"error": "invalid_client"}, 401)

    describes = other_provider(token_endpoint_auth_methods_supported=methods)
    async with (
        provider_with(free_port(), describes, refuses) as issuer,
        serve_identity_with(issuer, database) as client,
    ):
        async with client.get("/login", allow_redirects=False) as answer:
            state, cookies = URL(answer.headers["location"]).query["state"], answer.cookies
        sent_cookies = {name: morsel.value for name, morsel in cookies.items()}
        params = {"code": "1", "state": state}
        async with client.get("/callback", params=params, cookies=sent_cookies) as answer:
            (problem,) = (await answer.json())["problems"]
            assert (answer.status, problem["code"]) == (503, "signin.provider_away")
    assert sent_credentials == [(header, form)]
    assert "refuses RENCANA_OIDC_CLIENT_ID" in caplog.text
