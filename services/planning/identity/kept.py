"""Answers of identity outlive the process: written behind the requests, read again while identity is away."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from itertools import islice

from services.kit.clock import Clock
from services.planning.storage import registry_answer, school_head
from services.planning.storage.registry_answer import RegistryAnswer

log = logging.getLogger(__name__)

WRITE_SECONDS = 5.0  # what a killed process had heard since is asked again, or unknown
REWRITE = timedelta(minutes=10)  # an answer that still holds is written again so often, for its age alone
AT_ONCE, LONGEST_QUEUE = 500, 10_000


class KeptAnswers:
    """What is kept, and what waits to be. `life`: older answers serve nobody, and are forgotten."""

    def __init__(self, clock: Clock, life: timedelta) -> None:
        self.life = life
        self._clock = clock
        self._noted: dict[str, RegistryAnswer] = {}
        self._waiting: dict[str, RegistryAnswer] = {}

    async def load(self, path: str) -> RegistryAnswer | None:
        """The last answer of any process; None where there was none, or it was that nobody is known."""
        answer = self._waiting.get(path) or await registry_answer.load(path)
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
                await registry_answer.keep(batch, self._clock.now() - self.life)
                await school_head.keep(answer.head for answer in batch if answer.head)
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
