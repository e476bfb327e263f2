"""Asking the provider over HTTP, bounded in time and size."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote_plus

import aiohttp

from services.kit.bounded import bounded_body
from services.kit.problem import Problem, Refused

TRY_SECONDS = 5.0  # a person waits meanwhile
LARGEST = 256 * 1024

Json = dict[str, Any]


class ProviderAway(Refused):
    """The provider does not answer, or not as a provider does; nothing is wrong with who signs in."""

    def __init__(self) -> None:
        super().__init__(Problem("signin.provider_away"))


class ProviderWire:
    """The connections to the provider. A redirect is no answer: secrets go to nobody else."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """With connections; in the running loop."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TRY_SECONDS)) as self._session:
            yield

    async def get(self, url: str) -> Json:
        """The JSON object there; ProviderAway where there is none."""
        status, told = await self._asked("GET", url, {})
        if status != 200:
            raise ProviderAway
        return told

    async def post(
        self, url: str, form: Mapping[str, str], client: tuple[str, str], *, basic: bool
    ) -> tuple[int, Json]:
        """The status and the JSON object that a form is answered with; ProviderAway where there is none.

        `client`: our id and secret there, shown in a header (`basic`) or else in the form.
        """
        client_id, secret = client
        if basic:
            # encoded as in a form before it becomes a header (RFC 6749, section 2.3.1)
            shown = aiohttp.encode_basic_auth(quote_plus(client_id), quote_plus(secret))
            return await self._asked("POST", url, {"data": form, "headers": {"authorization": shown}})
        return await self._asked(
            "POST", url, {"data": {**form, "client_id": client_id, "client_secret": secret}}
        )

    async def _asked(self, method: str, url: str, given: Mapping[str, Any]) -> tuple[int, Json]:
        assert self._session is not None, "open() comes first"
        try:
            async with self._session.request(method, url, allow_redirects=False, **given) as response:
                told = json.loads(await bounded_body(response, LARGEST))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError):
            raise ProviderAway from None
        if response.status >= 500 or not isinstance(told, dict):
            raise ProviderAway
        return response.status, told
