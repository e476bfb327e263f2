"""A comment on a plan: the discussion between the owner and the head of the school (Guide 9). It decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kit.problems import Problem
from services.kit.text import faults_of

LONGEST = 2_000
MOST = 500  # comments on one plan: far beyond any discussion, it only bounds what one person can pile up


class As(StrEnum):
    """As whom somebody takes part; the heads are called as the workflow calls them."""

    OWNER = "owner"
    DEFINITIF = "definitif"
    PLT = "plt"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote, through which account, and as whom; `nama` is the name of then, None once erased."""

    ptk_id: str
    account: str
    role: As
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


def faults(text: str, path: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with a trimmed text."""
    if not any(letter.isprintable() and not letter.isspace() for letter in text):
        yield Problem("comment.empty", {}, path)
    yield from faults_of(text, LONGEST, path)
