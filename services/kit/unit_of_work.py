"""The one place that opens a transaction.

A task cancelled during BEGIN would leak its connection for good, and graphql-core cancels sibling resolvers
when one fails. So the work runs in a task of its own that is shielded: it ends, with a commit or a rollback,
whatever becomes of the one who asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.transactions import in_transaction

T = TypeVar("T")

_running: set[asyncio.Task[object]] = set()


async def in_unit_of_work(work: Callable[[TransactionalDBClient], Awaitable[T]]) -> T:
    """Run `work(connection)` in one transaction: all of it is committed, or, on any exception, nothing."""

    async def run() -> T:
        async with in_transaction() as connection:
            return await work(connection)

    task = asyncio.create_task(run())
    _running.add(task)
    task.add_done_callback(_running.discard)
    return await asyncio.shield(task)
