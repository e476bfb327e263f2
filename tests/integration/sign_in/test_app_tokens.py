"""The refresh tokens of an app: rotated, answered again after a lost answer, and ended where there is a copy."""

from __future__ import annotations

import asyncio

import pytest

from services.identity.audit.model import AuditKind
from services.identity.sign_in import app_session
from services.identity.sign_in.commands import end_account_sessions
from tests.integration.planning.environment import JANUARY, sql
from tests.integration.sign_in.app import change, code_for, entered, next_token, post, refresh
from tests.integration.sign_in.environment import Environment
from tests.small_registry import email_of
from tests.table import Table

PURPOSE = "invalid_grant", "signin.refresh_token"


async def ended(environment: Environment, token: str) -> bool:
    """Whether a refresh token opens nothing any more, as every token of an ended session."""
    before = await environment.dump_sessions()
    status, answer = await refresh(environment, token)
    if status == 200:
        return False
    assert (answer["error"], answer["problems"][0]["code"]) == PURPOSE
    assert await environment.dump_sessions() == before
    return True


async def last_events(environment: Environment) -> list[tuple[str, str]]:
    """What and outcome of the audit, the youngest first."""
    rows = await sql(environment.database, "SELECT kind, outcome FROM audit ORDER BY seq DESC LIMIT 5")
    return [(row["kind"], row["outcome"]) for row in rows]


async def test_each_use_gives_the_next_token(environment: Environment) -> None:
    first = (await entered(environment))["refresh_token"]
    second = await next_token(environment, first)
    third = await next_token(environment, second)
    assert len({first, second, third}) == 3


async def test_a_lost_answer_signs_nobody_out(environment: Environment) -> None:
    first = (await entered(environment))["refresh_token"]
    lost = [await next_token(environment, first) for _ in range(3)]
    got = await next_token(environment, first)
    onwards = await next_token(environment, got)
    assert not await ended(environment, onwards)
    assert lost[0] != got


async def test_two_requests_at_once_with_one_token_sign_nobody_out(environment: Environment) -> None:
    first = (await entered(environment))["refresh_token"]
    answers = await asyncio.gather(*(next_token(environment, first) for _ in range(4)))
    assert len(set(answers)) == 4
    assert not await ended(environment, answers[2])


@pytest.mark.parametrize("steps", [1, 2, 5])
async def test_a_token_that_was_left_behind_ends_the_whole_session(
    environment: Environment, refusals: Table, steps: int
) -> None:
    tokens = [(await entered(environment))["refresh_token"]]
    for _ in range(steps + 1):
        tokens.append(await next_token(environment, tokens[-1]))
    status, answer = await refresh(environment, tokens[-2 - steps])
    assert (status, answer["error"]) == (400, "invalid_grant")
    assert (AuditKind.REFRESH_REUSED, "session.ended") in await last_events(environment)
    assert all([await ended(environment, token) for token in tokens])
    refusals.add(
        f"refresh token left behind {steps} before", "invalid_grant signin.refresh_token", "session ended"
    )


async def test_of_two_who_hold_copies_whoever_comes_second_ends_it_for_both(environment: Environment) -> None:
    shared = (await entered(environment))["refresh_token"]
    thief, owner = await next_token(environment, shared), await next_token(environment, shared)
    onwards = await next_token(environment, thief)
    assert (await refresh(environment, owner))[0] == 400
    assert await ended(environment, onwards)


async def test_a_code_under_way_ends_with_the_sessions_that_an_operator_ends(
    environment: Environment,
) -> None:
    code, colleagues = await code_for(environment, 1), await code_for(environment, 2)
    with environment.database.active():
        await end_account_sessions(email_of(1), "operator", JANUARY)
    status, answer = await change(environment, code)
    assert (status, answer["problems"][0]["code"]) == (400, "signin.app_code")
    assert (await change(environment, colleagues))[0] == 200


async def test_a_used_code_ends_what_it_was_used_for(environment: Environment, refusals: Table) -> None:
    code = await code_for(environment, 1)
    _, first = await change(environment, code)
    status, answer = await change(environment, code)
    assert (status, answer["error"], answer["problems"][0]["code"]) == (
        400,
        "invalid_grant",
        "signin.app_code",
    )
    assert (AuditKind.CODE_REUSED, "session.ended") in await last_events(environment)
    assert await ended(environment, first["refresh_token"])
    refusals.add("app code replayed", "invalid_grant signin.app_code", "session ended")


async def test_of_two_requests_at_once_with_one_code_one_gets_tokens(environment: Environment) -> None:
    code = await code_for(environment, 1)
    answers = await asyncio.gather(*(change(environment, code) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [200, 400, 400, 400]


async def test_signing_out_ends_the_session_and_is_told_to_nobody_who_guesses(
    environment: Environment,
) -> None:
    token = (await entered(environment))["refresh_token"]
    assert await post(environment, "/revoke", token="guessed") == (200, {})
    assert not await ended(environment, token)
    assert await post(environment, "/revoke", token=token) == (200, {})
    assert (AuditKind.SIGN_OUT, "ok") in await last_events(environment)
    assert await ended(environment, token)


@pytest.mark.parametrize(("column", "days"), [("used_at", 45), ("created_at", 180)])
async def test_a_session_ends_by_itself(environment: Environment, column: str, days: int) -> None:
    token = (await entered(environment))["refresh_token"]
    await sql(environment.database, f"UPDATE sessions SET {column} = {column} - interval '{days} days'")
    assert await ended(environment, token)


async def test_what_nobody_can_use_any_more_is_forgotten(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_session, "KEPT_TOKEN_GENERATIONS", 2)
    tokens = [(await entered(environment))["refresh_token"]]
    for _ in range(4):
        tokens.append(await next_token(environment, tokens[-1]))
    assert (await refresh(environment, tokens[0]))[0] == 400
    assert not await ended(environment, tokens[-1]), "so old a copy is no longer known as one"
    await sql(environment.database, "UPDATE sessions SET created_at = created_at - interval '181 days'")
    await entered(environment)
    assert len(await sql(environment.database, "SELECT 1 FROM sessions JOIN accounts ON accounts.id = account_id "
                                         "WHERE email = $1", email_of(1))) == 1  # fmt: skip
