from __future__ import annotations

import asyncio

import pytest

from services.kit.process import wait_for_shutdown


@pytest.mark.parametrize("seconds", [0.0, 0.01])
async def test_wait_returns_whether_shutdown_is_set(seconds: float) -> None:
    shutdown = asyncio.Event()
    assert not await wait_for_shutdown(seconds, shutdown)
    shutdown.set()
    assert await wait_for_shutdown(seconds, shutdown)
