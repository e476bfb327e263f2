"""The client of identity's JSON endpoints: short timeouts, one retry, and a clear problem when identity is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

import aiohttp
from pydantic import ValidationError

from services.kit.clock import Clock
from services.kit.problem import Problem, Refused
from services.planning.domain.school import SchoolFacts
from services.planning.domain.teacher import TeacherFacts
from services.planning.identity.shapes import Changes, changes_of, school_of, teacher_of

log = logging.getLogger(__name__)
Facts = TypeVar("Facts")

TIMEOUT = aiohttp.ClientTimeout(total=5, connect=2)
AWAY = (aiohttp.ClientError, TimeoutError, ValidationError, ValueError, RecursionError)


class IdentityAway(Refused):
    """Identity did not answer, or not in the agreed shape: nothing was changed, and trying again may help."""

    def __init__(self) -> None:
        super().__init__(Problem("identity.unavailable"))


@dataclass(frozen=True, slots=True)
class Known(Generic[Facts]):
    """Facts, and the instant at which identity vouched for them."""

    facts: Facts
    as_of: datetime


class IdentityClient:
    """Asks identity; keeps the last answer per address, so that an unchanged one (304) costs next to nothing."""

    def __init__(self, url: str, secret: str, clock: Clock, *, kept: int = 10_000) -> None:
        self._url, self._clock, self._kept = url.rstrip("/"), clock, kept
        self._headers = {"authorization": f"Bearer {secret}"}
        self._answers: dict[str, tuple[str, Any]] = {}
        self._flights: dict[str, asyncio.Task[Any]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the connections; to be called in the running loop."""
        self._session = aiohttp.ClientSession(timeout=TIMEOUT)

    async def close(self) -> None:
        """Give the connections back."""
        if self._session:
            await self._session.close()

    async def teacher(self, ptk_id: str) -> Known[TeacherFacts] | None:
        """What identity knows of a teacher; None where it knows nobody of this id."""
        return await self._ask(f"/v1/teachers/{ptk_id}", teacher_of)

    async def school(self, npsn: str) -> Known[SchoolFacts] | None:
        """What identity knows of a school and its head; None where it knows no such school."""
        return await self._ask(f"/v1/schools/{npsn}", school_of)

    async def changes(self, after: int, limit: int = 500) -> Changes:
        """What identity learned since `after`: always asked, never kept; IdentityAway where it does not answer."""
        path = f"/v1/changes?after={after}&limit={limit}"
        known = await self._ask(path, lambda answer: changes_of(answer, after))
        if known is None:
            raise IdentityAway
        return known.facts

    async def keys(self) -> dict[str, Any]:
        """The public keys of identity's tokens (JWKS)."""
        known = await self._ask("/.well-known/jwks.json", lambda answer: dict(answer))  # type: ignore[call-overload]
        if known is None:
            raise IdentityAway
        return dict(known.facts)

    async def _ask(self, path: str, shape: Callable[[object], Facts]) -> Known[Facts] | None:
        # Whoever asks the same while the answer is on its way waits for that one: load does not multiply.
        flight = self._flights.get(path)
        if flight is None:
            flight = self._flights[path] = asyncio.create_task(self._retried(path, shape))
            flight.add_done_callback(lambda _: self._flights.pop(path, None))
        return cast("Known[Facts] | None", await asyncio.shield(flight))

    async def _retried(self, path: str, shape: Callable[[object], Facts]) -> Known[Facts] | None:
        for attempt in (1, 2):
            try:
                return await self._once(path, shape)
            except AWAY as error:
                log.warning("identity did not answer (attempt %d): %s", attempt, type(error).__name__)
                await asyncio.sleep(0.05 * (2 - attempt))
        raise IdentityAway

    async def _once(self, path: str, shape: Callable[[object], Facts]) -> Known[Facts] | None:
        assert self._session is not None, "start() comes first"
        tag, kept = self._answers.get(path, ("", None))
        asked_at = self._clock.now()
        headers = {**self._headers, **({"if-none-match": tag} if tag else {})}
        async with self._session.get(self._url + path, headers=headers) as response:
            if response.status == 304:
                return Known(kept, asked_at)
            if response.status == 404:
                return None
            response.raise_for_status()
            facts = shape(await response.json())
            if "?" not in path:
                self._keep(path, response.headers.get("etag"), facts)
            return Known(facts, asked_at)

    def _keep(self, path: str, tag: str | None, facts: object) -> None:
        self._answers.pop(path, None)
        if tag:
            self._answers[path] = (tag, facts)
            if len(self._answers) > self._kept:
                self._answers.pop(next(iter(self._answers)))
