"""Questions to identity: without an answer tried again a few times; an answer of another shape is none either."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import aiohttp
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from services.kit.clock import Clock
from services.planning.identity.breaker import FAILURES, BreakerOpen
from services.planning.identity.shapes import parsed, says_unknown
from services.planning.identity.wire import Wire

log = logging.getLogger(__name__)
Facts = TypeVar("Facts")

QUESTION_SECONDS = 3.0  # all tries together
NO_ANSWER = (aiohttp.ClientError, OSError)
FAILED = (*NO_ANSWER, ValueError)
IN_MEMORY = 10_000


class Unanswered(Exception):
    """Identity did not answer in time, or not as agreed."""


@dataclass(frozen=True, slots=True)
class Question(Generic[Facts]):
    """`shape` makes facts of an answer, and raises ValueError for any other."""

    about: Literal["teacher", "school", "account", "keys", "changes", "people"]
    path: str
    shape: Callable[[object], Facts]
    sent: object = None  # as JSON, where what is asked for must stand in no path

    @property
    def is_held(self) -> bool:
        """Whether the answer is worth keeping: it may be asked for again, and something is decided by it."""
        return self.about not in {"changes", "people", "account"}


@dataclass(frozen=True, slots=True)
class Held(Generic[Facts]):
    """An answer as identity sent it, the facts in it, and the instant at which it was last true."""

    facts: Facts
    tag: str | None
    body: str
    as_of: datetime


class Questions:
    """Asks, and holds the last answer to each question, so that an unchanged one (304) costs next to nothing."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire, self._clock = wire, clock
        self._held: dict[str, Held[Any]] = {}

    def held(self, path: str) -> Held[Any] | None:
        """The last answer that this process heard, or was told to hold."""
        return self._held.get(path)

    def hold(self, path: str, held: Held[Any]) -> None:
        """Have this as the last answer; the oldest one makes room."""
        self._held.pop(path, None)
        self._held[path] = held
        if len(self._held) > IN_MEMORY:
            self._held.pop(next(iter(self._held)))

    async def ask(self, question: Question[Facts]) -> Held[Facts] | None:
        """What identity answers; None where it says that it knows nobody. Raises Unanswered."""
        tries = AsyncRetrying(
            retry=retry_if_exception_type(NO_ANSWER),  # who answers nonsense would do so again
            stop=stop_after_attempt(FAILURES),
            wait=wait_random_exponential(multiplier=0.1, max=0.5),
            reraise=True,
        )
        try:
            async with asyncio.timeout(QUESTION_SECONDS):
                return await tries(self._once, question)
        except (BreakerOpen, *FAILED) as error:
            raise Unanswered from error

    async def _once(self, question: Question[Facts]) -> Held[Facts] | None:
        try:
            return await self._answer(question)
        except FAILED as error:
            log.info("no answer of identity about a %s: %s", question.about, type(error).__name__)
            raise

    async def _answer(self, question: Question[Facts]) -> Held[Facts] | None:
        held: Held[Facts] | None = self._held.get(question.path)
        asked_at = self._clock.now()
        if question.sent is None:
            answer = await self._wire.get(question.path, held.tag if held else None)
        else:
            answer = await self._wire.post(question.path, question.sent)
        if answer.status == 304 and held is not None and held.tag:
            held = replace(held, as_of=asked_at)
        elif answer.status == 200:
            facts = question.shape(parsed(answer.body))
            held = Held(facts, answer.tag, answer.body.decode(), asked_at)
        elif answer.status == 404 and says_unknown(parsed(answer.body), question.about):
            self._held.pop(question.path, None)
            return None
        else:
            raise ValueError(f"status {answer.status}")
        if question.is_held:
            self.hold(question.path, held)
        return held
