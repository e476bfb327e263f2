"""The access token of planning for identity: fetched once, cached, and renewed before it expires."""

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
RENEWAL_FRACTION = 2 / 3  # of its lifetime: the rest is longer than a restart of identity
PAUSE_SECONDS = 5.0  # after a refusal or a failed renewal


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of planning, which is a registered client of identity."""

    client_id: str
    secret: str


class CredentialsRefused(ValueError):
    """Identity refuses the client, its secret or its scope, so that no request is possible."""


class TokenResponse(BaseModel):
    """The part of the response of `/token` that planning uses."""

    access_token: str = Field(min_length=1)
    expires_in: int = Field(gt=0)


FETCH_ERRORS = (aiohttp.ClientError, OSError, ValueError)
Fetch = Callable[[], Awaitable[TokenResponse]]


class AccessToken:
    """The cached token. `seconds` is a monotonic clock, because a fixed clock would keep a token for ever."""

    def __init__(self, fetch: Fetch, seconds: Callable[[], float] = time.monotonic) -> None:
        self._fetch, self._seconds = fetch, seconds
        self._token: str | None = None
        self._expires_at = self._renew_at = self._retry_at = float("-inf")
        self._renewal: asyncio.Task[str] | None = None

    async def get(self) -> str:
        """Return a token that has not expired.

        The first caller after `_renew_at` renews it, and the others use the old one meanwhile. Without a token all
        callers wait for the same renewal. Raises CredentialsRefused, or an error of the fetch.
        """
        token = self._token
        if token is None or self._seconds() >= self._expires_at:
            return await self._renew_together()
        if self._seconds() >= self._renew_at and self._renewal is None:
            try:
                return await self._renew_together()
            except FETCH_ERRORS as error:
                # The old token is still valid, so this request must not fail.
                log.warning("the access token for identity was not renewed: %s", type(error).__name__)
                self._renew_at = self._seconds() + PAUSE_SECONDS
        return token

    async def close(self) -> None:
        """Cancel a renewal that is running."""
        if self._renewal:
            self._renewal.cancel()
            await asyncio.wait([self._renewal])

    def invalidate(self, token: str) -> None:
        """Drop a token that identity refused, so that the next request fetches another."""
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
            renewal.exception()  # retrieved, because asyncio warns of an exception that nobody retrieves

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
