"""An account: one belajar.id address. A person has many over time; the old ones are closed, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Account:
    """`email` in lower case; `opened` its first day, `closed` the first day on which it opens nothing.

    `ptk_id` is None for an officer who is no PTK. Nothing is read from the domain part of the address:
    principals often sign in with `admin.*` (DOMAIN.md "Facts to build on").
    """

    id: UUID
    email: str
    ptk_id: UUID | None = None
    npsn: str | None = None
    opened: date | None = None
    closed: date | None = None
