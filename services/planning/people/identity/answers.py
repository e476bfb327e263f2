"""Answers of identity as planning can go by them: current ones or, while identity is away, the last ones."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Generic, Literal, TypeVar

import aiohttp
from prometheus_client import Counter
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.problems import Problem, RequestRefused
from services.planning.people import store
from services.planning.people.identity.shapes import parsed, says_unknown
from services.planning.people.identity.wire import FAILURES, BreakerOpen, Wire
from services.planning.people.store import RegistryAnswer

log = logging.getLogger(__name__)

WRITE_SECONDS = 5.0  # what a killed process had heard since is asked again, or unknown
REWRITE = timedelta(minutes=10)  # an answer that still holds is written again so often, for its age alone
AT_ONCE, LONGEST_QUEUE = 500, 10_000


class KeptAnswers:
    """What is kept, and what waits to be. `life`: older answers serve nobody, and are forgotten."""

    def __init__(self, clock: Clock, life: timedelta, database: Database) -> None:
        self.life = life
        self._clock, self._database = clock, database
        self._noted: dict[str, RegistryAnswer] = {}
        self._waiting: dict[str, RegistryAnswer] = {}

    async def load(self, path: str) -> RegistryAnswer | None:
        """The last answer of any process; None where there was none, or it was that nobody is known."""
        answer = self._waiting.get(path) or await store.load_answer(path, self._database.connection)
        return answer if answer and answer.body is not None else None

    def note(self, answer: RegistryAnswer) -> None:
        """Have an answer kept with the next statement, if it says anything new; no request waits for it."""
        last = self._noted.get(answer.path)
        if last and last.body == answer.body and answer.as_of - last.as_of < REWRITE:
            return
        for answers in (self._noted, self._waiting):
            answers.pop(answer.path, None)
            answers[answer.path] = answer
            if len(answers) > LONGEST_QUEUE:
                answers.pop(next(iter(answers)))

    async def flush(self) -> None:
        """Write what waits, AT_ONCE with each statement; what cannot be written goes on waiting."""
        while batch := list(islice(self._waiting.values(), AT_ONCE)):
            try:
                expired_before = self._clock.now() - self.life
                await store.store_answers(batch, expired_before, self._database.connection)
            except Exception:
                # Requests do not need what is kept, so none of them may suffer for it.
                log.exception("answers of identity could not be kept")
                return
            for answer in batch:
                if self._waiting.get(answer.path) is answer:
                    del self._waiting[answer.path]

    async def write_behind(self) -> None:
        """Write for ever; to be cancelled, and followed by a last `flush`."""
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            await self.flush()


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


ASKED = Counter(
    "rencana_identity_questions", "Questions to identity, by how they ended", ["about", "outcome"]
)


class IdentityAway(RequestRefused):
    """Identity did not answer, or not in the agreed shape: nothing was changed, and trying again may help."""

    def __init__(self) -> None:
        super().__init__(Problem("identity.unavailable"))


@dataclass(frozen=True, slots=True)
class Known(Generic[Facts]):
    """Facts, and the instant at which identity vouched for them. `kept`: it could not be asked just now."""

    facts: Facts
    as_of: datetime
    kept: bool = False


class Answers:
    """Asks; what was answered is handed to `kept`, where there is one, and looked up there again."""

    def __init__(self, questions: Questions, clock: Clock, kept: KeptAnswers | None) -> None:
        self._questions, self._clock, self._kept = questions, clock, kept

    async def known(self, question: Question[Facts]) -> Known[Facts] | None:
        """As identity says now, else as it last said; None where it knows nobody; IdentityAway."""
        try:
            return await self.now(question)
        except IdentityAway:
            if self._kept is None:
                raise
            return await self.last(question, self._kept.life)

    async def now(self, question: Question[Facts]) -> Known[Facts] | None:
        """As identity says now; None where it knows nobody; IdentityAway where it does not answer."""
        try:
            held = await self._questions.ask(question)
        except Unanswered:
            ASKED.labels(question.about, "away").inc()
            raise IdentityAway from None
        ASKED.labels(question.about, "answered" if held else "unknown").inc()
        if self._kept and question.is_held:
            tag, body, as_of = (held.tag, held.body, held.as_of) if held else (None, None, self._clock.now())
            self._kept.note(RegistryAnswer(question.path, tag, body, as_of))
        return Known(held.facts, held.as_of) if held else None

    async def last(self, question: Question[Facts], life: timedelta) -> Known[Facts]:
        """As identity last said to any process, not longer ago than `life`; else IdentityAway."""
        held = await self._latest(question)
        if held is None or self._clock.now() - held.as_of > life:
            raise IdentityAway
        ASKED.labels(question.about, "kept").inc()
        return Known(held.facts, held.as_of, kept=True)

    async def _latest(self, question: Question[Facts]) -> Held[Facts] | None:
        answer = await self._kept.load(question.path) if self._kept else None
        if answer is None or answer.body is None:  # another process may have heard that nobody is known
            return None
        held: Held[Facts] | None = self._questions.held(question.path)
        if held and held.as_of >= answer.as_of:
            return held
        try:
            facts = question.shape(parsed(answer.body.encode()))
        except ValueError:  # kept by a release that read it differently
            return None
        held = Held(facts, answer.etag, answer.body, answer.as_of)
        self._questions.hold(question.path, held)
        return held
