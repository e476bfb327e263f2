"""Work that failed and is tried again: one plan that cannot be decided stops neither the others nor the worker."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from prometheus_client import Gauge

from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.people.identity.client import IdentityClient

log = logging.getLogger(__name__)
OWED = Gauge("rencana_worker_owed", "Plans and teachers that could not be dealt with and are tried again")

AGAIN_SECONDS = 10.0
PAY_SECONDS = 5.0  # who fails slowly keeps no head waiting
MOST = 1000  # beyond this something is broken for all, and nothing new is begun

Work = Callable[[], Awaitable[object]]


class Owed:
    """What is owed, by name. It is kept in memory only, so no position moves while there is any."""

    def __init__(self, identity: IdentityClient) -> None:
        self._identity = identity
        self._work: dict[str, Work] = {}
        self._next_try = 0.0

    def __len__(self) -> int:
        return len(self._work)

    def __contains__(self, name: str) -> bool:
        return name in self._work

    @property
    def is_full(self) -> bool:
        """Too much is owed to begin anything new."""
        return len(self._work) >= MOST

    async def attempt(self, name: str, work: Work) -> None:
        """Do it, or owe it. What is owed already waits for `pay`.

        IdentityAway only where identity is away altogether, not where it fails to tell of this one.
        """
        if name not in self._work:
            await self._try(name, work)

    async def attempt_all(
        self, name: str, work: Callable[[Sequence[str]], Awaitable[object]], keys: Sequence[str]
    ) -> None:
        """Do it for all keys together, for that is cheap; one by one where it fails for one of them."""
        if not keys:
            return
        try:
            await work(keys)
        except Exception:  # noqa: BLE001 - it is told of those who fail alone, too
            for key in keys:
                await self.attempt(f"{name} {key}", partial(work, [key]))

    async def pay(self) -> None:
        """Try what is owed, every AGAIN_SECONDS, for PAY_SECONDS; what was tried longest ago comes first."""
        begun = time.monotonic()
        if not self._work or begun < self._next_try:
            return
        self._next_try = begun + AGAIN_SECONDS
        for name, work in list(self._work.items()):
            self._work[name] = self._work.pop(name)
            await self._try(name, work)
            if time.monotonic() - begun >= PAY_SECONDS:
                return

    async def _try(self, name: str, work: Work) -> None:
        try:
            await work()
        except Exception as error:
            self._work[name] = work
            log.error("%s: tried again later", name, exc_info=not isinstance(error, IdentityUnavailable))
            if isinstance(error, IdentityUnavailable):
                await self._identity.changes(0, 1)
        else:
            self._work.pop(name, None)
        finally:
            OWED.set(len(self._work))
