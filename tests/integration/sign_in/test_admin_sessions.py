"""What an admin can do, and for how long: grants and sessions that end, sign-ins that age, addresses of others."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws

from services.identity.accounts.commands import grant_scope, revoke_scope
from services.identity.audit.store import load_latest
from services.identity.sign_in.commands import end_account_sessions, forget_provider_identity
from services.identity.sign_in.model import BROWSER_LIFETIME
from services.kit.tokens import FRESH_SIGN_IN
from tests.integration.planning.environment import JANUARY, sql
from tests.integration.sign_in.app import exchange_code, fetch_code, refresh, sign_in_app
from tests.integration.sign_in.environment import (
    Environment,
    fetch_session_token,
    provider_claims,
    sign_in_browser,
)
from tests.small_registry import email_of

ADMIN = 2
UNKNOWN_VERSION = f"workflow-version:{'0' * 64}"
REGISTRATION = {
    "name": "Rapor Pendidikan", "contact": "rapor@contoh.example", "scopes": ["status:read"],
    "within": {"provinsi": ["Prov. Jawa Barat"]},
}  # fmt: skip


@pytest.fixture
async def admin(environment: Environment) -> AsyncIterator[str]:
    """Grant the scope `admin` to a teacher. Yields the address."""
    email = email_of(ADMIN)
    with environment.database.active():
        await grant_scope(email, "admin", "operator", JANUARY)
    yield email
    with environment.database.active():
        await revoke_scope(email, "admin", "operator", JANUARY)
        await end_account_sessions(email, "operator", JANUARY)


def read_claims(token: str) -> dict[str, Any]:
    """Return the claims of a token without a check."""
    claims: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return claims


async def call_admin(
    environment: Environment, token: str, method: str = "GET", body: object = None
) -> tuple[int, str | None]:
    """Call `/admin/clients`. Returns the status and the code of the first problem."""
    async with environment.provider.session.request(
        method,
        f"{environment.identity}/admin/clients",
        headers={"authorization": f"Bearer {token}"},
        json=body,
    ) as answer:
        content = await answer.json()
        return answer.status, content["problems"][0]["code"] if "problems" in content else None


async def age_sessions(environment: Environment, age: timedelta) -> None:
    """Let every session have begun earlier."""
    await sql(environment.database, "UPDATE session SET created_at = $1", JANUARY - age)


async def count_clients(environment: Environment) -> int:
    """Return the number of registered clients."""
    return int((await sql(environment.database, "SELECT count(*) AS n FROM client"))[0]["n"])


async def test_revoked_admin_is_refused_although_the_token_lives_on(
    environment: Environment, admin: str
) -> None:
    token = (await sign_in_app(environment, ADMIN))["access_token"]
    assert await call_admin(environment, token) == (200, None)
    with environment.database.active():
        await revoke_scope(admin, "admin", "operator", JANUARY)
    assert await call_admin(environment, token) == (403, "bearer.scope")


async def test_token_of_an_ended_session_is_refused(environment: Environment, admin: str) -> None:
    token = (await sign_in_app(environment, ADMIN))["access_token"]
    with environment.database.active():
        await end_account_sessions(admin, "operator", JANUARY)
    assert await call_admin(environment, token) == (403, "bearer.scope")


@pytest.mark.usefixtures("admin")
async def test_credentials_need_a_fresh_sign_in_and_lists_do_not(environment: Environment) -> None:
    first = await sign_in_app(environment, ADMIN)
    await age_sessions(environment, FRESH_SIGN_IN)
    _, later = await refresh(environment, first["refresh_token"])
    before = await count_clients(environment)

    assert await call_admin(environment, later["access_token"]) == (200, None)
    assert await call_admin(environment, later["access_token"], "POST", REGISTRATION) == (
        401,
        "bearer.sign_in_again",
    )
    assert await count_clients(environment) == before
    status, _ = await call_admin(environment, first["access_token"], "POST", REGISTRATION)
    assert (status, await count_clients(environment)) == (201, before + 1)


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize(
    ("mutation", "input"),
    [
        ("publishWorkflowVersion", {"workflowVersionId": UNKNOWN_VERSION}),
        ("approveWorkflowVersion", {"workflowVersionId": UNKNOWN_VERSION}),
        ("approveChangeRequest", {"changeRequestId": "change-request:1"}),
    ],
)
async def test_publishing_and_approving_need_a_fresh_sign_in(
    environment: Environment, mutation: str, input: dict[str, str]
) -> None:
    first = await sign_in_app(environment, ADMIN)
    await age_sessions(environment, FRESH_SIGN_IN)
    _, later = await refresh(environment, first["refresh_token"])
    type_name = f"{mutation[0].upper()}{mutation[1:]}Input"
    body = {
        "query": f"mutation($input: {type_name}!) {{ {mutation}(input: $input) "
        "{ ... on Rejection { problems { code } } } }",
        "variables": {"input": {**input, "reason": "Sudah diperiksa."}},
    }

    async def send(token: str) -> list[str]:
        headers = {"authorization": f"Bearer {token}"}
        async with environment.provider.session.post(
            f"{environment.planning}/graphql", headers=headers, json=body
        ) as answer:
            content = await answer.json()
        return [problem["code"] for problem in content["data"][mutation]["problems"]]

    assert await send(later["access_token"]) == ["auth.sign_in_again"]
    assert await send(first["access_token"]) != ["auth.sign_in_again"]


@pytest.mark.usefixtures("admin")
async def test_scopes_of_an_app_end_as_early_as_those_of_a_browser(environment: Environment) -> None:
    token = (await sign_in_app(environment, ADMIN))["refresh_token"]
    await age_sessions(environment, BROWSER_LIFETIME.total - timedelta(seconds=1))
    _, answer = await refresh(environment, token)
    assert read_claims(answer["access_token"])["scope"] == "admin"
    await age_sessions(environment, BROWSER_LIFETIME.total)
    _, answer = await refresh(environment, answer["refresh_token"])
    claims = read_claims(answer["access_token"])
    assert (claims["scope"], claims["aud"]) == ("", "rencana-planning")


@pytest.mark.usefixtures("admin")
async def test_renewed_token_of_a_browser_tells_when_the_person_signed_in(environment: Environment) -> None:
    async with environment.browser() as browser:
        await environment.expect_sign_in(ADMIN)
        await sign_in_browser(environment, browser)
        await age_sessions(environment, timedelta(hours=1))
        _, answer = await fetch_session_token(environment, browser)
    claims = read_claims(answer["access_token"])
    assert claims["auth_time"] == (JANUARY - timedelta(hours=1)).timestamp()
    assert len(claims["sid"]) == 36


async def test_address_that_was_given_to_somebody_else_is_refused(environment: Environment) -> None:
    email = email_of(3)
    code = await fetch_code(environment, 3)
    assert (await exchange_code(environment, code))[0] == 200
    sessions = await environment.dump_sessions()

    async with environment.browser() as browser:
        await environment.provider.set_next_answer(
            claims=provider_claims(email), id_token_claims={"sub": "somebody-else"}
        )
        status, _, page = await browser.get(f"{environment.identity}/login?return_to=/rencana")
        assert (status, "Somebody else signed in with this e-mail address before" in page) == (403, True)
    assert await environment.dump_sessions() == sessions

    with environment.database.active():
        assert await forget_provider_identity(email, "operator", JANUARY)
        *_, ended, forgotten = await load_latest(5, None, None, environment.database.connection)
    assert [(event.kind, event.actor) for event in (ended, forgotten)] == [
        ("sessions.ended", "operator"),
        ("person.forgotten", "operator"),
    ]
    async with environment.browser() as browser:
        await environment.provider.set_next_answer(
            claims=provider_claims(email), id_token_claims={"sub": "somebody-else"}
        )
        await sign_in_browser(environment, browser)
