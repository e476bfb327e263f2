"""An answer of identity as planning can go by it: what it says now or, while it is away, what it last said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from prometheus_client import Counter

from services.kit.clock import Clock
from services.kit.problem import Problem, Refused
from services.planning.identity.kept import KeptAnswers
from services.planning.identity.questions import Held, Question, Questions, Unanswered
from services.planning.identity.shapes import parsed
from services.planning.storage.registry_answer import RegistryAnswer
from services.planning.storage.school_head import head_in

Facts = TypeVar("Facts")
ASKED = Counter(
    "rencana_identity_questions", "Questions to identity, by how they ended", ["about", "outcome"]
)


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
            head = head_in(held.facts, as_of) if held else None
            self._kept.note(RegistryAnswer(question.path, tag, body, as_of, head))
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
