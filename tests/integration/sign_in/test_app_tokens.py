"""Refresh tokens of an app: rotation, retry after a lost response, and detection of reuse."""

from __future__ import annotations

import asyncio

import pytest

from services.identity.audit.model import AuditKind
from services.identity.sign_in import app_session
from services.identity.sign_in.commands import end_account_sessions
from tests.integration.planning.environment import JANUARY, sql
from tests.integration.sign_in.app import (
    exchange_code,
    fetch_code,
    post,
    refresh,
    refresh_successfully,
    sign_in_app,
)
from tests.integration.sign_in.environment import Environment
from tests.small_registry import email_of
from tests.table import Table

PURPOSE = "invalid_grant", "signin.refresh_token"


async def expect_ended(environment: Environment, token: str) -> bool:
    """Return whether a refresh token is refused because its session has ended."""
    before = await environment.dump_sessions()
    status, answer = await refresh(environment, token)
    if status == 200:
        return False
    assert (answer["error"], answer["problems"][0]["code"]) == PURPOSE
    assert await environment.dump_sessions() == before
    return True


async def load_last_events(environment: Environment) -> list[tuple[str, str]]:
    """Return kind and outcome of the last audit events, newest first."""
    rows = await sql(environment.database, "SELECT kind, outcome FROM audit ORDER BY seq DESC LIMIT 5")
    return [(row["kind"], row["outcome"]) for row in rows]


async def test_each_refresh_returns_the_next_token(environment: Environment) -> None:
    first = (await sign_in_app(environment))["refresh_token"]
    second = await refresh_successfully(environment, first)
    third = await refresh_successfully(environment, second)
    assert len({first, second, third}) == 3


async def test_refresh_can_be_repeated_after_a_lost_response(environment: Environment) -> None:
    first = (await sign_in_app(environment))["refresh_token"]
    lost_tokens = [await refresh_successfully(environment, first) for _ in range(3)]
    got = await refresh_successfully(environment, first)
    onwards = await refresh_successfully(environment, got)
    assert not await expect_ended(environment, onwards)
    assert lost_tokens[0] != got


async def test_concurrent_refreshes_with_one_token_succeed(environment: Environment) -> None:
    first = (await sign_in_app(environment))["refresh_token"]
    answers = await asyncio.gather(*(refresh_successfully(environment, first) for _ in range(4)))
    assert len(set(answers)) == 4
    assert not await expect_ended(environment, answers[2])


@pytest.mark.parametrize("steps", [1, 2, 5])
async def test_reuse_of_an_old_refresh_token_ends_the_session(
    environment: Environment, refusals: Table, steps: int
) -> None:
    tokens = [(await sign_in_app(environment))["refresh_token"]]
    for _ in range(steps + 1):
        tokens.append(await refresh_successfully(environment, tokens[-1]))
    status, answer = await refresh(environment, tokens[-2 - steps])
    assert (status, answer["error"]) == (400, "invalid_grant")
    assert (AuditKind.REFRESH_REUSED, "session.ended") in await load_last_events(environment)
    assert all([await expect_ended(environment, token) for token in tokens])
    refusals.add(
        f"refresh token left behind {steps} before", "invalid_grant signin.refresh_token", "session ended"
    )


async def test_second_holder_of_a_copied_token_ends_the_session(environment: Environment) -> None:
    copied_token = (await sign_in_app(environment))["refresh_token"]
    thief, owner = (
        await refresh_successfully(environment, copied_token),
        await refresh_successfully(environment, copied_token),
    )
    onwards = await refresh_successfully(environment, thief)
    assert (await refresh(environment, owner))[0] == 400
    assert await expect_ended(environment, onwards)


async def test_operator_ends_unused_codes_with_the_sessions(
    environment: Environment,
) -> None:
    code, colleagues = await fetch_code(environment, 1), await fetch_code(environment, 2)
    with environment.database.active():
        await end_account_sessions(email_of(1), "operator", JANUARY)
    status, answer = await exchange_code(environment, code)
    assert (status, answer["problems"][0]["code"]) == (400, "signin.app_code")
    assert (await exchange_code(environment, colleagues))[0] == 200


async def test_second_use_of_a_code_ends_its_session(environment: Environment, refusals: Table) -> None:
    code = await fetch_code(environment, 1)
    _, first = await exchange_code(environment, code)
    status, answer = await exchange_code(environment, code)
    assert (status, answer["error"], answer["problems"][0]["code"]) == (
        400,
        "invalid_grant",
        "signin.app_code",
    )
    assert (AuditKind.CODE_REUSED, "session.ended") in await load_last_events(environment)
    assert await expect_ended(environment, first["refresh_token"])
    refusals.add("app code replayed", "invalid_grant signin.app_code", "session ended")


async def test_one_of_concurrent_uses_of_a_code_succeeds(environment: Environment) -> None:
    code = await fetch_code(environment, 1)
    answers = await asyncio.gather(*(exchange_code(environment, code) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [200, 400, 400, 400]


async def test_revocation_ends_the_session_and_reveals_nothing(
    environment: Environment,
) -> None:
    token = (await sign_in_app(environment))["refresh_token"]
    assert await post(environment, "/revoke", token="guessed") == (200, {})
    assert not await expect_ended(environment, token)
    assert await post(environment, "/revoke", token=token) == (200, {})
    assert (AuditKind.SIGN_OUT, "ok") in await load_last_events(environment)
    assert await expect_ended(environment, token)


@pytest.mark.parametrize(("column", "days"), [("used_at", 45), ("created_at", 180)])
async def test_session_expires(environment: Environment, column: str, days: int) -> None:
    token = (await sign_in_app(environment))["refresh_token"]
    await sql(environment.database, f"UPDATE session SET {column} = {column} - interval '{days} days'")
    assert await expect_ended(environment, token)


async def test_expired_sessions_and_codes_are_deleted(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_session, "KEPT_TOKEN_GENERATIONS", 2)
    tokens = [(await sign_in_app(environment))["refresh_token"]]
    for _ in range(4):
        tokens.append(await refresh_successfully(environment, tokens[-1]))
    assert (await refresh(environment, tokens[0]))[0] == 400
    assert not await expect_ended(environment, tokens[-1]), "so old a copy is not recognized"
    await sql(environment.database, "UPDATE session SET created_at = created_at - interval '181 days'")
    await sign_in_app(environment)
    assert len(await sql(environment.database, "SELECT 1 FROM session JOIN account ON account.id = account_id "
                                         "WHERE email = $1", email_of(1))) == 1  # fmt: skip
