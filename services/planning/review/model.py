"""The review of plans: the queue of the superior, and comments between owner and head (Guide 9)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kit.problems import Problem
from services.kit.text import find_text_problems

MAX_LENGTH = 2_000
MAX_COMMENTS = (
    500  # comments on one plan: far beyond any discussion, it only bounds what one person can pile up
)


class AuthorRole(StrEnum):
    """As whom somebody takes part; the heads are called as the workflow calls them."""

    OWNER = "owner"
    DEFINITIF = "definitif"
    PLT = "plt"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote, through which account, and as whom; `nama` is the name of then, None once erased."""

    ptk_id: str
    account: str
    role: AuthorRole
    nama: str | None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; numbers count from 1 within a plan, and an erased one keeps its number without its text."""

    ptk_id: str
    period: str
    number: int
    at: datetime
    author: Author
    text: str | None
    erased_at: datetime | None = None


def check_text(text: str, path: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with a trimmed text."""
    if not any(letter.isprintable() and not letter.isspace() for letter in text):
        yield Problem("comment.empty", {}, path)
    yield from find_text_problems(text, MAX_LENGTH, path)


@dataclass(frozen=True, slots=True)
class QueueScope:
    """The plans of a period at these schools, without the reviewer's own."""

    period: str
    npsns: Collection[str]
    reviewer: str
    is_running: bool

    def parameters(self) -> dict[str, object]:
        """Return the parameters that the statements of the queue share."""
        return {
            "period": self.period,
            "npsns": sorted(self.npsns),
            "reviewer": self.reviewer,
            "is_running": self.is_running,
        }


@dataclass(frozen=True, slots=True)
class QueueCount:
    """The number of plans in a state of a workflow version; not `is_here` if their teachers came from elsewhere."""

    workflow: str
    state: str
    is_here: bool
    plans: int


@dataclass(frozen=True, slots=True)
class QueuedPlan:
    """A plan in a queue. `moved_to` is the teacher's present school, `is_here` if the plan is at these schools."""

    ptk_id: str
    npsn: str
    workflow: str
    state: str
    version: int
    submitted_at: datetime | None
    updated_at: datetime
    reopened_at: datetime | None
    nama: str
    moved_to: str | None
    is_here: bool
    comments: int


@dataclass(frozen=True, slots=True)
class ReopenedCount:
    """The number of plans of a school that an admin reopened and that were not submitted since."""

    npsn: str
    nama: str
    plans: int
