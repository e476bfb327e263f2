"""Identity's public keys, kept: identity is asked when a key is new, or the keys have grown old."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from joserfc.jwk import ECKey

from services.planning.identity.client import IdentityAway

log = logging.getLogger(__name__)

OLD_SECONDS = 300.0  # a key that identity withdraws is trusted for so long at most, while identity answers
PAUSE_SECONDS = 5.0  # made-up key ids must not become a stream of questions to identity

Fetch = Callable[[], Awaitable[Mapping[str, ECKey]]]


class Keys:
    """The keys by id. `kept` are those of before, for a process that starts while identity is away.

    `seconds` is the machine's time: a clock that stands still must not freeze the keys.
    """

    def __init__(
        self, fetch: Fetch, seconds: Callable[[], float] = time.monotonic, kept: Fetch | None = None
    ) -> None:
        self._fetch, self._seconds, self._kept = fetch, seconds, kept
        self._keys: Mapping[str, ECKey] = {}
        self._asked_at = float("-inf")
        self._away = False
        self._one_at_a_time = asyncio.Lock()

    async def get(self, kid: str) -> ECKey:
        """The key of this id; ValueError where identity has none, IdentityAway where it cannot be asked."""
        if self._due(kid):
            async with self._one_at_a_time:
                if self._due(kid):
                    await self._refresh()
        if kid in self._keys:
            return self._keys[kid]
        if self._away:
            raise IdentityAway
        raise ValueError("kid")

    def _due(self, kid: str) -> bool:
        pause = OLD_SECONDS if kid in self._keys and not self._away else PAUSE_SECONDS
        return self._seconds() - self._asked_at >= pause

    async def _refresh(self) -> None:
        try:
            self._keys, self._away = await self._fetch(), False
        except IdentityAway:
            self._away = True
            if self._kept and not self._keys:
                with suppress(IdentityAway):
                    self._keys = await self._kept()
            log.warning("identity's keys cannot be had; %d known keys stay in use", len(self._keys))
        self._asked_at = self._seconds()
