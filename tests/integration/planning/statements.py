"""The SQL statements that planning sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg

# Not counted: cached answers of identity, and the types that a driver reads once.
BEHIND = ("identity_answer", "typeinfo_tree", "set_config('jit'")


class StatementCounter:
    """Planning's database with a listener on each of its connections."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def listen(self, connection: asyncpg.Connection) -> None:
        connection.add_query_logger(self._count_statement)

    async def _count_statement(self, record: Any) -> None:
        if not any(part in record.query for part in BEHIND):
            self.sent.append(" ".join(record.query.split()))

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        self.sent = []
        yield self.sent
