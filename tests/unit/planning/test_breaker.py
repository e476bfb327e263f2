"""The breaker before identity, with a clock of the test's own."""

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
    """A breaker, and how many tries it let through."""

    def __init__(self) -> None:
        self.seconds, self.made = 100.0, 0
        self.breaker = Breaker(lambda: self.seconds)

    def one(self, error: type[BaseException] | None = ValueError) -> None:
        with suppress(BreakerOpen, ValueError, asyncio.CancelledError), self.breaker.attempt():
            self.made += 1
            if error:
                raise error

    def open_now(self) -> bool:
        before = self.made
        self.one()
        return self.made == before


@pytest.fixture
def tries() -> Tries:
    tries = Tries()
    for _ in range(FAILURES):
        tries.one()
    return tries


def test_it_opens_after_failures_in_a_row_and_lets_nobody_through(tries: Tries) -> None:
    assert tries.made == FAILURES
    assert tries.open_now()
    assert BREAKER_OPEN._value.get() == 1


def test_an_answer_between_failures_starts_the_count_anew() -> None:
    tries = Tries()
    for error in (*[ValueError] * (FAILURES - 1), None, *[ValueError] * (FAILURES - 1)):
        tries.one(error)
    assert tries.made == 2 * FAILURES - 1
    assert not tries.open_now()


def test_tries_that_are_called_off_say_nothing_of_identity() -> None:
    """Of many who ask at once some run out of time before they have given identity any."""
    tries = Tries()
    for _ in range(2 * FAILURES):
        tries.one(asyncio.CancelledError)
    assert not tries.open_now()


def test_after_a_while_one_tries_and_all_others_see_how_it_fares(tries: Tries) -> None:
    tries.seconds += OPEN_SECONDS
    with tries.breaker.attempt():
        assert tries.open_now()
    assert not tries.open_now()
    assert BREAKER_OPEN._value.get() == 0


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
def test_a_failed_or_abandoned_try_keeps_it_open_for_another_while(
    tries: Tries, error: type[BaseException]
) -> None:
    tries.seconds += OPEN_SECONDS
    tries.one(error)
    assert tries.open_now()
    tries.seconds += OPEN_SECONDS
    assert not tries.open_now()


def test_whoever_set_out_before_it_opened_does_not_keep_it_open(tries: Tries) -> None:
    late = Tries()
    with suppress(ValueError), late.breaker.attempt():
        for _ in range(FAILURES):
            late.one()
        late.seconds += OPEN_SECONDS - 1
        raise ValueError
    late.seconds += 1
    assert not late.open_now()
