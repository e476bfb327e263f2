"""Timeouts that a loaded test machine does not exceed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.identity.sign_in import provider
from services.planning.people.identity import answers, connections

PRODUCTION = connections.REQUEST_SECONDS, answers.QUESTION_SECONDS


@pytest.fixture(scope="session", autouse=True)
def generous_timeouts() -> Iterator[None]:
    """Give identity and the provider more time: on a machine with much to do, a late answer is not an outage.

    Tests of outages set shorter ones.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "REQUEST_SECONDS", 20.0)
        patch.setattr(answers, "QUESTION_SECONDS", 40.0)
        patch.setattr(provider, "REQUEST_TIMEOUT_SECONDS", 20.0)
        yield


@pytest.fixture
def production_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give identity the time that it has in production: for tests of how these timeouts fit together."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", PRODUCTION[0])
    monkeypatch.setattr(answers, "QUESTION_SECONDS", PRODUCTION[1])
