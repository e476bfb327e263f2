"""Timing two ways of doing the same in turn, so that a machine that changes its pace does so for both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Once = Callable[[], Awaitable[None]]
ROUNDS, EACH = 15, 20


@dataclass(frozen=True, slots=True)
class Paired:
    """Milliseconds per request (median of all), and the median, least and greatest ratio of the rounds."""

    house: float
    by_hand: float
    ratio: float
    least: float
    greatest: float

    def line(self, name: str) -> str:
        """One row of the table."""
        return (
            f"{name:24} {self.house:7.2f} ms {self.by_hand:7.2f} ms   × {self.ratio:4.1f}  "
            f"({self.least:.1f} to {self.greatest:.1f})"
        )


async def in_turn(house: Once, by_hand: Once) -> Paired:
    """Time both, round by round, after one round that does not count."""
    await _round(house)
    await _round(by_hand)
    pairs = [(await _round(house), await _round(by_hand)) for _ in range(ROUNDS)]
    ratios = [first / second for first, second in pairs]
    ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    return Paired(ours, theirs, statistics.median(ratios), min(ratios), max(ratios))


async def _round(once: Once) -> float:
    times = []
    for _ in range(EACH):
        started = time.perf_counter()
        await once()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e3
