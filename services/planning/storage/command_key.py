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


@dataclass(frozen=True, slots=True)
class KeptKey:
    """What a key was kept with: the plan (ptk_id, period) and the hash of the input, blank once that is erased."""

    plan: tuple[str, str]
    input_hash: str

    def is_of(self, key: CommandKey, plan: tuple[str, str] | None) -> bool:
        """Whether it came with this input; of an erased one only the plan is still known."""
        return self.input_hash == key.input_hash if self.input_hash else self.plan == plan


async def kept_keys(keys: Sequence[CommandKey]) -> dict[str, KeptKey]:
    """What these keys, all of one scope, were kept with, in one query; new ones are left out."""
    rows = await CommandKeyTable.filter(
        subject=keys[0].subject, mutation=keys[0].mutation, key__in=[key.key for key in keys]
    )
    return {row.key: KeptKey((str(row.ptk_id), row.period), row.input_hash) for row in rows}


def is_taken(error: IntegrityError) -> bool:
    """Whether the same key was committed with something else in the meantime."""
    cause = error.__cause__
    return isinstance(cause, asyncpg.UniqueViolationError) and cause.table_name == "command_key"
