"""How long callbacks wait for the event loop, as a metric."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import Gauge

LOOP_LAG = Gauge(
    "rencana_event_loop_lag_seconds", "The longest time that the event loop was busy in the last 30 seconds"
)
SAMPLE_SECONDS = 0.25
WINDOW_SAMPLES = 120


@asynccontextmanager
async def measured_loop() -> AsyncIterator[None]:
    """Measure the running event loop within the body."""
    lags: deque[float] = deque([0.0], maxlen=WINDOW_SAMPLES)
    LOOP_LAG.set_function(lambda: max(lags))
    sampler = asyncio.create_task(_sample(lags))
    try:
        yield
    finally:
        sampler.cancel()


async def _sample(lags: deque[float]) -> None:
    while True:
        due_at = time.perf_counter() + SAMPLE_SECONDS
        await asyncio.sleep(SAMPLE_SECONDS)
        lags.append(max(0.0, time.perf_counter() - due_at))
