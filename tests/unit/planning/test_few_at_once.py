from __future__ import annotations

import asyncio

import pytest

from services.kit.concurrency import MAX_CONCURRENT_CALLS, map_concurrently


async def test_answers_come_in_the_order_asked_and_few_are_under_way() -> None:
    under_way, most = 0, 0

    async def call(number: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(number % 3):
            await asyncio.sleep(0)
        under_way -= 1
        return number * 2

    many = range(5 * MAX_CONCURRENT_CALLS)
    assert await map_concurrently(call, many) == [number * 2 for number in many]
    assert most == MAX_CONCURRENT_CALLS


async def test_the_first_failure_is_told() -> None:
    async def call(number: int) -> int:
        return 1 // number

    with pytest.raises(ZeroDivisionError):
        await map_concurrently(call, (1, 0))
    assert await map_concurrently(call, ()) == []


async def test_after_a_failure_none_begins_and_those_begun_are_done_when_it_is_told() -> None:
    begun, done = set(), set()

    async def call(number: int) -> None:
        begun.add(number)
        if number == 0:
            raise ZeroDivisionError
        for _ in range(5):
            await asyncio.sleep(0)
        done.add(number)

    with pytest.raises(ZeroDivisionError):
        await map_concurrently(call, range(5 * MAX_CONCURRENT_CALLS))
    assert begun == done | {0}
    assert len(begun) <= MAX_CONCURRENT_CALLS
