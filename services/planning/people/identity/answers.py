"""Answers of identity: current ones, or cached ones while identity is unavailable."""

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

from services.kit.availability import DatabaseUnavailable
from services.kit.clock import CLOCK_TOLERANCE, Clock, is_ahead
from services.kit.database import Database
from services.kit.problems import Problem, RequestRefused
from services.planning.people import store
from services.planning.people.identity.connections import FAILURES, BreakerOpen, Connections
from services.planning.people.identity.parsers import is_unknown, parse_json
from services.planning.people.store import StoredAnswer

log = logging.getLogger(__name__)

WRITE_SECONDS = 5.0  # a killed process loses the answers of this interval
REWRITE_AFTER = timedelta(
    minutes=10
)  # interval at which an unchanged answer is stored again, for its instant
BATCH_SIZE, MAX_QUEUE_LENGTH = 500, 10_000


class AnswerStore:
    """The answers in the database, and a queue of answers to store. Answers older than `max_age` are deleted."""

    def __init__(self, clock: Clock, max_age: timedelta, database: Database) -> None:
        self.max_age = max_age
        self._clock, self._database = clock, database
        self._latest: dict[str, StoredAnswer] = {}
        self._queue: dict[str, StoredAnswer] = {}

    async def load(self, path: str) -> StoredAnswer | None:
        """Load the last answer that any process received. Returns None if there is none, or if it has no body."""
        answer = self._queue.get(path) or await store.load_answer(path, self._database.connection)
        return answer if answer and answer.body is not None else None

    def store_later(self, answer: StoredAnswer) -> None:
        """Queue an answer for the next statement, if it is new. No request waits for the statement."""
        last = self._latest.get(answer.path)
        if last and last.body == answer.body and abs(answer.as_of - last.as_of) < REWRITE_AFTER:
            return
        for answers in (self._latest, self._queue):
            answers.pop(answer.path, None)
            answers[answer.path] = answer
            if len(answers) > MAX_QUEUE_LENGTH:
                answers.pop(next(iter(answers)))

    async def flush(self) -> None:
        """Store the queue, BATCH_SIZE answers per statement. After an error the answers stay in the queue."""
        while batch := list(islice(self._queue.values(), BATCH_SIZE)):
            try:
                now = self._clock.now()
                await store.store_answers(
                    batch, now - self.max_age, now + CLOCK_TOLERANCE, self._database.connection
                )
            except DatabaseUnavailable:
                return  # logged once for all that need the database
            except Exception:
                # Requests do not depend on stored answers, so they must not fail.
                log.exception("answers of identity could not be stored")
                return
            for answer in batch:
                if self._queue.get(answer.path) is answer:
                    del self._queue[answer.path]

    async def run(self) -> None:
        """Store the queue at intervals until cancelled. The caller runs a last `flush`."""
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            await self.flush()


Facts = TypeVar("Facts")

QUESTION_SECONDS = 3.0  # for all attempts together
NETWORK_ERRORS = (aiohttp.ClientError, OSError)
RESPONSE_ERRORS = (*NETWORK_ERRORS, ValueError)
CACHE_SIZE = 10_000


class NoAnswer(Exception):
    """Identity did not answer in time, or not in the agreed form."""


@dataclass(frozen=True, slots=True)
class Question(Generic[Facts]):
    """A question to identity. `parse` turns the JSON of an answer into facts, and raises ValueError."""

    about: Literal["teacher", "school", "account", "keys", "changes", "people"]
    path: str
    parse: Callable[[object], Facts]
    body: object = None  # JSON of a POST, for keys that must not be part of a path

    @property
    def is_cacheable(self) -> bool:
        """Tell whether the answer is cached: the question may come again and decisions depend on the answer."""
        return self.about not in {"changes", "people", "account"}


@dataclass(frozen=True, slots=True)
class CachedAnswer(Generic[Facts]):
    """The body of an answer, its facts, its ETag and the instant at which it was last true."""

    facts: Facts
    tag: str | None
    body: str
    as_of: datetime


class QuestionSender:
    """Sends questions, and caches the last answer to each in memory, so that an unchanged answer (304) is cheap."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._connections, self._clock = connections, clock
        self._cache: dict[str, CachedAnswer[Any]] = {}

    def find(self, path: str) -> CachedAnswer[Any] | None:
        """Find the last answer in memory."""
        return self._cache.get(path)

    def remember(self, path: str, answer: CachedAnswer[Any]) -> None:
        """Cache an answer. A full cache drops its oldest answer."""
        self._cache.pop(path, None)
        self._cache[path] = answer
        if len(self._cache) > CACHE_SIZE:
            self._cache.pop(next(iter(self._cache)))

    async def ask(self, question: Question[Facts]) -> CachedAnswer[Facts] | None:
        """Ask identity. Returns None if it does not know the subject. Raises NoAnswer."""
        tries = AsyncRetrying(
            retry=retry_if_exception_type(NETWORK_ERRORS),  # an answer in another form would repeat
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
            log.info(
                "identity did not answer a question about a %s: %s", question.about, type(error).__name__
            )
            raise

    async def _answer(self, question: Question[Facts]) -> CachedAnswer[Facts] | None:
        cached_answer: CachedAnswer[Facts] | None = self._cache.get(question.path)
        asked_at = self._clock.now()
        if question.body is None:
            response = await self._connections.get(
                question.path, cached_answer.tag if cached_answer else None
            )
        else:
            response = await self._connections.post(question.path, question.body)
        if response.status == 304 and cached_answer is not None and cached_answer.tag:
            cached_answer = replace(cached_answer, as_of=asked_at)
        elif response.status == 200:
            facts = question.parse(parse_json(response.body))
            cached_answer = CachedAnswer(facts, response.tag, response.body.decode(), asked_at)
        elif response.status == 404 and is_unknown(parse_json(response.body), question.about):
            self._cache.pop(question.path, None)
            return None
        else:
            raise ValueError(f"status {response.status}")
        if question.is_cacheable:
            self.remember(question.path, cached_answer)
        return cached_answer


QUESTIONS = Counter("rencana_identity_questions", "Questions to identity, by outcome", ["about", "outcome"])


class IdentityUnavailable(RequestRefused):
    """Identity did not answer, or not in the agreed form. Nothing was changed, and a retry may succeed."""

    def __init__(self) -> None:
        super().__init__(Problem("identity.unavailable"))


@dataclass(frozen=True, slots=True)
class Answer(Generic[Facts]):
    """Facts and the instant at which they were true. `is_cached` means that identity was unavailable."""

    facts: Facts
    as_of: datetime
    is_cached: bool = False


class AnswerSource:
    """Asks identity, and uses `store`, if there is one, for answers that are needed while it is unavailable."""

    def __init__(self, sender: QuestionSender, clock: Clock, store: AnswerStore | None) -> None:
        self._sender, self._clock, self._store = sender, clock, store

    async def get(self, question: Question[Facts]) -> Answer[Facts] | None:
        """Return the current answer, or the cached one if identity is unavailable. Otherwise as `fetch`."""
        try:
            return await self.fetch(question)
        except IdentityUnavailable:
            if self._store is None:
                raise
            return await self.get_cached(question, self._store.max_age)

    async def fetch(self, question: Question[Facts]) -> Answer[Facts] | None:
        """Return the current answer, or None for an unknown subject. Raises IdentityUnavailable."""
        try:
            answer = await self._sender.ask(question)
        except NoAnswer:
            QUESTIONS.labels(question.about, "unavailable").inc()
            raise IdentityUnavailable from None
        QUESTIONS.labels(question.about, "answered" if answer else "unknown").inc()
        if self._store and question.is_cacheable:
            tag, body, as_of = (
                (answer.tag, answer.body, answer.as_of) if answer else (None, None, self._clock.now())
            )
            self._store.store_later(StoredAnswer(question.path, tag, body, as_of))
        return Answer(answer.facts, answer.as_of) if answer else None

    async def get_cached(self, question: Question[Facts], max_age: timedelta) -> Answer[Facts]:
        """Return the last answer of any process.

        Raises IdentityUnavailable if it is older than `max_age`, or was stored under a clock that ran ahead.
        """
        cached_answer, now = await self._load_latest(question), self._clock.now()
        if cached_answer is None or now - cached_answer.as_of > max_age or is_ahead(cached_answer.as_of, now):
            raise IdentityUnavailable
        QUESTIONS.labels(question.about, "cached").inc()
        return Answer(cached_answer.facts, cached_answer.as_of, is_cached=True)

    async def _load_latest(self, question: Question[Facts]) -> CachedAnswer[Facts] | None:
        stored_answer = await self._store.load(question.path) if self._store else None
        if (
            stored_answer is None or stored_answer.body is None
        ):  # the last answer was that the subject is unknown
            return None
        cached_answer: CachedAnswer[Facts] | None = self._sender.find(question.path)
        if cached_answer and cached_answer.as_of >= stored_answer.as_of:
            return cached_answer
        try:
            facts = question.parse(parse_json(stored_answer.body.encode()))
        except ValueError:  # stored by a release that reads another form
            return None
        cached_answer = CachedAnswer(facts, stored_answer.etag, stored_answer.body, stored_answer.as_of)
        self._sender.remember(question.path, cached_answer)
        return cached_answer
