"""Planning's own access token for identity: fetched once, kept, and renewed before it ends, by one at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from pydantic import BaseModel, Field

log = logging.getLogger(__name__)

SCOPE = "registry:read"
RENEWAL_FRACTION = 2 / 3  # of its life: what is left is enough to outlast an identity that restarts
PAUSE_SECONDS = 5.0  # after a refusal, or a renewal that failed: credentials do not mend themselves


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who planning is to identity: a registered client."""

    client_id: str
    secret: str


class CredentialsRefused(ValueError):
    """Identity does not know the client, its secret or its scope: no question can be asked."""


class TokenResponse(BaseModel):
    """What `/token` answers, as far as it matters here."""

    access_token: str = Field(min_length=1)
    expires_in: int = Field(gt=0)


FETCH_ERRORS = (aiohttp.ClientError, OSError, ValueError)
Fetch = Callable[[], Awaitable[TokenResponse]]


class AccessToken:
    """The token of now. `seconds` is the machine's time: a clock that stands still must not make one live for ever."""

    def __init__(self, fetch: Fetch, seconds: Callable[[], float] = time.monotonic) -> None:
        self._fetch, self._seconds = fetch, seconds
        self._token: str | None = None
        self._expires_at = self._renew_at = self._retry_at = float("-inf")
        self._renewal: asyncio.Task[str] | None = None

    async def get(self) -> str:
        """A token that has not ended. Whoever finds one about to end renews it; all others go on with it meanwhile.

        Without one all wait for the same answer. CredentialsRefused, or what fetching raises, where there is none.
        """
        token = self._token
        if token is None or self._seconds() >= self._expires_at:
            return await self._renew_together()
        if self._seconds() >= self._renew_at and self._renewal is None:
            try:
                return await self._renew_together()
            except FETCH_ERRORS as error:
                # the token at hand still opens: nobody's question may fail for the next one's sake
                log.warning("the access token for identity was not renewed: %s", type(error).__name__)
                self._renew_at = self._seconds() + PAUSE_SECONDS
        return token

    async def close(self) -> None:
        """Whoever still waits for a token gets none."""
        if self._renewal:
            self._renewal.cancel()
            await asyncio.wait([self._renewal])

    def invalidate(self, token: str) -> None:
        """Identity did not take this one: the next to ask fetches another."""
        if self._token == token:
            self._token = None

    async def _renew_together(self) -> str:
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew())
            self._renewal.add_done_callback(self._end_renewal)
        return await asyncio.shield(self._renewal)

    def _end_renewal(self, renewal: asyncio.Task[str]) -> None:
        self._renewal = None
        if not renewal.cancelled():
            renewal.exception()  # looked at, though nobody may wait for it any more

    async def _renew(self) -> str:
        if self._seconds() < self._retry_at:
            raise CredentialsRefused
        try:
            response = await self._fetch()
        except CredentialsRefused:
            self._retry_at = self._seconds() + PAUSE_SECONDS
            log.error("identity refuses RENCANA_CLIENT_ID with RENCANA_CLIENT_SECRET, or the scope %s", SCOPE)
            raise
        now = self._seconds()
        self._token = response.access_token
        self._expires_at, self._renew_at = (
            now + response.expires_in,
            now + RENEWAL_FRACTION * response.expires_in,
        )
        return response.access_token
