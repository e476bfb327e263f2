from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from services.identity.app import create_app
from services.identity.settings import IdentitySettings
from services.identity.sign_in.dev_token import MAX_BODY_BYTES
from services.kit.clock import Clock
from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.identity.environment import (
    ISSUER,
    NOW,
    TEACHER,
    dump_tables,
    find_account_id,
    import_registry,
    list_codes,
    open_filled,
    serve_identity_at,
    sign_in,
)
from tests.serving import serving

SECRET = "a-secret-of-the-tests-of-32-characters-or-more"


@pytest.fixture(scope="module")
async def registry(fresh_url: Fresh) -> AsyncIterator[Database]:
    async with open_filled(await fresh_url("services.identity")) as database:
        yield database


@pytest.fixture(scope="module")
async def client(registry: Database) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve_identity_at(registry) as client:
        yield client


async def _verify_token(client: aiohttp.ClientSession, token: str) -> jwt.Token:
    """Verify a token like planning does, with the published keys of identity."""
    async with client.get("/.well-known/jwks.json") as response:
        keys = KeySet.import_key_set(await response.json())
    token_object = jwt.decode(token, keys, ["ES256"])
    rules = jwt.JWTClaimsRegistry(
        int(NOW.timestamp()),
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": "rencana-planning"},
        exp={"essential": True},
        nbf={"essential": True},
    )
    rules.validate(token_object.claims)
    return token_object


async def test_token_is_verified_with_the_published_keys(client: aiohttp.ClientSession) -> None:
    _, answer = await sign_in(client, "satu@guru.sd.belajar.id")
    token = await _verify_token(client, answer["access_token"])
    assert token.header["typ"] == "at+jwt"
    assert set(token.claims) == {"iss", "aud", "sub", "acc", "scope", "iat", "nbf", "exp", "jti", "auth_time"}
    assert token.claims["sub"] == f"ptk:{TEACHER}"
    assert token.claims["acc"] == str(await find_account_id("satu@guru.sd.belajar.id"))
    assert token.claims["scope"] == ""
    assert token.claims["exp"] - token.claims["iat"] == 900
    assert token.claims["iat"] == int(NOW.timestamp())


async def test_token_of_an_admin_without_a_ptk_has_account_and_scope(
    client: aiohttp.ClientSession,
) -> None:
    _, answer = await sign_in(client, "pengelola@dinas.belajar.id")
    claims = (await _verify_token(client, answer["access_token"])).claims
    account = await find_account_id("pengelola@dinas.belajar.id")
    assert (claims["sub"], claims["scope"]) == (f"account:{account}", "admin")


async def test_token_response_is_not_cacheable(client: aiohttp.ClientSession) -> None:
    async with client.post("/dev/token", json={"email": "satu@guru.sd.belajar.id"}) as response:
        assert (response.status, response.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"", "application/json", 400, "json.unreadable"),
        (b"{", "application/json", 400, "json.unreadable"),
        (b"\xff", "application/json", 400, "json.unreadable"),
        (b"[" * 4000, "application/json", 400, "json.unreadable"),
        (b"1", "application/json", 400, "dev_token.email"),
        (b"null", "application/json", 400, "dev_token.email"),
        (b"[]", "application/json", 400, "dev_token.email"),
        (b"{}", "application/json", 400, "dev_token.email"),
        (b'{"email": null}', "application/json", 400, "dev_token.email"),
        (b'{"email": ["satu@guru.sd.belajar.id"]}', "application/json", 400, "dev_token.email"),
        (b'{"email": ""}', "application/json", 400, "dev_token.email"),
        (b'{"email": "satu"}', "application/json", 400, "dev_token.email"),
        (b'{"email": "satu\\u0000@guru.sd.belajar.id"}', "application/json", 400, "dev_token.email"),
        (b'{"email": "satu\\ud800@guru.sd.belajar.id"}', "application/json", 400, "dev_token.email"),
        (b"email=satu@guru.sd.belajar.id", "application/x-www-form-urlencoded", 415, "dev_token.not_json"),
        (b'{"email": "satu@guru.sd.belajar.id"}', "text/plain", 415, "dev_token.not_json"),
        (b'{"email": "' + b"x" * MAX_BODY_BYTES + b'"}', "application/json", 413, "http.too_large"),
    ],
)
async def test_malformed_dev_token_request_is_refused_and_writes_nothing(
    client: aiohttp.ClientSession, body: bytes, content_type: str, status: int, code: str
) -> None:
    before = await dump_tables()
    headers = {"content-type": content_type}
    async with client.post("/dev/token", data=body, headers=headers) as response:
        assert (response.status, list_codes(await response.json())) == (status, [code])
    assert await dump_tables() == before


async def test_large_body_of_unknown_length_is_refused(client: aiohttp.ClientSession) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * MAX_BODY_BYTES

    headers = {"content-type": "application/json"}
    async with client.post("/dev/token", data=parts(), headers=headers) as response:
        assert (response.status, list_codes(await response.json())) == (413, ["http.too_large"])


class _WithClientHost:
    """An app whose client has the address `host`."""

    def __init__(self, app: Any, host: str) -> None:
        self.app, self.host = app, host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["client"] = (self.host, 4711)
        await self.app(scope, receive, send)


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("127.8.8.8", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("203.0.113.7", 403),
     ("10.0.0.2", 403), ("::ffff:203.0.113.7", 403), ("2001:db8::1", 403), ("localhost.example", 403)],
)  # fmt: skip
async def test_dev_token_is_for_loopback_clients_only(registry: Database, host: str, status: int) -> None:
    app = create_app(IdentitySettings(env="dev"), registry, Clock(NOW))
    async with serving(_WithClientHost(app, host)) as url, aiohttp.ClientSession(url) as client:
        got, answer = await sign_in(client, "satu@guru.sd.belajar.id")
    assert got == status
    assert status == 200 or list_codes(answer) == ["dev_token.not_local"]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
async def test_forwarded_request_gets_no_dev_token(client: aiohttp.ClientSession, header: str) -> None:
    status, answer = await sign_in(client, "satu@guru.sd.belajar.id", **{header: "127.0.0.1"})
    assert (status, list_codes(answer)) == (403, ["dev_token.not_local"])


async def test_prod_has_no_dev_token(database: Database) -> None:
    await import_registry()
    settings = IdentitySettings(
        env="prod", identity_database_url=SecretStr(database.url), key_secret=SecretStr(SECRET)
    )
    app = create_app(settings, database, Clock(NOW))
    assert not [route for route in app.routes if "dev" in str(getattr(route, "path", ""))]
    async with serving(app) as url, aiohttp.ClientSession(url) as client:
        status, answer = await sign_in(client, "satu@guru.sd.belajar.id")
    assert (status, list_codes(answer)) == (404, ["http.not_found"])
