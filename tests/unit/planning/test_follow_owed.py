"""Work that is owed: whoever fails slowly takes no one's turn, and keeps nothing else waiting."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.kit.clock import Clock
from services.planning.people.identity.client import IdentityClient
from services.planning.reconcile import retry as follow_owed
from services.planning.reconcile.retry import Owed
from tests.credentials import PLANNING


async def test_what_is_owed_is_tried_for_a_while_and_each_in_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follow_owed, "AGAIN_SECONDS", 0)
    monkeypatch.setattr(follow_owed, "PAY_SECONDS", 0)
    owed, tried = Owed(IdentityClient("", PLANNING, Clock(datetime(2024, 2, 20, tzinfo=UTC)))), ""

    def failing(name: str) -> follow_owed.Work:
        async def work() -> None:
            nonlocal tried
            tried += name
            raise ValueError

        return work

    for name in "abc":
        await owed.attempt(name, failing(name))
    for _ in range(4):
        await owed.pay()
    assert tried == "abc" + "abca"
    assert len(owed) == 3
