"""The circuit breaker of the client of identity, with a clock of the test."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from services.planning.people.identity.connections import (
    BREAKER_OPEN,
    FAILURES,
    OPEN_SECONDS,
    Breaker,
    BreakerOpen,
)


class Tries:
    """A breaker and the number of attempts that it let pass."""

    def __init__(self) -> None:
        self.seconds, self.made = 100.0, 0
        self.breaker = Breaker(lambda: self.seconds)

    def attempt(self, error: type[BaseException] | None = ValueError) -> None:
        with suppress(BreakerOpen, ValueError, asyncio.CancelledError), self.breaker.attempt():
            self.made += 1
            if error:
                raise error

    def open_now(self) -> bool:
        before = self.made
        self.attempt()
        return self.made == before


@pytest.fixture
def tries() -> Tries:
    tries = Tries()
    for _ in range(FAILURES):
        tries.attempt()
    return tries


def test_breaker_opens_after_failures_in_a_row(tries: Tries) -> None:
    assert tries.made == FAILURES
    assert tries.open_now()
    assert BREAKER_OPEN._value.get() == 1


def test_success_resets_the_failure_count() -> None:
    tries = Tries()
    for error in (*[ValueError] * (FAILURES - 1), None, *[ValueError] * (FAILURES - 1)):
        tries.attempt(error)
    assert tries.made == 2 * FAILURES - 1
    assert not tries.open_now()


def test_cancelled_attempts_are_not_failures() -> None:
    """Of many concurrent callers some time out before identity could answer."""
    tries = Tries()
    for _ in range(2 * FAILURES):
        tries.attempt(asyncio.CancelledError)
    assert not tries.open_now()


def test_open_breaker_lets_one_attempt_pass_after_an_interval(tries: Tries) -> None:
    tries.seconds += OPEN_SECONDS
    with tries.breaker.attempt():
        assert tries.open_now()
    assert not tries.open_now()
    assert BREAKER_OPEN._value.get() == 0


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
def test_failed_or_cancelled_attempt_keeps_the_breaker_open(tries: Tries, error: type[BaseException]) -> None:
    tries.seconds += OPEN_SECONDS
    tries.attempt(error)
    assert tries.open_now()
    tries.seconds += OPEN_SECONDS
    assert not tries.open_now()


def test_failure_of_an_earlier_attempt_does_not_extend_the_interval(tries: Tries) -> None:
    late = Tries()
    with suppress(ValueError), late.breaker.attempt():
        for _ in range(FAILURES):
            late.attempt()
        late.seconds += OPEN_SECONDS - 1
        raise ValueError
    late.seconds += 1
    assert not late.open_now()
