"""Several calls that have all looked before any of them has written, however fast or slow the machine is."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TypeVar

import asyncpg

from services.kit.database import Database
from tests.until import PATIENCE

T = TypeVar("T")
WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"


async def run_concurrently(
    database: Database,
    table: str,
    calls: Sequence[Coroutine[object, object, T]],
    *,
    row: str | None = None,
    at_once: int | None = None,
) -> list[T | BaseException]:
    """What each call ended with. A table can be read, but not written until every call waits for its turn.

    Released, they race for what they write. With one row held (`row`: its ptk_id) they write in their order.
    `at_once` is the number that a service lets through, if it is less: the others wait for these.
    """
    lock = (
        f"SELECT FROM {table} WHERE ptk_id = '{row}' FOR UPDATE"
        if row
        else f"LOCK TABLE {table} IN EXCLUSIVE MODE"
    )
    holder = await asyncpg.connect(database.dsn)
    tasks: list[asyncio.Future[T]] = []
    try:
        async with asyncio.timeout(PATIENCE), holder.transaction():
            await holder.execute(lock)
            for call in calls:
                tasks.append(asyncio.ensure_future(call))
                while await holder.fetchval(WAITING) < min(len(tasks), at_once or len(tasks)):
                    await holder.execute("SELECT pg_sleep(0.01)")
    finally:
        await holder.close()
    return await asyncio.gather(*tasks, return_exceptions=True)
