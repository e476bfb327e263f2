from __future__ import annotations

import asyncio

import pytest

from services.kit.process import wait_for_shutdown


@pytest.mark.parametrize("seconds", [0.0, 0.01])
async def test_a_worker_with_more_to_do_sees_that_it_is_to_end(seconds: float) -> None:
    ending = asyncio.Event()
    assert not await wait_for_shutdown(seconds, ending)
    ending.set()
    assert await wait_for_shutdown(seconds, ending)
