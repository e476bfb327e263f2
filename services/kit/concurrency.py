"""Concurrent calls with a bound, so that one request or caller leaves identity and the connection pool to others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar
from weakref import WeakValueDictionary

MAX_CONCURRENT_CALLS = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


class Shares:
    """Lets `size` bodies run at once for each key. Others of the same key wait, without a connection."""

    def __init__(self, size: int) -> None:
        self._size = size
        # A semaphore lives as long as somebody holds it or waits for it.
        self._semaphores: WeakValueDictionary[Hashable, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def take(self, key: Hashable) -> AsyncIterator[None]:
        """Wait for a share of a key, and hold it within the body."""
        semaphore = self._semaphores.get(key)
        if semaphore is None:
            semaphore = self._semaphores[key] = asyncio.Semaphore(self._size)
        async with semaphore:
            yield


async def map_concurrently(call: Callable[[Item], Awaitable[Result]], items: Iterable[Item]) -> list[Result]:
    """Call a function for each item, MAX_CONCURRENT_CALLS at a time. Returns the results in the order of the items.

    Raises the first error, after the calls in progress have ended. No call begins after an error.
    """
    queue = deque(enumerate(items))
    results: dict[int, Result] = {}

    async def work() -> None:
        while queue:
            position, item = queue.popleft()
            try:
                results[position] = await call(item)
            except BaseException:
                queue.clear()
                raise

    workers = (work() for _ in range(MAX_CONCURRENT_CALLS))
    for error in await asyncio.gather(*workers, return_exceptions=True):
        if error is not None:
            raise error
    return [results[position] for position in sorted(results)]
