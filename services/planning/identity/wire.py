"""One try to ask identity over HTTP, bounded in time, size and number; nothing of an answer is believed yet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from services.kit.bounded import bounded_body
from services.planning.identity.breaker import Breaker

TRY_SECONDS = 1.0  # an answer takes milliseconds
CONNECTIONS = 20
LONGEST_TAG = 128
LARGEST = 1 << 20  # bytes; the longest page of changes is a tenth of it


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire, whatever it is; `tag` names the body."""

    status: int
    tag: str | None
    body: bytes


class Wire:
    """The connections to identity, few at a time: who waited for a turn asks the breaker only then."""

    def __init__(self, url: str, secret: str, breaker: Breaker) -> None:
        self._url, self._breaker = url.rstrip("/"), breaker
        # An answer that is packed could unfold to any size: identity packs none, and none is unpacked.
        self._headers = {"authorization": f"Bearer {secret}", "accept-encoding": "identity"}
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the connections; to be called in the running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS),
            timeout=aiohttp.ClientTimeout(total=TRY_SECONDS),
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Give the connections back."""
        if self._session:
            await self._session.close()

    async def get(self, path: str, tag: str | None) -> Answer:
        """The answer; aiohttp's errors, OSError or ValueError where none came, BreakerOpen where none is expected.

        A redirect is an answer like any other: the secret goes to nobody else.
        """
        headers = {**self._headers, **({"if-none-match": tag} if tag else {})}
        async with self._turns:
            with self._breaker.asking():
                return await self._got(self._url + path, headers)

    async def _got(self, url: str, headers: Mapping[str, str]) -> Answer:
        assert self._session is not None, "start() comes first"
        async with self._session.get(url, headers=headers, allow_redirects=False) as response:
            # 500 is a fault about what was asked, as it would be again; beyond it nobody is there to ask.
            if response.status > 500:
                response.raise_for_status()
            return Answer(response.status, _tag(response), await bounded_body(response, LARGEST))


def _tag(response: aiohttp.ClientResponse) -> str | None:
    tag = response.headers.get("etag", "")
    return tag if 0 < len(tag) <= LONGEST_TAG and tag.isascii() else None
