"""Concurrent calls with a bound, so that one request leaves identity and the connection pool to others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

MAX_CONCURRENT_CALLS = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


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
