"""Long work over many plans, done batch by batch: how far it is, and how fast it goes.

Whoever works on it holds its row while a batch is done, so there is one at a time; a batch and how far it led are one
commit, so whoever comes next goes on where the last one ended, however that one ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

FIRST = ("00000000-0000-0000-0000-000000000000", "")


class Work(StrEnum):
    """What is done to each plan."""

    MIGRATE = "migrate"
    UNDO = "undo"
    TRY = "try"


@dataclass(frozen=True, slots=True)
class Run:
    """`plans` were there as it began; `after` is the last one dealt with (ptk_id, period); `counts` says what became of
    them; `found`: since it last began at the first plan something was moved; `seconds` is time spent in batches.
    """

    work: Work
    number: int  # of the migration, or of the trial
    plans: int
    began_at: datetime
    after: tuple[str, str] = FIRST
    counts: Mapping[str, int] = field(default_factory=dict)
    found: bool = False
    seconds: float = 0.0
    stopped: bool = False
    ended_at: datetime | None = None

    @property
    def done(self) -> int:
        """How many plans were dealt with."""
        return sum(self.counts.values())

    @property
    def rate(self) -> float | None:
        """Plans per second while at work; None before the first batch."""
        return self.done / self.seconds if self.seconds else None

    def with_counts(self, added: Mapping[str, int]) -> Run:
        """After a batch that came to so much more (or, of what was counted otherwise before, so much less)."""
        names = self.counts.keys() | added.keys()
        return replace(
            self, counts={name: self.counts.get(name, 0) + added.get(name, 0) for name in sorted(names)}
        )
