"""What planning makes of access tokens that are not, or no longer, identity's for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from click.testing import CliRunner

from services.identity.cli.sessions import sessions
from tests.integration.planning.environment import Client
from tests.integration.sign_in.app import entered
from tests.integration.sign_in.environment import Environment, session_token, signed_in
from tests.integration.sign_in.forged import (
    by_a_foreign_key,
    of_an_hour_ago,
    of_another_issuer,
    of_the_next_hour,
)
from tests.small_registry import email_of
from tests.table import Table


async def a_refresh_token(environment: Environment) -> str:
    return str((await entered(environment))["refresh_token"])


REFUSED: list[tuple[str, Callable[[Environment], Awaitable[str]], str]] = [
    ("access token of an hour ago", of_an_hour_ago, "auth.token_expired"),
    ("access token of the next hour", of_the_next_hour, "auth.token_invalid"),
    ("access token of another issuer", of_another_issuer, "auth.token_invalid"),
    ("access token by a foreign key", by_a_foreign_key, "auth.token_invalid"),
    ("refresh token as access token", a_refresh_token, "auth.token_invalid"),
]


@pytest.mark.parametrize(("what", "made", "code"), REFUSED, ids=[row[0] for row in REFUSED])
async def test_planning_believes_identitys_tokens_and_no_others(
    environment: Environment,
    refusals: Table,
    what: str,
    made: Callable[[Environment], Awaitable[str]],
    code: str,
) -> None:
    async with aiohttp.ClientSession(environment.planning) as session:
        caller = Client(session, {"authorization": f"Bearer {await made(environment)}"})
        status, answer = await caller.post({"query": "mutation { startPlan(input: {}) { __typename } }"})
    assert (status, answer["errors"][0]["extensions"]["problem"]["code"]) == (401, code), answer
    refusals.add(what, code, "nothing")


async def test_an_operator_signs_an_account_out_at_the_command_line(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "RENCANA_IDENTITY_DATABASE_URL", environment.database.dsn.replace("postgresql", "asyncpg", 1)
    )
    await environment.expect_sign_in(3)
    async with environment.browser() as browser:
        await signed_in(environment, browser)
        told = await asyncio.to_thread(CliRunner().invoke, sessions, ["end", email_of(3)])
        assert (told.exit_code, told.output) == (0, "1 ended\n")
        assert (await session_token(environment, browser))[0] == 401
