"""The access token of planning: fetched once, renewed before it expires, and never fetched in a loop."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from services.planning.people.identity.credentials import (
    PAUSE_SECONDS,
    RENEWAL_FRACTION,
    AccessToken,
    CredentialsRefused,
    TokenResponse,
)

LIFE = 900


class Identity:
    """An identity that grants numbered tokens, or raises `wrong`. `gate` delays its answer."""

    def __init__(self) -> None:
        self.seconds, self.asked = 0.0, 0
        self.wrong: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.token = AccessToken(self.fetch_token, lambda: self.seconds)

    async def fetch_token(self) -> TokenResponse:
        self.asked += 1
        number = self.asked
        await self.gate.wait()
        if self.wrong:
            raise self.wrong
        return TokenResponse(access_token=str(number), expires_in=LIFE)


async def test_concurrent_callers_fetch_one_token() -> None:
    identity = Identity()
    assert await asyncio.gather(*(identity.token.get() for _ in range(50))) == ["1"] * 50
    identity.seconds = LIFE * RENEWAL_FRACTION - 1
    assert (await identity.token.get(), identity.asked) == ("1", 1)


async def test_one_caller_renews_while_others_use_the_old_token() -> None:
    identity = Identity()
    await identity.token.get()
    identity.seconds = LIFE * RENEWAL_FRACTION
    identity.gate.clear()
    renewing = asyncio.create_task(identity.token.get())
    await asyncio.sleep(0)
    assert await asyncio.gather(*(identity.token.get() for _ in range(50))) == ["1"] * 50
    identity.gate.set()
    assert (await renewing, await identity.token.get(), identity.asked) == ("2", "2", 2)


@pytest.mark.parametrize(
    "wrong", [aiohttp.ClientConnectionError(), TimeoutError(), ValueError(), CredentialsRefused()]
)
async def test_failed_renewal_is_retried_later_and_the_old_token_is_used(wrong: Exception) -> None:
    identity = Identity()
    await identity.token.get()
    identity.seconds, identity.wrong = LIFE * RENEWAL_FRACTION, wrong
    for _ in range(5):
        assert await identity.token.get() == "1"
    assert identity.asked == 2
    identity.seconds += PAUSE_SECONDS
    identity.wrong = None
    assert (await identity.token.get(), identity.asked) == ("3", 3)


async def test_failed_fetch_without_a_token_is_raised() -> None:
    identity = Identity()
    await identity.token.get()
    identity.seconds, identity.wrong = LIFE, aiohttp.ClientConnectionError()
    for requests in (2, 3):
        with pytest.raises(aiohttp.ClientConnectionError):
            await identity.token.get()
        assert identity.asked == requests


async def test_refused_credentials_are_not_sent_again_at_once() -> None:
    identity = Identity()
    identity.wrong = CredentialsRefused()
    for _ in range(5):
        with pytest.raises(CredentialsRefused):
            await identity.token.get()
    assert identity.asked == 1
    identity.seconds, identity.wrong = PAUSE_SECONDS, None
    assert await identity.token.get() == "2"


async def test_refused_token_is_fetched_again_once() -> None:
    identity = Identity()
    await identity.token.get()
    for _ in range(10):
        identity.token.invalidate("1")
    assert await asyncio.gather(*(identity.token.get() for _ in range(10))) == ["2"] * 10
    identity.token.invalidate("1")  # a late response about the former token
    assert (await identity.token.get(), identity.asked) == ("2", 2)
