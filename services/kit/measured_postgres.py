"""Tortoise's client of PostgreSQL: it counts statements and the wait for connections, and no statement waits for ever.

A module for Tortoise's setting `engine`, which looks for `client_class`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from prometheus_client import Gauge
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from services.kit.availability import (
    OUTAGE,
    ConnectionLost,
    DatabaseUnavailable,
    is_write,
    translate_error,
)
from services.kit.measurement import get_request_stats

POOL_CONNECTIONS = Gauge(
    "rencana_database_connections", "Connections of the pool, by state: used, idle or max", ["state"]
)


ACQUIRE_SECONDS = 30.0  # outside requests
REPEAT_AFTER_SECONDS = (
    0.05  # connections are mostly lost together, and the others are known to be closed by then
)
RELEASE_SECONDS = 1.0  # for a statement to be cancelled; a connection that cannot is closed


class MeasuredConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that counts the statements of the current request and bounds them by its deadline.

    Its methods raise DatabaseUnavailable instead of the errors that only say that the database is away or busy.
    """

    was_unanswered = False  # a statement of it got no answer in time, or was cancelled

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Run a statement."""
        return await self._run(super().execute, *args, **kwargs)

    async def executemany(self, *args: Any, **kwargs: Any) -> Any:
        """Run a statement for several rows."""
        return await self._run(super().executemany, *args, **kwargs)

    async def fetch(self, *args: Any, **kwargs: Any) -> Any:
        """Run a statement and return its rows."""
        return await self._run(super().fetch, *args, **kwargs)

    async def fetchrow(self, *args: Any, **kwargs: Any) -> Any:
        """Run a statement and return its first row."""
        return await self._run(super().fetchrow, *args, **kwargs)

    async def _run(self, run: Callable[..., Awaitable[Any]], text: str, *args: Any, **kwargs: Any) -> Any:
        stats = get_request_stats()
        stats.statements += 1
        is_rollback = text.startswith("ROLLBACK")
        commits = text.startswith("COMMIT") or (is_write(text) and not self.is_in_transaction())
        try:
            async with _limit(stats.deadline if not is_rollback else _in_seconds(RELEASE_SECONDS)):
                result = await run(text, *args, **kwargs)
        except BaseException as error:
            unavailable = translate_error(error, is_closed=self.is_closed())
            if isinstance(error, _UNANSWERED) or isinstance(unavailable, ConnectionLost):
                stats.may_have_written |= commits
                self.was_unanswered = True
                if text.startswith("BEGIN"):
                    self.terminate()  # Tortoise does not release it
            if unavailable is None:
                raise
            OUTAGE.note_failure(unavailable)
            raise unavailable from error
        stats.may_have_written |= commits
        if OUTAGE.failures:
            OUTAGE.note_success()
        return result


_UNANSWERED = (TimeoutError, asyncio.CancelledError)


def _in_seconds(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


@asynccontextmanager
async def _limit(deadline: float | None) -> AsyncIterator[None]:
    """Raise TimeoutError at a deadline. After it the body does not begin."""
    if deadline is not None and deadline <= asyncio.get_running_loop().time():
        raise TimeoutError
    async with asyncio.timeout_at(deadline):
        yield


class MeasuredPool:
    """A pool that measures how long a request waits for a connection. Has the methods that Tortoise uses."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._releases: set[asyncio.Task[None]] = set()
        self.close, self.terminate = pool.close, pool.terminate
        self.expire_connections = pool.expire_connections
        POOL_CONNECTIONS.labels("max").set_function(pool.get_max_size)
        POOL_CONNECTIONS.labels("idle").set_function(pool.get_idle_size)
        POOL_CONNECTIONS.labels("used").set_function(lambda: pool.get_size() - pool.get_idle_size())

    async def acquire(self) -> Any:
        """Wait for a connection, at most until the deadline of the request. Raises DatabaseUnavailable."""
        stats, started_at = get_request_stats(), time.perf_counter()
        try:
            async with _limit(stats.deadline or _in_seconds(ACQUIRE_SECONDS)):
                return await self._pool.acquire()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            unavailable = DatabaseUnavailable(f"no connection ({type(error).__name__})")
            OUTAGE.note_failure(unavailable)
            raise unavailable from error
        finally:
            stats.pool_wait_seconds += time.perf_counter() - started_at

    async def release(self, connection: Any) -> None:
        """Give a connection back. One whose statement cannot be cancelled is closed by the pool."""
        if getattr(connection, "was_unanswered", False):
            # It takes time. A caller that is cancelled meanwhile would leave the error of asyncpg's task unread.
            release = asyncio.create_task(self._release(connection))
            self._releases.add(release)
            release.add_done_callback(self._releases.discard)
            await asyncio.shield(release)
        else:
            await self._release(connection)

    async def _release(self, connection: Any) -> None:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await self._pool.release(connection, timeout=RELEASE_SECONDS)


class MeasuredClient(AsyncpgDBClient):
    """Tortoise's client with a measured pool."""

    connection_class = MeasuredConnection

    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
        """Run a statement; a read that lost its connection once more."""
        return await _read_again_if_lost(super().execute_query, query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> Any:
        """Run a statement; a read that lost its connection once more."""
        return await _read_again_if_lost(super().execute_query_dict, query, values)

    async def create_pool(self, **kwargs: Any) -> Any:
        """Create the pool. The DSN has what Tortoise does not know, such as sslmode."""
        return MeasuredPool(await asyncpg.create_pool(kwargs.pop("dsn"), **kwargs))


async def _read_again_if_lost(
    run: Callable[..., Awaitable[Any]], query: str, values: list[Any] | None
) -> Any:
    try:
        return await run(query, values)
    except ConnectionLost:
        if is_write(query):
            raise
        await asyncio.sleep(REPEAT_AFTER_SECONDS)
        return await run(query, values)


client_class = MeasuredClient
