"""What planning knows from identity: what it says now or, while it is away, what it last said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from prometheus_client import Counter

from services.kit.clock import Clock
from services.kit.problem import Problem, Refused
from services.planning.domain.school import SchoolFacts
from services.planning.domain.teacher import TeacherFacts
from services.planning.identity.breaker import Breaker
from services.planning.identity.kept import KeptAnswers
from services.planning.identity.questions import Held, Question, Questions, Unanswered
from services.planning.identity.shapes import Changes, changes_of, keys_of, parsed, school_of, teacher_of
from services.planning.identity.wire import Wire
from services.planning.storage.registry_answer import RegistryAnswer

Facts = TypeVar("Facts")
ASKED = Counter(
    "rencana_identity_questions", "Questions to identity, by how they ended", ["about", "outcome"]
)

KEYS_LIFE = timedelta(
    hours=24
)  # a process that starts while identity is away trusts keys not older than this


class IdentityAway(Refused):
    """Identity did not answer, or not in the agreed shape: nothing was changed, and trying again may help."""

    def __init__(self) -> None:
        super().__init__(Problem("identity.unavailable"))


@dataclass(frozen=True, slots=True)
class Known(Generic[Facts]):
    """Facts, and the instant at which identity vouched for them. `kept`: it could not be asked just now."""

    facts: Facts
    as_of: datetime
    kept: bool = False


class IdentityClient:
    """Asks identity. While it is away, facts of `kept` answer; without `kept` it is IdentityAway.

    Whoever decides without being asked to (the worker) has no `kept`: it can wait. `seconds`: the machine's time.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        clock: Clock,
        *,
        kept: KeptAnswers | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._kept = clock, kept
        self._wire = Wire(url, secret, Breaker(seconds))
        self._questions = Questions(self._wire, clock)
        self._flights: dict[str, asyncio.Task[Any]] = {}

    async def start(self) -> None:
        """Open the connections; to be called in the running loop."""
        await self._wire.start()

    async def close(self) -> None:
        """Give the connections back; whoever still waits for an answer gets none."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        await self._wire.close()

    async def teacher(self, ptk_id: str) -> Known[TeacherFacts] | None:
        """What identity knows of a teacher; None where it knows nobody of this id."""
        path = f"/v1/teachers/{ptk_id}"
        return await self._together(Question("teacher", path, lambda told: teacher_of(told, ptk_id)))

    async def school(self, npsn: str) -> Known[SchoolFacts] | None:
        """What identity knows of a school and its head; None where it knows no such school."""
        return await self._together(
            Question("school", f"/v1/schools/{npsn}", lambda told: school_of(told, npsn))
        )

    async def changes(self, after: int, limit: int = 500) -> Changes:
        """What identity learned since `after`: always asked, never kept; IdentityAway where it does not answer."""
        path = f"/v1/changes?after={after}&limit={limit}"
        return await self._now(Question("changes", path, lambda told: changes_of(told, after)))

    async def keys(self) -> dict[str, Any]:
        """The public keys of identity's tokens (JWKS) as they are now; IdentityAway where they cannot be had."""
        return await self._now(_KEYS)

    async def kept_keys(self) -> dict[str, Any]:
        """The keys that identity last told any process of ours; IdentityAway where they are too old."""
        return (await self._remembered(_KEYS, KEYS_LIFE)).facts

    async def _now(self, question: Question[Facts]) -> Facts:
        known = await self._asked(question)
        if known is None:
            raise IdentityAway
        return known.facts

    async def _together(self, question: Question[Facts]) -> Known[Facts] | None:
        # Whoever asks the same while the answer is on its way waits for that one: load does not multiply.
        flight = self._flights.get(question.path)
        if flight is None:
            flight = self._flights[question.path] = asyncio.create_task(self._known(question))
            flight.add_done_callback(lambda _: self._flights.pop(question.path, None))
        return cast("Known[Facts] | None", await asyncio.shield(flight))

    async def _known(self, question: Question[Facts]) -> Known[Facts] | None:
        try:
            return await self._asked(question)
        except IdentityAway:
            if self._kept is None:
                raise
            return await self._remembered(question, self._kept.life)

    async def _asked(self, question: Question[Facts]) -> Known[Facts] | None:
        try:
            held = await self._questions.ask(question)
        except Unanswered:
            ASKED.labels(question.about, "away").inc()
            raise IdentityAway from None
        ASKED.labels(question.about, "answered" if held else "unknown").inc()
        if self._kept and question.about != "changes":
            tag, body, as_of = (held.tag, held.body, held.as_of) if held else (None, None, self._clock.now())
            self._kept.note(RegistryAnswer(question.path, tag, body, as_of))
        return Known(held.facts, held.as_of) if held else None

    async def _remembered(self, question: Question[Facts], life: timedelta) -> Known[Facts]:
        held = self._questions.held(question.path) or await self._loaded(question)
        if held is None or self._clock.now() - held.as_of > life:
            raise IdentityAway
        ASKED.labels(question.about, "kept").inc()
        return Known(held.facts, held.as_of, kept=True)

    async def _loaded(self, question: Question[Facts]) -> Held[Facts] | None:
        answer = await self._kept.load(question.path) if self._kept else None
        if answer is None or answer.body is None:
            return None
        try:
            facts = question.shape(parsed(answer.body.encode()))
        except ValueError:  # kept by a release that read it differently
            return None
        held = Held(facts, answer.etag, answer.body, answer.as_of)
        self._questions.hold(question.path, held)
        return held


_KEYS: Question[dict[str, Any]] = Question("keys", "/.well-known/jwks.json", keys_of)
