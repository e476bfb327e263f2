"""What planning makes of access tokens that are not, or no longer, identity's for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import aiohttp
import pytest
from click.testing import CliRunner
from joserfc.jwk import ECKey

from services.identity.cli_sessions import sessions
from services.identity.domain.token import Bearer, claims_for, sign
from services.identity.login.keys import Keyring
from services.identity.settings import DEV_KEY_SECRET
from tests.identity_samples import ptk
from tests.integration.planning.house import JANUARY, Person
from tests.integration.sign_in.app import entered
from tests.integration.sign_in.house import House, session_token, signed_in
from tests.small_registry import email_of
from tests.table import Table

TEACHER = Bearer(UUID(int=1), UUID(str(ptk(1))))
HOUR = timedelta(hours=1)


async def _signed(house: House, issuer: str, at: datetime, key: ECKey | None = None) -> str:
    with house.database.active():
        own = await Keyring(DEV_KEY_SECRET).signing_key(JANUARY)
    return sign(claims_for(TEACHER, issuer, at), key or own)


async def of_an_hour_ago(house: House) -> str:
    return await _signed(house, house.identity, JANUARY - HOUR)


async def of_the_next_hour(house: House) -> str:
    return await _signed(house, house.identity, JANUARY + HOUR)


async def of_another_issuer(house: House) -> str:
    return await _signed(house, house.provider.issuer, JANUARY)


async def by_a_foreign_key(house: House) -> str:
    with house.database.active():
        own = await Keyring(DEV_KEY_SECRET).signing_key(JANUARY)
    return await _signed(house, house.identity, JANUARY, ECKey.generate_key("P-256", {"kid": str(own.kid)}))


async def a_refresh_token(house: House) -> str:
    return str((await entered(house))["refresh_token"])


REFUSED: list[tuple[str, Callable[[House], Awaitable[str]], str]] = [
    ("access token of an hour ago", of_an_hour_ago, "auth.token_expired"),
    ("access token of the next hour", of_the_next_hour, "auth.token_invalid"),
    ("access token of another issuer", of_another_issuer, "auth.token_invalid"),
    ("access token by a foreign key", by_a_foreign_key, "auth.token_invalid"),
    ("refresh token as access token", a_refresh_token, "auth.token_invalid"),
]


@pytest.mark.parametrize(("what", "made", "code"), REFUSED, ids=[row[0] for row in REFUSED])
async def test_planning_believes_identitys_tokens_and_no_others(
    house: House, refusals: Table, what: str, made: Callable[[House], Awaitable[str]], code: str
) -> None:
    async with aiohttp.ClientSession(house.planning) as session:
        caller = Person(session, {"authorization": f"Bearer {await made(house)}"})
        status, answer = await caller.send({"query": "mutation { startPlan(input: {}) { __typename } }"})
    assert (status, answer["errors"][0]["extensions"]["problem"]["code"]) == (401, code), answer
    refusals.add(what, code, "nothing")


async def test_an_operator_signs_an_account_out_at_the_command_line(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "RENCANA_IDENTITY_DATABASE_URL", house.database.dsn.replace("postgresql", "asyncpg", 1)
    )
    await house.knows(3)
    async with house.browser() as browser:
        await signed_in(house, browser)
        told = await asyncio.to_thread(CliRunner().invoke, sessions, ["end", email_of(3), "--by", "operator"])
        assert (told.exit_code, told.output) == (0, "1 ended\n")
        assert (await session_token(house, browser))[0] == 401
