"""The maximum age of facts for commands that no guard checks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.planning.people.access import check_freshness
from tests.unit.planning.reference import code_and_path

NOW = datetime(2024, 1, 15, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("age", "max_age", "fresh"),
    [
        (timedelta(0), HOUR, True),
        (timedelta(minutes=60), HOUR, True),
        (timedelta(minutes=60, microseconds=1), HOUR, False),
        (None, HOUR, False),
    ],
)
def test_facts_are_fresh_until_their_maximum_age(
    age: timedelta | None, max_age: timedelta, fresh: bool
) -> None:
    problem = check_freshness(None if age is None else NOW - age, NOW, max_age)
    assert (problem is None) is fresh
    if problem:
        assert code_and_path(problem) == ("facts.stale", "")
