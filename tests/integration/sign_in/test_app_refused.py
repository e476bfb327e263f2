"""Refused requests of apps: unregistered redirect URIs, invalid authorization requests, and token requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from yarl import URL

from services.identity.sign_in.apps import compute_challenge
from tests.integration.planning.environment import sql
from tests.integration.sign_in.app import (
    STATE,
    VERIFIER,
    exchange_code,
    fetch_code,
    follow_authorization,
    refresh,
    sign_in_app,
)
from tests.integration.sign_in.environment import CLOSED, REDIRECT, Environment
from tests.small_registry import email_of
from tests.table import Table

Params = Mapping[str, str | None]

UNKNOWN_REDIRECTS = [
    ("app that nobody registered", {"client_id": "another"}, "signin.app_unknown"),
    ("no app", {"client_id": None}, "signin.app_unknown"),
    ("redirect to another host", {"redirect_uri": "https://evil.example/masuk"}, "signin.redirect_unknown"),
    ("redirect below the registered one", {"redirect_uri": f"{REDIRECT}/x"}, "signin.redirect_unknown"),
    ("redirect with a query", {"redirect_uri": f"{REDIRECT}?x=1"}, "signin.redirect_unknown"),
    ("redirect in other letter case", {"redirect_uri": REDIRECT.upper()}, "signin.redirect_unknown"),
    ("no redirect", {"redirect_uri": None}, "signin.redirect_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "params", "code"), UNKNOWN_REDIRECTS, ids=[row[0] for row in UNKNOWN_REDIRECTS]
)
async def test_unregistered_redirect_uri_is_refused(
    environment: Environment, refusals: Table, case: str, params: Params, code: str
) -> None:
    before = await environment.dump_sessions(), await environment.attempts()
    status, url, page = await follow_authorization(environment, **params)
    assert (status, url.startswith(environment.identity), f"<small>{code} ·" in page) == (400, True, True), (
        page
    )
    assert (await environment.dump_sessions(), await environment.attempts()) == before
    refusals.add(case, code, "nothing")


INVALID_REQUESTS = [
    ("app without PKCE", {"code_challenge": None, "code_challenge_method": None}, "code_challenge"),
    ("app with plain PKCE", {"code_challenge_method": "plain"}, "code_challenge_method"),
    ("app with a short challenge", {"code_challenge": "short"}, "code_challenge"),
    ("app without a state", {"state": None}, "state"),
    ("app that asks for a token at once", {"response_type": "token"}, "response_type"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "params", "field"), INVALID_REQUESTS, ids=[row[0] for row in INVALID_REQUESTS]
)
async def test_invalid_authorization_request_is_reported_to_the_app(
    environment: Environment, refusals: Table, case: str, params: Params, field: str
) -> None:
    before = await environment.dump_sessions(), await environment.attempts()
    status, url, _ = await follow_authorization(environment, **params)
    query = URL(url).query
    assert (status, url.startswith(f"{REDIRECT}?")) == (303, True)
    assert (query["error"], query["problem"]) == ("invalid_request", "signin.app_request")
    assert field in query["error_description"]
    assert "code" not in query
    assert (await environment.dump_sessions(), await environment.attempts()) == before
    refusals.add(case, f"invalid_request {field}", "nothing")


async def test_refused_admission_is_reported_to_the_app(environment: Environment, refusals: Table) -> None:
    await environment.expect_sign_in(CLOSED)
    before = await environment.dump_sessions()
    _, url, _ = await follow_authorization(environment)
    query = URL(url).query
    assert (query["error"], query["problem"], query["state"]) == ("access_denied", "admission.closed", STATE)
    assert "since 1 January 2020" in query["error_description"]
    assert "code" not in query
    assert await environment.dump_sessions() == before
    refusals.add("closed account in an app", "access_denied admission.closed", "nothing")


async def with_another_verifier(environment: Environment) -> tuple[int, Any]:
    return await exchange_code(environment, await fetch_code(environment, 1), code_verifier="w" * 64)


async def with_the_challenge_as_verifier(environment: Environment) -> tuple[int, Any]:
    return await exchange_code(
        environment, await fetch_code(environment, 1), code_verifier=compute_challenge(VERIFIER)
    )


async def without_verifier(environment: Environment) -> tuple[int, Any]:
    return await exchange_code(environment, await fetch_code(environment, 1), code_verifier=None)


async def with_another_redirect(environment: Environment) -> tuple[int, Any]:
    return await exchange_code(
        environment, await fetch_code(environment, 1), redirect_uri="id.example.rencana:/lain"
    )


async def as_another_app(environment: Environment) -> tuple[int, Any]:
    return await exchange_code(environment, await fetch_code(environment, 1), client_id="another")


async def with_a_secret(environment: Environment) -> tuple[int, Any]:
    return await exchange_code(environment, await fetch_code(environment, 1), client_secret="secret")


async def after_a_minute(environment: Environment) -> tuple[int, Any]:
    code = await fetch_code(environment, 1)
    await sql(environment.database, "UPDATE app_code SET created_at = created_at - interval '60 seconds'")
    return await exchange_code(environment, code)


async def with_an_invented_code(environment: Environment) -> tuple[int, Any]:
    return await exchange_code(environment, "invented")


async def with_an_invented_refresh_token(environment: Environment) -> tuple[int, Any]:
    return await refresh(environment, "invented")


async def with_the_access_token(environment: Environment) -> tuple[int, Any]:
    return await refresh(environment, (await sign_in_app(environment))["access_token"])


async def refreshing_as_another_app(environment: Environment) -> tuple[int, Any]:
    return await refresh(environment, (await sign_in_app(environment))["refresh_token"], client_id="another")


async def with_a_password(environment: Environment) -> tuple[int, Any]:
    return await refresh(environment, "x", grant_type="password", username=email_of(1), password="x")


Attempt = Callable[[Environment], Awaitable[tuple[int, Any]]]
NO_TOKEN: list[tuple[str, Attempt, str, str]] = [
    ("code with another verifier", with_another_verifier, "invalid_grant", "signin.app_code"),
    (
        "code with the challenge as verifier",
        with_the_challenge_as_verifier,
        "invalid_grant",
        "signin.app_code",
    ),
    ("code without a verifier", without_verifier, "invalid_request", "token.missing"),
    ("code with another redirect", with_another_redirect, "invalid_grant", "signin.app_code"),
    ("code shown by another app", as_another_app, "invalid_client", "signin.app_unknown"),
    ("app with a secret", with_a_secret, "invalid_client", "signin.app_unknown"),
    ("code after a minute", after_a_minute, "invalid_grant", "signin.app_code"),
    ("app code invented", with_an_invented_code, "invalid_grant", "signin.app_code"),
    ("refresh token invented", with_an_invented_refresh_token, "invalid_grant", "signin.refresh_token"),
    ("access token as refresh token", with_the_access_token, "invalid_grant", "signin.refresh_token"),
    ("refresh token of another app", refreshing_as_another_app, "invalid_client", "signin.app_unknown"),
    ("grant with a password", with_a_password, "unsupported_grant_type", "token.grant_type"),
]


@pytest.mark.parametrize(("case", "attempt", "error", "code"), NO_TOKEN, ids=[row[0] for row in NO_TOKEN])
async def test_token_request_is_refused(
    environment: Environment, refusals: Table, case: str, attempt: Attempt, error: str, code: str
) -> None:
    token_count = await count_issued_tokens(environment)
    status, answer = await attempt(environment)
    assert status == (401 if error == "invalid_client" else 400)
    assert (answer["error"], answer["problems"][0]["code"]) == (error, code)
    assert "access_token" not in answer
    sign_in_count = 1 if attempt is with_the_access_token or attempt is refreshing_as_another_app else 0
    assert await count_issued_tokens(environment) == token_count + sign_in_count
    refusals.add(case, f"{error} {code}", "nothing")


async def count_issued_tokens(environment: Environment) -> int:
    """Count the access tokens that were issued."""
    return len(await sql(environment.database, "SELECT 1 FROM audit WHERE kind = 'token' AND outcome = 'ok'"))
