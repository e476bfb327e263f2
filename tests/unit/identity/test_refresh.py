"""Refresh tokens in any order of uses: an honest app with lost responses continues, two holders of a copy do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.sign_in.model import AppCode, RefreshUse, Session, classify_refresh, is_session_valid

NOW = datetime(2024, 1, 15, tzinfo=UTC)


class Family:
    """The refresh tokens of one session, by generation."""

    def __init__(self) -> None:
        self.session = Session(UUID(int=1), UUID(int=2), "app", NOW, NOW)
        self.generations = {"t0": 1}
        self.ended = False

    def show(self, token: str) -> str | None:
        """Use a token and return the next one, or None if the session has ended."""
        generation = self.generations[token]
        if self.ended or classify_refresh(token, generation, self.session) is RefreshUse.REUSE:
            self.ended = True
            return None
        self.session = replace(self.session, generation=generation, last_token_hash=token)
        successor = f"t{len(self.generations)}"
        self.generations[successor] = generation + 1
        return successor


@given(st.lists(st.booleans(), max_size=40))
def test_app_that_loses_responses_is_never_signed_out(arrives: list[bool]) -> None:
    family, token = Family(), "t0"
    for has_arrived in arrives:
        successor = family.show(token)
        assert successor is not None
        token = successor if has_arrived else token


@given(st.lists(st.integers(0, 1), min_size=1, max_size=40))
def test_two_holders_of_a_copy_never_both_continue(turns: list[int]) -> None:
    family, tokens = Family(), ["t0", "t0"]
    for holder in turns:
        if (successor := family.show(tokens[holder])) is None:
            break
        tokens[holder] = successor
    # as soon as each got a token of their own, the next two uses end it for both
    if all(token != "t0" for token in tokens):
        family.show(tokens[0])
        family.show(tokens[1])
        assert family.ended


@pytest.mark.parametrize(("seconds", "is_expired"), [(-60, True), (-59, False), (300, False), (301, True)])
def test_code_of_an_app_is_valid_for_a_minute(seconds: int, is_expired: bool) -> None:
    code = AppCode(UUID(int=1), "app", "uri", "challenge", NOW + timedelta(seconds=seconds))
    assert code.is_expired(NOW) is is_expired


def test_session_of_a_clock_that_ran_ahead_is_not_valid() -> None:
    for minutes, is_valid in ((0, True), (5, True), (6, False), (60 * 24 * 365 * 10, False)):
        used_at = NOW + timedelta(minutes=minutes)
        session = Session(UUID(int=1), UUID(int=2), None, used_at, used_at)
        assert is_session_valid(session, NOW) is is_valid
