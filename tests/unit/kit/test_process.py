from __future__ import annotations

import asyncio

import pytest

from services.kit.process import ends_within


@pytest.mark.parametrize("seconds", [0.0, 0.01])
async def test_a_worker_with_more_to_do_sees_that_it_is_to_end(seconds: float) -> None:
    ending = asyncio.Event()
    assert not await ends_within(seconds, ending)
    ending.set()
    assert await ends_within(seconds, ending)
