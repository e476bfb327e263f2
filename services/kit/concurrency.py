"""The same for many, a few at a time: neither identity nor the pool of connections is taken by one request."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

MAX_CONCURRENT_CALLS = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


async def map_concurrently(call: Callable[[Item], Awaitable[Result]], items: Iterable[Item]) -> list[Result]:
    """The answers in the order asked.

    After a failure no more begin, and it is raised once those begun have ended: nothing goes on behind the answer.
    """
    waiting = deque(enumerate(items))
    answers: dict[int, Result] = {}

    async def work() -> None:
        while waiting:
            place, one = waiting.popleft()
            try:
                answers[place] = await call(one)
            except BaseException:
                waiting.clear()
                raise

    for failure in await asyncio.gather(
        *(work() for _ in range(MAX_CONCURRENT_CALLS)), return_exceptions=True
    ):
        if failure is not None:
            raise failure
    return [answer for _, answer in sorted(answers.items(), key=lambda item: item[0])]
