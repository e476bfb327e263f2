from __future__ import annotations

import asyncio

import pytest

from services.kit.concurrency import MAX_CONCURRENT_CALLS, Shares, map_concurrently


async def test_results_are_in_order_and_calls_are_bounded() -> None:
    running, max_running = 0, 0

    async def call(number: int) -> int:
        nonlocal running, max_running
        running += 1
        max_running = max(max_running, running)
        for _ in range(number % 3):
            await asyncio.sleep(0)
        running -= 1
        return number * 2

    items = range(5 * MAX_CONCURRENT_CALLS)
    assert await map_concurrently(call, items) == [number * 2 for number in items]
    assert max_running == MAX_CONCURRENT_CALLS


async def test_first_error_is_raised() -> None:
    async def call(number: int) -> int:
        return 1 // number

    with pytest.raises(ZeroDivisionError):
        await map_concurrently(call, (1, 0))
    assert await map_concurrently(call, ()) == []


async def test_no_call_begins_after_an_error_and_running_calls_end() -> None:
    calls, completions = set(), set()

    async def call(number: int) -> None:
        calls.add(number)
        if number == 0:
            raise ZeroDivisionError
        for _ in range(5):
            await asyncio.sleep(0)
        completions.add(number)

    with pytest.raises(ZeroDivisionError):
        await map_concurrently(call, range(5 * MAX_CONCURRENT_CALLS))
    assert calls == completions | {0}
    assert len(calls) <= MAX_CONCURRENT_CALLS


async def test_body_waits_for_a_share_of_its_own_key_only() -> None:
    shares, ended = Shares(2), asyncio.Event()
    running: list[str] = []

    async def run(key: str) -> None:
        async with shares.take(key):
            running.append(key)
            await ended.wait()

    tasks = [asyncio.create_task(run(key)) for key in ("a", "a", "a", "b")]
    await asyncio.sleep(0)
    assert running == ["a", "a", "b"]
    ended.set()
    await asyncio.gather(*tasks)
    assert running == ["a", "a", "b", "a"]
    assert not shares._semaphores, "shares that nobody needs are kept"
