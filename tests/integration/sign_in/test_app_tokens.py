"""The refresh tokens of an app: rotated, answered again after a lost answer, and ended where there is a copy."""

from __future__ import annotations

import asyncio

import pytest

from services.identity.audit.model import Audited
from services.identity.sign_in import app_session
from services.identity.sign_in.commands import end_sessions_of
from tests.integration.planning.house import JANUARY, sql
from tests.integration.sign_in.app import change, code_for, entered, next_token, post, refresh
from tests.integration.sign_in.house import House
from tests.small_registry import email_of
from tests.table import Table

PURPOSE = "invalid_grant", "signin.refresh_token"


async def ended(house: House, token: str) -> bool:
    """Whether a refresh token opens nothing any more, as every token of an ended session."""
    before = await house.written()
    status, answer = await refresh(house, token)
    if status == 200:
        return False
    assert (answer["error"], answer["problems"][0]["code"]) == PURPOSE
    assert await house.written() == before
    return True


async def last_events(house: House) -> list[tuple[str, str]]:
    """What and outcome of the audit, the youngest first."""
    rows = await sql(house.database, "SELECT what, outcome FROM audit ORDER BY seq DESC LIMIT 5")
    return [(row["what"], row["outcome"]) for row in rows]


async def test_each_use_gives_the_next_token(house: House) -> None:
    first = (await entered(house))["refresh_token"]
    second = await next_token(house, first)
    third = await next_token(house, second)
    assert len({first, second, third}) == 3


async def test_a_lost_answer_signs_nobody_out(house: House) -> None:
    first = (await entered(house))["refresh_token"]
    lost = [await next_token(house, first) for _ in range(3)]
    got = await next_token(house, first)
    onwards = await next_token(house, got)
    assert not await ended(house, onwards)
    assert lost[0] != got


async def test_two_requests_at_once_with_one_token_sign_nobody_out(house: House) -> None:
    first = (await entered(house))["refresh_token"]
    answers = await asyncio.gather(*(next_token(house, first) for _ in range(4)))
    assert len(set(answers)) == 4
    assert not await ended(house, answers[2])


@pytest.mark.parametrize("steps", [1, 2, 5])
async def test_a_token_that_was_left_behind_ends_the_whole_session(
    house: House, refusals: Table, steps: int
) -> None:
    tokens = [(await entered(house))["refresh_token"]]
    for _ in range(steps + 1):
        tokens.append(await next_token(house, tokens[-1]))
    status, answer = await refresh(house, tokens[-2 - steps])
    assert (status, answer["error"]) == (400, "invalid_grant")
    assert (Audited.REFRESH_REUSED, "session.ended") in await last_events(house)
    assert all([await ended(house, token) for token in tokens])
    refusals.add(
        f"refresh token left behind {steps} before", "invalid_grant signin.refresh_token", "session ended"
    )


async def test_of_two_who_hold_copies_whoever_comes_second_ends_it_for_both(house: House) -> None:
    shared = (await entered(house))["refresh_token"]
    thief, owner = await next_token(house, shared), await next_token(house, shared)
    onwards = await next_token(house, thief)
    assert (await refresh(house, owner))[0] == 400
    assert await ended(house, onwards)


async def test_a_code_under_way_ends_with_the_sessions_that_an_operator_ends(house: House) -> None:
    code, colleagues = await code_for(house, 1), await code_for(house, 2)
    with house.database.active():
        await end_sessions_of(email_of(1), "operator", JANUARY)
    status, answer = await change(house, code)
    assert (status, answer["problems"][0]["code"]) == (400, "signin.app_code")
    assert (await change(house, colleagues))[0] == 200


async def test_a_used_code_ends_what_it_was_used_for(house: House, refusals: Table) -> None:
    code = await code_for(house, 1)
    _, first = await change(house, code)
    status, answer = await change(house, code)
    assert (status, answer["error"], answer["problems"][0]["code"]) == (
        400,
        "invalid_grant",
        "signin.app_code",
    )
    assert (Audited.CODE_REUSED, "session.ended") in await last_events(house)
    assert await ended(house, first["refresh_token"])
    refusals.add("app code replayed", "invalid_grant signin.app_code", "session ended")


async def test_of_two_requests_at_once_with_one_code_one_gets_tokens(house: House) -> None:
    code = await code_for(house, 1)
    answers = await asyncio.gather(*(change(house, code) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [200, 400, 400, 400]


async def test_signing_out_ends_the_session_and_is_told_to_nobody_who_guesses(house: House) -> None:
    token = (await entered(house))["refresh_token"]
    assert await post(house, "/revoke", token="guessed") == (200, {})
    assert not await ended(house, token)
    assert await post(house, "/revoke", token=token) == (200, {})
    assert (Audited.SIGN_OUT, "ok") in await last_events(house)
    assert await ended(house, token)


@pytest.mark.parametrize(("column", "days"), [("used_at", 45), ("created_at", 180)])
async def test_a_session_ends_by_itself(house: House, column: str, days: int) -> None:
    token = (await entered(house))["refresh_token"]
    await sql(house.database, f"UPDATE sessions SET {column} = {column} - interval '{days} days'")
    assert await ended(house, token)


async def test_what_nobody_can_use_any_more_is_forgotten(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_session, "REMEMBERED_GENERATIONS", 2)
    tokens = [(await entered(house))["refresh_token"]]
    for _ in range(4):
        tokens.append(await next_token(house, tokens[-1]))
    assert (await refresh(house, tokens[0]))[0] == 400
    assert not await ended(house, tokens[-1]), "so old a copy is no longer known as one"
    await sql(house.database, "UPDATE sessions SET created_at = created_at - interval '181 days'")
    await entered(house)
    assert len(await sql(house.database, "SELECT 1 FROM sessions JOIN accounts ON accounts.id = account_id "
                                         "WHERE email = $1", email_of(1))) == 1  # fmt: skip
