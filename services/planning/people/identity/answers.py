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
from services.planning.people.identity.shapes import is_unknown, parse_json
from services.planning.people.identity.wire import FAILURES, BreakerOpen, Connections
from services.planning.people.store import RegistryAnswer

log = logging.getLogger(__name__)

WRITE_SECONDS = 5.0  # what a killed process had heard since is asked again, or unknown
REWRITE_AFTER = timedelta(
    minutes=10
)  # an answer that still holds is written again so often, for its age alone
BATCH_SIZE, MAX_QUEUE_LENGTH = 500, 10_000


class AnswerStore:
    """What is kept, and what waits to be. `life`: older answers serve nobody, and are forgotten."""

    def __init__(self, clock: Clock, life: timedelta, database: Database) -> None:
        self.max_age = life
        self._clock, self._database = clock, database
        self._latest: dict[str, RegistryAnswer] = {}
        self._queue: dict[str, RegistryAnswer] = {}

    async def load(self, path: str) -> RegistryAnswer | None:
        """The last answer of any process; None where there was none, or it was that nobody is known."""
        answer = self._queue.get(path) or await store.load_answer(path, self._database.connection)
        return answer if answer and answer.body is not None else None

    def store_later(self, answer: RegistryAnswer) -> None:
        """Have an answer kept with the next statement, if it says anything new; no request waits for it."""
        last = self._latest.get(answer.path)
        if last and last.body == answer.body and answer.as_of - last.as_of < REWRITE_AFTER:
            return
        for answers in (self._latest, self._queue):
            answers.pop(answer.path, None)
            answers[answer.path] = answer
            if len(answers) > MAX_QUEUE_LENGTH:
                answers.pop(next(iter(answers)))

    async def flush(self) -> None:
        """Write what waits, AT_ONCE with each statement; what cannot be written goes on waiting."""
        while batch := list(islice(self._queue.values(), BATCH_SIZE)):
            try:
                expired_before = self._clock.now() - self.max_age
                await store.store_answers(batch, expired_before, self._database.connection)
            except Exception:
                # Requests do not need what is kept, so none of them may suffer for it.
                log.exception("answers of identity could not be kept")
                return
            for answer in batch:
                if self._queue.get(answer.path) is answer:
                    del self._queue[answer.path]

    async def run(self) -> None:
        """Write for ever; to be cancelled, and followed by a last `flush`."""
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            await self.flush()


Facts = TypeVar("Facts")

QUESTION_SECONDS = 3.0  # all tries together
NETWORK_ERRORS = (aiohttp.ClientError, OSError)
RESPONSE_ERRORS = (*NETWORK_ERRORS, ValueError)
CACHE_SIZE = 10_000


class NoAnswer(Exception):
    """Identity did not answer in time, or not as agreed."""


@dataclass(frozen=True, slots=True)
class Question(Generic[Facts]):
    """`shape` makes facts of an answer, and raises ValueError for any other."""

    about: Literal["teacher", "school", "account", "keys", "changes", "people"]
    path: str
    parse: Callable[[object], Facts]
    body: object = None  # as JSON, where what is asked for must stand in no path

    @property
    def is_cacheable(self) -> bool:
        """Whether the answer is worth keeping: it may be asked for again, and something is decided by it."""
        return self.about not in {"changes", "people", "account"}


@dataclass(frozen=True, slots=True)
class CachedAnswer(Generic[Facts]):
    """An answer as identity sent it, the facts in it, and the instant at which it was last true."""

    facts: Facts
    tag: str | None
    body: str
    as_of: datetime


class Asker:
    """Asks, and holds the last answer to each question, so that an unchanged one (304) costs next to nothing."""

    def __init__(self, wire: Connections, clock: Clock) -> None:
        self._wire, self._clock = wire, clock
        self._cache: dict[str, CachedAnswer[Any]] = {}

    def find(self, path: str) -> CachedAnswer[Any] | None:
        """The last answer that this process heard, or was told to hold."""
        return self._cache.get(path)

    def remember(self, path: str, answer: CachedAnswer[Any]) -> None:
        """Have this as the last answer; the oldest one makes room."""
        self._cache.pop(path, None)
        self._cache[path] = answer
        if len(self._cache) > CACHE_SIZE:
            self._cache.pop(next(iter(self._cache)))

    async def ask(self, question: Question[Facts]) -> CachedAnswer[Facts] | None:
        """What identity answers; None where it says that it knows nobody. Raises Unanswered."""
        tries = AsyncRetrying(
            retry=retry_if_exception_type(NETWORK_ERRORS),  # who answers nonsense would do so again
            stop=stop_after_attempt(FAILURES),
            wait=wait_random_exponential(multiplier=0.1, max=0.5),
            reraise=True,
        )
        try:
            async with asyncio.timeout(QUESTION_SECONDS):
                return await tries(self._once, question)
        except (BreakerOpen, *RESPONSE_ERRORS) as error:
            raise NoAnswer from error

    async def _once(self, question: Question[Facts]) -> CachedAnswer[Facts] | None:
        try:
            return await self._answer(question)
        except RESPONSE_ERRORS as error:
            log.info("no answer of identity about a %s: %s", question.about, type(error).__name__)
            raise

    async def _answer(self, question: Question[Facts]) -> CachedAnswer[Facts] | None:
        cached: CachedAnswer[Facts] | None = self._cache.get(question.path)
        asked_at = self._clock.now()
        if question.body is None:
            response = await self._wire.get(question.path, cached.tag if cached else None)
        else:
            response = await self._wire.post(question.path, question.body)
        if response.status == 304 and cached is not None and cached.tag:
            cached = replace(cached, as_of=asked_at)
        elif response.status == 200:
            facts = question.parse(parse_json(response.body))
            cached = CachedAnswer(facts, response.tag, response.body.decode(), asked_at)
        elif response.status == 404 and is_unknown(parse_json(response.body), question.about):
            self._cache.pop(question.path, None)
            return None
        else:
            raise ValueError(f"status {response.status}")
        if question.is_cacheable:
            self.remember(question.path, cached)
        return cached


QUESTIONS = Counter(
    "rencana_identity_questions", "Questions to identity, by how they ended", ["about", "outcome"]
)


class IdentityUnavailable(RequestRefused):
    """Identity did not answer, or not in the agreed shape: nothing was changed, and trying again may help."""

    def __init__(self) -> None:
        super().__init__(Problem("identity.unavailable"))


@dataclass(frozen=True, slots=True)
class Answer(Generic[Facts]):
    """Facts, and the instant at which identity vouched for them. `kept`: it could not be asked just now."""

    facts: Facts
    as_of: datetime
    is_cached: bool = False


class Answers:
    """Asks; what was answered is handed to `kept`, where there is one, and looked up there again."""

    def __init__(self, questions: Asker, clock: Clock, store: AnswerStore | None) -> None:
        self._questions, self._clock, self._store = questions, clock, store

    async def get(self, question: Question[Facts]) -> Answer[Facts] | None:
        """As identity says now, else as it last said; None where it knows nobody; IdentityAway."""
        try:
            return await self.fetch(question)
        except IdentityUnavailable:
            if self._store is None:
                raise
            return await self.get_cached(question, self._store.max_age)

    async def fetch(self, question: Question[Facts]) -> Answer[Facts] | None:
        """As identity says now; None where it knows nobody; IdentityAway where it does not answer."""
        try:
            answer = await self._questions.ask(question)
        except NoAnswer:
            QUESTIONS.labels(question.about, "unavailable").inc()
            raise IdentityUnavailable from None
        QUESTIONS.labels(question.about, "answered" if answer else "unknown").inc()
        if self._store and question.is_cacheable:
            tag, body, as_of = (
                (answer.tag, answer.body, answer.as_of) if answer else (None, None, self._clock.now())
            )
            self._store.store_later(RegistryAnswer(question.path, tag, body, as_of))
        return Answer(answer.facts, answer.as_of) if answer else None

    async def get_cached(self, question: Question[Facts], life: timedelta) -> Answer[Facts]:
        """As identity last said to any process, not longer ago than `life`; else IdentityAway."""
        cached = await self._load_latest(question)
        if cached is None or self._clock.now() - cached.as_of > life:
            raise IdentityUnavailable
        QUESTIONS.labels(question.about, "cached").inc()
        return Answer(cached.facts, cached.as_of, is_cached=True)

    async def _load_latest(self, question: Question[Facts]) -> CachedAnswer[Facts] | None:
        stored = await self._store.load(question.path) if self._store else None
        if stored is None or stored.body is None:  # another process may have heard that nobody is known
            return None
        cached: CachedAnswer[Facts] | None = self._questions.find(question.path)
        if cached and cached.as_of >= stored.as_of:
            return cached
        try:
            facts = question.parse(parse_json(stored.body.encode()))
        except ValueError:  # kept by a release that read it differently
            return None
        cached = CachedAnswer(facts, stored.etag, stored.body, stored.as_of)
        self._questions.remember(question.path, cached)
        return cached
