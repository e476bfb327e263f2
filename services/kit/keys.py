"""An issuer's public keys, kept: it is asked again when a key is new, or the keys have grown old."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Generic, TypeVar

from services.kit.problem import Refused

log = logging.getLogger(__name__)

OLD_SECONDS = (
    300.0  # a key that its issuer withdraws is trusted for so long at most, while the issuer answers
)
PAUSE_SECONDS = 5.0  # made-up key ids must not become a stream of questions to the issuer

Key = TypeVar("Key")
Fetch = Callable[[], Awaitable[Mapping[str, Key]]]


class Keys(Generic[Key]):
    """The keys by id. `fetch` raises Refused where the issuer is away; known keys then stay in use.

    `kept` are those of before, for a process that starts meanwhile. `seconds` is the machine's time: a clock that
    stands still must not freeze the keys.
    """

    def __init__(
        self,
        fetch: Fetch[Key],
        seconds: Callable[[], float] = time.monotonic,
        kept: Fetch[Key] | None = None,
    ) -> None:
        self._fetch, self._seconds, self._kept = fetch, seconds, kept
        self._keys: Mapping[str, Key] = {}
        self._asked_at = float("-inf")
        self._away: Refused | None = None
        self._one_at_a_time = asyncio.Lock()

    async def get(self, kid: str) -> Key:
        """The key of this id; ValueError where the issuer has none, what `fetch` raised where it cannot be asked."""
        if self._due(kid):
            async with self._one_at_a_time:
                if self._due(kid):
                    await self._refresh()
        if kid in self._keys:
            return self._keys[kid]
        if self._away:
            raise self._away.with_traceback(None)
        raise ValueError("kid")

    def _due(self, kid: str) -> bool:
        pause = OLD_SECONDS if kid in self._keys and not self._away else PAUSE_SECONDS
        return self._seconds() - self._asked_at >= pause

    async def _refresh(self) -> None:
        try:
            self._keys, self._away = await self._fetch(), None
        except Refused as away:
            self._away = away
            if self._kept and not self._keys:
                with suppress(Refused):
                    self._keys = await self._kept()
            log.warning("an issuer's keys cannot be had; %d known keys stay in use", len(self._keys))
        self._asked_at = self._seconds()
