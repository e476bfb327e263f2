"""Tortoise's client of PostgreSQL, which counts statements and the time that they wait for a connection.

A module for Tortoise's setting `engine`, which looks for `client_class`.
"""

from __future__ import annotations

import time
from typing import Any

import asyncpg
from prometheus_client import Gauge
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from services.kit.measurement import get_request_stats

POOL_CONNECTIONS = Gauge(
    "rencana_database_connections", "Connections of the pool, by state: used, idle or max", ["state"]
)


class MeasuredConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that counts the statements of the current request."""

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Count and run."""
        get_request_stats().statements += 1
        return await super().execute(*args, **kwargs)

    async def executemany(self, *args: Any, **kwargs: Any) -> Any:
        """Count and run."""
        get_request_stats().statements += 1
        return await super().executemany(*args, **kwargs)

    async def fetch(self, *args: Any, **kwargs: Any) -> Any:
        """Count and run."""
        get_request_stats().statements += 1
        return await super().fetch(*args, **kwargs)

    async def fetchrow(self, *args: Any, **kwargs: Any) -> Any:
        """Count and run."""
        get_request_stats().statements += 1
        return await super().fetchrow(*args, **kwargs)


class MeasuredPool:
    """A pool that measures how long a request waits for a connection. Has the methods that Tortoise uses."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.release, self.close, self.terminate = pool.release, pool.close, pool.terminate
        self.expire_connections = pool.expire_connections
        POOL_CONNECTIONS.labels("max").set_function(pool.get_max_size)
        POOL_CONNECTIONS.labels("idle").set_function(pool.get_idle_size)
        POOL_CONNECTIONS.labels("used").set_function(lambda: pool.get_size() - pool.get_idle_size())

    async def acquire(self) -> Any:
        """Wait for a connection."""
        started_at = time.perf_counter()
        try:
            return await self._pool.acquire()
        finally:
            get_request_stats().pool_wait_seconds += time.perf_counter() - started_at


class MeasuredClient(AsyncpgDBClient):
    """Tortoise's client with a measured pool."""

    connection_class = MeasuredConnection

    async def create_pool(self, **kwargs: Any) -> Any:
        """Create the pool."""
        return MeasuredPool(await super().create_pool(**kwargs))


client_class = MeasuredClient
