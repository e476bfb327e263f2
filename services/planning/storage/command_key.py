"""Idempotency keys: a repeat of a committed command is recognised, and never done twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.planning.domain.plan import Plan
from services.planning.storage.tables import CommandKeyTable


@dataclass(frozen=True, slots=True)
class CommandKey:
    """A key in its scope (subject and mutation), and the hash of the input it came with."""

    subject: str
    mutation: str
    key: str
    input_hash: str
    at: datetime

    def row(self, plan: Plan) -> Mapping[str, Any]:
        """As stored with the success: it names the plan's version after the command."""
        return {
            "subject": self.subject, "mutation": self.mutation, "key": self.key, "input_hash": self.input_hash,
            "version": plan.version, "at": self.at.isoformat(),
        }  # fmt: skip

    async def stored_hash(self) -> str | None:
        """The input hash that this key was kept with, or None where it is new."""
        rows = await CommandKeyTable.filter(
            subject=self.subject, mutation=self.mutation, key=self.key
        ).values_list("input_hash", flat=True)
        return str(rows[0]) if rows else None
