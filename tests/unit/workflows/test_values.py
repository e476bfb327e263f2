"""The values of a period: types, bounds and defaults."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workflows.samples import PERIOD_VALUES, workflow
from workflows.model.values import read_values

PARAMS = workflow().definition.params


def test_values_are_typed_and_defaults_added() -> None:
    values, findings = read_values(PARAMS, PERIOD_VALUES | {"revision_days": 14})

    assert findings == []
    assert values == {
        "approve_automatically": False,
        "planning_opens": date(2024, 1, 1),
        "planning_closes": date(2024, 1, 31),
        "revision_days": 14,
        "minimum_points": 32,
        "facts_max_age_minutes": 60,
        "plt_banner_from": date(2024, 2, 1),
        "plt_confirmation_from": date(2024, 2, 16),
    }


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"planning_closes": "2024-01-01"}, []),
        ({"planning_closes": "2023-12-31"}, ["value.too_early"]),
        ({"plt_confirmation_from": "2024-01-31"}, ["value.too_early"]),
        ({"planning_opens": "1 Januari 2024"}, ["value.date_expected"]),
        ({"planning_opens": "20240101"}, ["value.date_expected"]),
        ({"planning_opens": "2024-W01-1"}, ["value.date_expected"]),
        ({"planning_opens": "2024-02-30"}, ["value.date_expected"]),
        ({"planning_opens": "0204-01-01"}, ["value.date_expected"]),
        ({"planning_opens": None}, ["value.date_expected"]),
        ({"revision_days": 0}, ["value.out_of_bounds"]),
        ({"revision_days": 367}, ["value.out_of_bounds"]),
        ({"revision_days": True}, ["value.int_expected"]),
        ({"revision_days": "7"}, ["value.int_expected"]),
        ({"minimum_points": -1}, ["value.out_of_bounds"]),
        ({"approve_automatically": "on"}, ["value.bool_expected"]),
        ({"moon": 1}, ["value.unknown"]),
        ({"moon": 1, "revision_days": 0}, ["value.unknown", "value.out_of_bounds"]),
    ],
)
def test_an_invalid_value_is_refused(changes: dict[str, object], codes: list[str]) -> None:
    _, findings = read_values(PARAMS, PERIOD_VALUES | changes)

    assert [finding.code for finding in findings] == codes
    assert all(finding.place in changes for finding in findings)


def test_a_parameter_without_default_is_required() -> None:
    _, findings = read_values(PARAMS, {})

    assert [(finding.code, finding.place) for finding in findings] == [
        ("value.missing", name) for name in PERIOD_VALUES
    ]


@given(
    st.dictionaries(
        st.sampled_from(sorted(PERIOD_VALUES)) | st.text(),
        st.none() | st.integers() | st.text() | st.booleans(),
    )
)
def test_any_values_are_typed_or_refused(values: dict[str, Any]) -> None:
    typed_values, findings = read_values(PARAMS, values)

    assert all(finding.message("id") and finding.message("en") for finding in findings)
    if not findings:
        assert typed_values.keys() == {param.name for param in PARAMS}
