"""The same for many, a few at a time: neither identity nor the pool of connections is taken by one request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

AT_ONCE = 8

One = TypeVar("One")
Answer = TypeVar("Answer")


async def few_at_once(call: Callable[[One], Awaitable[Answer]], many: Iterable[One]) -> list[Answer]:
    """The answers in the order asked."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def called(one: One) -> Answer:
        async with turn:
            return await call(one)

    return await asyncio.gather(*map(called, many))
