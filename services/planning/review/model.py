"""The queue of a head, and comments of owner and head (Guide 9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kit.problems import Problem
from services.kit.text import find_text_problems, is_blank
from services.planning.plan.model import Plan

MAX_LENGTH = 2_000
MAX_COMMENTS = 500  # on one plan: it bounds what one person can store


CommentKey = tuple[str, str, int]  # ptk_id and period of the plan, number of the comment


class AuthorRole(StrEnum):
    """The role of an author. The kinds of heads have the names of the workflow."""

    OWNER = "owner"
    DEFINITIF = "definitif"
    PLT = "plt"


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a comment. `nama` is the name at that time, None after erasure."""

    ptk_id: str
    account: str
    role: AuthorRole
    nama: str | None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment. Numbers count from 1 within a plan. An erased comment keeps its number without its text."""

    ptk_id: str
    period: str
    number: int
    at: datetime
    author: Author
    text: str | None
    erased_at: datetime | None = None


def check_text(text: str, path: tuple[str, ...]) -> Iterator[Problem]:
    """Find what is wrong with a text."""
    if is_blank(text):
        yield Problem("comment.empty", {}, path)
    yield from find_text_problems(text, MAX_LENGTH, path)


@dataclass(frozen=True, slots=True)
class QueueScope:
    """The plans of a period at these schools, without the reviewer's own."""

    period: str
    npsns: Sequence[str]
    reviewer: str
    is_running: bool


class QueuePlace(StrEnum):
    """Where a plan is: at a school of the queue, on its way there, or at the school in an earlier period."""

    SCHOOL = "school"
    ARRIVING = "arriving"
    EARLIER_PERIOD = "earlier_period"


@dataclass(frozen=True, slots=True)
class QueueCount:
    """The number of plans in a state of a workflow version."""

    workflow: str
    state: str
    place: QueuePlace
    plan_count: int


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A plan of the queue. `is_arriving`: its teacher came to a school of the queue, and it is still at another."""

    plan: Plan
    is_arriving: bool
    comment_count: int
    nama_key: str

    @property
    def position(self) -> tuple[str, str]:
        """The sort key of the teacher's name, and the ptk_id."""
        return self.nama_key, self.plan.ptk_id


@dataclass(frozen=True, slots=True)
class ReopenedCount:
    """The number of plans of a school that an admin reopened and that were not submitted since."""

    npsn: str
    nama: str
    plans: int
