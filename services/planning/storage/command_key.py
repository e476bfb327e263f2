"""Idempotency keys: a repeat of a committed command is recognised, and never done twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import asyncpg
from tortoise.exceptions import IntegrityError

from services.planning.storage.tables import CommandKeyTable


@dataclass(frozen=True, slots=True)
class CommandKey:
    """A key in its scope (subject and mutation), and the hash of the input it came with."""

    subject: str
    mutation: str
    key: str
    input_hash: str
    at: datetime

    def row(self) -> Mapping[str, Any]:
        """As stored with the success; the statement adds what was made: the plan's version, a comment's number."""
        return {**asdict(self), "at": self.at.isoformat()}

    async def stored_hash(self) -> str | None:
        """The input hash that this key was kept with, or None where it is new."""
        rows = await CommandKeyTable.filter(
            subject=self.subject, mutation=self.mutation, key=self.key
        ).values_list("input_hash", flat=True)
        return str(rows[0]) if rows else None


async def stored_hashes(keys: Sequence[CommandKey]) -> dict[str, str]:
    """The input hashes that these keys, all of one scope, were kept with, in one query; new ones are left out."""
    rows = await CommandKeyTable.filter(
        subject=keys[0].subject, mutation=keys[0].mutation, key__in=[key.key for key in keys]
    ).values_list("key", "input_hash")
    return {str(key): str(input_hash) for key, input_hash in rows}


def is_taken(error: IntegrityError) -> bool:
    """Whether the same key was committed with something else in the meantime."""
    cause = error.__cause__
    return isinstance(cause, asyncpg.UniqueViolationError) and cause.table_name == "command_key"
