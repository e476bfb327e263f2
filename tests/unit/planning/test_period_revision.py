"""A change of a period's values, together with present and later revisions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.planning.callers.model import ActorKind, AdminActor
from services.planning.period.model import Period, Revision
from services.planning.period.revision import apply_change, find_previous_values
from workflows.model.definition import Label

AUTHOR, APPROVER = AdminActor(ActorKind.OPERATOR, "a"), AdminActor(ActorKind.OPERATOR, "b")

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
NAMES = ("a", "b", "c")
VALUES = st.fixed_dictionaries({name: st.integers(0, 2) for name in NAMES})
CHANGES = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 2), min_size=1)
DAYS = st.integers(0, 8)


def day(number: int) -> datetime:
    return NEW_YEAR + timedelta(days=number)


def of(*rows: tuple[int, dict[str, int]]) -> Period:
    revisions = tuple(
        Revision(number, values, AUTHOR, APPROVER, "why", day(since))
        for number, (since, values) in enumerate(rows, 1)
    )
    return Period("2024-1", Label("x", "x"), date(2024, 1, 1), date(2024, 6, 30), "c", "w", revisions)


def with_change(period: Period, change: dict[str, int], since: int) -> Period:
    rows = [
        Revision(number, values, AUTHOR, APPROVER, "why", instant)
        for number, (instant, values) in enumerate(
            apply_change(period, change, day(since)), len(period.revisions) + 1
        )
    ]
    revisions = (*period.revisions, *rows)
    return Period("2024-1", period.label, period.starts, period.ends, "c", "w", revisions)


@given(st.lists(st.tuples(DAYS, VALUES), max_size=4), VALUES, CHANGES, DAYS)
def test_change_is_in_force_until_a_later_revision_changes_the_same_value(
    rows: list[tuple[int, dict[str, int]]], first: dict[str, int], change: dict[str, int], since: int
) -> None:
    before = of((0, first), *sorted(rows, key=lambda row: row[0]))
    after = with_change(before, change, since)
    assert after.revisions[: len(before.revisions)] == before.revisions
    values_before = [before.parameters_at(day(number)).values for number in range(10)]
    values_after = [after.parameters_at(day(number)).values for number in range(10)]
    assert values_after[:since] == values_before[:since], "earlier decisions do not change"
    for name in NAMES:
        expected_values, holds = [], name in change
        for earlier, now in pairwise([values_before[since], *values_before[since:]]):
            holds = holds and earlier[name] == now[name]
            expected_values.append(change[name] if holds else now[name])
        assert [values[name] for values in values_after[since:]] == expected_values


def test_revision_has_the_values_that_it_replaced() -> None:
    period = with_change(of((0, {"a": 0, "b": 0}), (5, {"a": 0, "b": 1})), {"a": 2}, 2)
    previous_values = [dict(find_previous_values(period, one)) for one in period.revisions]
    assert previous_values == [{}, {"a": 0, "b": 0}, {"a": 0, "b": 0}, {"a": 0, "b": 1}]
