"""Waiting that ends early when a process is told to end."""

from __future__ import annotations

import asyncio


async def ends_within(seconds: float, ending: asyncio.Event) -> bool:
    """Wait so long, or until `ending` is set; whether it is."""
    try:
        await asyncio.wait_for(ending.wait(), seconds)
    except TimeoutError:
        return False
    return True
