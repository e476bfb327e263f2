"""Several calls that have all looked before any of them has written, however fast or slow the machine is."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TypeVar

import asyncpg

from services.kit.database import Database

T = TypeVar("T")
PATIENCE = 20  # seconds; a call that never comes to wait fails the test
WAITING = """SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE NOT l.granted AND d.datname = current_database()"""


async def at_once(
    database: Database, table: str, calls: Sequence[Coroutine[object, object, T]]
) -> list[T | BaseException]:
    """What each call ended with. A table can be read, but not written until every call waits for its turn.

    They come to wait, and so to write, in their order.
    """
    holder = await asyncpg.connect(database.dsn)
    tasks: list[asyncio.Future[T]] = []
    try:
        async with asyncio.timeout(PATIENCE), holder.transaction():
            await holder.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            for call in calls:
                tasks.append(asyncio.ensure_future(call))
                while await holder.fetchval(WAITING) < len(tasks):
                    await holder.execute("SELECT pg_sleep(0.01)")
    finally:
        await holder.close()
    return await asyncio.gather(*tasks, return_exceptions=True)
