"""Timing of two implementations in alternation, so that a change of the machine's speed affects both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Request = Callable[[], Awaitable[None]]
ROUNDS, REQUESTS_PER_ROUND = 15, 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """Milliseconds per request (medians), and the median, least and greatest ratio of the rounds."""

    service: float
    baseline: float
    ratio: float
    least: float
    greatest: float

    def line(self, name: str) -> str:
        """Return a row of the table."""
        return (
            f"{name:24} {self.service:7.2f} ms {self.baseline:7.2f} ms   × {self.ratio:4.1f}  "
            f"({self.least:.1f} to {self.greatest:.1f})"
        )


async def compare(service: Request, baseline: Request) -> Comparison:
    """Time both requests in ROUNDS rounds, after one round of warm-up."""
    await _round(service)
    await _round(baseline)
    rounds = [(await _round(service), await _round(baseline)) for _ in range(ROUNDS)]
    ratios = [service_time / baseline_time for service_time, baseline_time in rounds]
    service_time, baseline_time = (statistics.median(times) for times in zip(*rounds, strict=True))
    return Comparison(service_time, baseline_time, statistics.median(ratios), min(ratios), max(ratios))


async def _round(request: Request) -> float:
    times = []
    for _ in range(REQUESTS_PER_ROUND):
        start = time.perf_counter()
        await request()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3
