from __future__ import annotations

import asyncio

import pytest

from services.kit.concurrency import AT_ONCE, few_at_once


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

    many = range(5 * AT_ONCE)
    assert await few_at_once(call, many) == [number * 2 for number in many]
    assert most == AT_ONCE


async def test_the_first_failure_is_told() -> None:
    async def call(number: int) -> int:
        return 1 // number

    with pytest.raises(ZeroDivisionError):
        await few_at_once(call, (1, 0))
    assert await few_at_once(call, ()) == []


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
        await few_at_once(call, range(5 * AT_ONCE))
    assert begun == done | {0}
    assert len(begun) <= AT_ONCE
