"""The breaker before identity: who does not answer is left alone for a while, and then asked by one at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import Gauge

log = logging.getLogger(__name__)
OPEN = Gauge("rencana_identity_breaker_open", "1 while identity is left alone because it did not answer")

FAILURES = 3  # in a row: as often as one question tries
OPEN_SECONDS = 5.0


class BreakerOpen(Exception):
    """Identity did not answer just now, and is not asked again yet."""


class Breaker:
    """Closed while identity answers. After FAILURES in a row it is open: each OPEN_SECONDS one may try."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._failures, self._shut_until = 0, 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around one try: an error that it raises is a failure. BreakerOpen where it is not to be made.

        A try that is called off is none: of many questions at once some end before identity has had its time.
        """
        if self._failures >= FAILURES:
            if self._seconds() < self._shut_until:
                raise BreakerOpen
            self._shut_until = self._seconds() + OPEN_SECONDS  # this one tries; all others see how it fares
        try:
            yield
        except Exception as error:
            self._failed(type(error).__name__)
            raise
        if self._failures >= FAILURES:
            log.info("identity answers again")
        self._failures = 0
        OPEN.set(0)

    def _failed(self, how: str) -> None:
        self._failures += 1
        if self._failures == FAILURES:
            self._shut_until = self._seconds() + OPEN_SECONDS
            log.warning("identity is away (%s); it is asked again in %g s", how, OPEN_SECONDS)
            OPEN.set(1)
