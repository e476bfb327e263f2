"""Idempotency keys: a repeat of a committed command is recognised and not done twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CommandKey:
    """A key in its scope (subject and mutation), and the hash of the input that it came with."""

    subject: str
    mutation: str
    key: str
    input_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredKey:
    """The plan (ptk_id, period) and the hash of the input that a key was stored with; the hash is '' once erased."""

    plan: tuple[str, str]
    input_hash: str

    def matches(self, key: CommandKey, plan: tuple[str, str] | None) -> bool:
        """Return whether the input is the same, or, once that is erased, the plan."""
        return self.input_hash == key.input_hash if self.input_hash else self.plan == plan
