"""Planning as a registered client of identity: rotations cause no failure, and a revocation takes effect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.audit import tables
from services.identity.clients.commands import register, revoke, rotate
from services.identity.clients.model import parse_registration
from services.identity.settings import DEV_KEY_SECRET
from services.identity.tokens import store as tokens_store
from services.identity.tokens.keys import Keyring
from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.people.identity.client import IdentityClient
from services.planning.people.identity.credentials import PAUSE_SECONDS, Credentials
from tests.credentials import PLANNING
from tests.identity_samples import ptk
from tests.integration.planning.environment import JANUARY, identity_at
from tests.serving import serving
from tests.small_registry import PNS, SD
from tests.unit.planning.test_identity_parsers import school

REGISTRATION = parse_registration(
    {"name": "planning", "contact": "operator", "scopes": ["registry:read"], "within": {"nationwide": True}}
)
LIFE = 900


class Watch:
    """A monotonic clock that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def open_client(
    url: str, credentials: Credentials, watch: Watch | None = None
) -> AsyncIterator[IdentityClient]:
    client = IdentityClient(url, credentials, Clock(JANUARY), seconds=watch or Watch())
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def knows_teacher(client: IdentityClient) -> bool:
    return await client.teacher(str(ptk(PNS))) is not None


async def tokens_issued() -> int:
    return await tables.Audit.filter(kind="token", outcome="ok").count()


async def test_one_token_is_used_until_it_is_renewed(own_registry: Database) -> None:
    watch = Watch()
    with own_registry.active():
        registration = await register(REGISTRATION, "operator", JANUARY)
    async with (
        identity_at(own_registry, JANUARY) as identity,
        open_client(
            str(identity._base_url), Credentials(str(registration.client_id), registration.secret), watch
        ) as client,
    ):
        for _ in range(3):
            assert await knows_teacher(client)
            assert await client.school(SD)
        with own_registry.active():
            assert await tokens_issued() == 1
        watch.now = LIFE * 0.7
        assert await knows_teacher(client)
        with own_registry.active():
            assert await tokens_issued() == 2


async def test_rotations_of_keys_and_of_the_secret_cause_no_failure(own_registry: Database) -> None:
    watch, hour = Watch(), timedelta(hours=1)
    with own_registry.active():
        registration = await register(REGISTRATION, "operator", JANUARY)
    async with identity_at(own_registry, JANUARY) as identity:
        url = str(identity._base_url)
        async with open_client(
            url, Credentials(str(registration.client_id), registration.secret), watch
        ) as old:
            assert await knows_teacher(old)
            with own_registry.active():
                await Keyring(DEV_KEY_SECRET).rotate(JANUARY)
                again = await rotate(registration.client_id, hour, "operator", JANUARY)
            assert await knows_teacher(old)
            watch.now = LIFE  # the former secret is still valid
            assert await knows_teacher(old)
            async with open_client(url, Credentials(str(registration.client_id), again.secret)) as new:
                assert await knows_teacher(new)


async def test_lost_keys_cost_one_more_request(own_registry: Database) -> None:
    """A leaked key is withdrawn: the tokens that it signed are invalid at once."""
    async with (
        identity_at(own_registry, JANUARY) as identity,
        open_client(str(identity._base_url), PLANNING) as client,
    ):
        assert await knows_teacher(client)
        with own_registry.active():
            await tokens_store.retire_all(JANUARY - timedelta(seconds=1), own_registry.connection)
            await Keyring(DEV_KEY_SECRET).ensure_signing_key(JANUARY)
        assert await knows_teacher(client)


async def test_revoked_client_loses_access_within_the_lifetime_of_its_token(own_registry: Database) -> None:
    watch = Watch()
    with own_registry.active():
        registration = await register(REGISTRATION, "operator", JANUARY)
    async with (
        identity_at(own_registry, JANUARY) as identity,
        open_client(
            str(identity._base_url), Credentials(str(registration.client_id), registration.secret), watch
        ) as client,
    ):
        assert await knows_teacher(client)
        with own_registry.active():
            await revoke(registration.client_id, "operator", JANUARY)
        assert await knows_teacher(client)
        watch.now = LIFE
        with pytest.raises(IdentityUnavailable):
            await knows_teacher(client)


async def test_client_without_the_scope_is_refused(own_registry: Database) -> None:
    partner = {"name": "mitra", "contact": "x", "scopes": ["status:read"], "within": {"nationwide": True}}
    with own_registry.active():
        registration = await register(parse_registration(partner), "operator", JANUARY)
    credentials = Credentials(str(registration.client_id), registration.secret)
    async with (
        identity_at(own_registry, JANUARY) as identity_http,
        open_client(str(identity_http._base_url), credentials) as client,
    ):
        with pytest.raises(IdentityUnavailable):
            await knows_teacher(client)


async def test_wrong_credentials_are_retried_after_a_pause_and_logged(
    own_registry: Database, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch()
    async with (
        identity_at(own_registry, JANUARY) as identity,
        open_client(str(identity._base_url), Credentials(PLANNING.client_id, "wrong"), watch) as client,
    ):
        for _ in range(5):
            with pytest.raises(IdentityUnavailable):
                await knows_teacher(client)
        with own_registry.active():
            assert await tables.Audit.filter(outcome="token.client").count() == 1
        watch.now = PAUSE_SECONDS
        with pytest.raises(IdentityUnavailable):
            await knows_teacher(client)
        with own_registry.active():
            assert await tables.Audit.filter(outcome="token.client").count() == 2
        assert await client.keys(), "what is public needs no credentials"
    assert "RENCANA_CLIENT_ID" in caplog.text
    assert "wrong" not in caplog.text


async def test_token_is_sent_only_to_identity() -> None:
    """No redirect is followed, and public paths are requested without a token."""
    requests: list[tuple[str, str | None]] = []

    def noting(answer: Callable[[], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            requests.append(
                (request.url.path, request.headers.get("authorization", "").split(" ")[0] or None)
            )
            return answer()

        return endpoint

    async with serving(
        Starlette(routes=[Route("/{any:path}", noting(lambda: JSONResponse({})))])
    ) as elsewhere:
        routes = [
            Route(
                "/token",
                noting(lambda: JSONResponse({"access_token": "x", "expires_in": 900})),
                methods=["POST"],
            ),
            Route(f"/v1/schools/{SD}", noting(lambda: JSONResponse(school()))),
            Route("/.well-known/jwks.json", noting(lambda: JSONResponse({"keys": []}))),
            Route("/{any:path}", noting(lambda: Response(status_code=307, headers={"location": elsewhere}))),
        ]
        async with serving(Starlette(routes=routes)) as url, open_client(url, PLANNING) as client:
            assert await client.school(SD)
            with pytest.raises(IdentityUnavailable):
                await client.school("99000009")
            with pytest.raises(IdentityUnavailable):
                await client.keys()
    assert requests == [
        ("/token", "Basic"), (f"/v1/schools/{SD}", "Bearer"), ("/v1/schools/99000009", "Bearer"),
        ("/.well-known/jwks.json", None),
    ]  # fmt: skip
