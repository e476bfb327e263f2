"""Access tokens that planning refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from click.testing import CliRunner

from services.identity.cli.sessions import sessions
from tests.integration.planning.environment import Client
from tests.integration.sign_in.app import sign_in_app
from tests.integration.sign_in.environment import Environment, fetch_session_token, sign_in_browser
from tests.integration.sign_in.forged_tokens import (
    make_expired_token,
    make_future_token,
    make_token_of_another_issuer,
    make_token_of_another_key,
)
from tests.small_registry import email_of
from tests.table import Table


async def fetch_refresh_token(environment: Environment) -> str:
    return str((await sign_in_app(environment))["refresh_token"])


REFUSED: list[tuple[str, Callable[[Environment], Awaitable[str]], str]] = [
    ("access token of an hour ago", make_expired_token, "auth.token_expired"),
    ("access token of the next hour", make_future_token, "auth.token_invalid"),
    ("access token of another issuer", make_token_of_another_issuer, "auth.token_invalid"),
    ("access token by a foreign key", make_token_of_another_key, "auth.token_invalid"),
    ("refresh token as access token", fetch_refresh_token, "auth.token_invalid"),
]


@pytest.mark.parametrize(("case", "make_token", "code"), REFUSED, ids=[row[0] for row in REFUSED])
async def test_planning_accepts_tokens_of_identity_only(
    environment: Environment,
    refusals: Table,
    case: str,
    make_token: Callable[[Environment], Awaitable[str]],
    code: str,
) -> None:
    async with aiohttp.ClientSession(environment.planning) as session:
        caller = Client(session, {"authorization": f"Bearer {await make_token(environment)}"})
        status, answer = await caller.post({"query": "mutation { startPlan(input: {}) { __typename } }"})
    assert (status, answer["errors"][0]["extensions"]["problem"]["code"]) == (401, code), answer
    refusals.add(case, code, "nothing")


async def test_operator_ends_sessions_by_command(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "RENCANA_IDENTITY_DATABASE_URL", environment.database.dsn.replace("postgresql", "asyncpg", 1)
    )
    await environment.expect_sign_in(3)
    async with environment.browser() as browser:
        await sign_in_browser(environment, browser)
        result = await asyncio.to_thread(CliRunner().invoke, sessions, ["end", email_of(3)])
        assert (result.exit_code, result.output) == (0, "1 ended\n")
        assert (await fetch_session_token(environment, browser))[0] == 401
