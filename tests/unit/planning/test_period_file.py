from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.problems import RequestRefused
from services.planning.period import period_file
from services.planning.period.model import values_to_json
from tests.unit.planning.reference import (
    DECLARATIONS,
    PERIOD,
    code_and_path,
    dump_changed,
    load_period,
    period,
)
from workflows.model.definition import Label
from workflows.model.values import read_values

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def test_the_first_semester_of_2024_has_the_guides_dates_and_the_extension() -> None:
    first, second = period().revisions
    assert first.values == {
        "planning_opens": date(2024, 1, 1),
        "planning_closes": date(2024, 1, 31),
        "revision_days": 14,
        "approve_automatically": False,
        "minimum_points": 32,
        "facts_max_age_minutes": 60,
        "plt_banner_from": date(2024, 2, 1),
        "plt_confirmation_from": date(2024, 2, 16),
    }
    assert second.values == {**first.values, "planning_closes": date(2024, 3, 31)}
    assert (period().catalog, period().workflow) == ("2024-1", "perencanaan-kinerja")


def values(data: Any, index: int = 0) -> Any:
    return data["revisions"][index]["values"]


def find_problems(spoil: Callable[[Any], object]) -> list[tuple[str, str]]:
    with pytest.raises(RequestRefused) as error:
        load_period(dump_changed(PERIOD, spoil))
    return [code_and_path(problem) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("spoil", "code", "path"),
    [
        (lambda d: d.pop("catalog"), "file.missing", "catalog"),
        (lambda d: d.update(colour="red"), "file.unknown_field", "colour"),
        (lambda d: d.update(revisions=[]), "file.empty", "revisions"),
        (lambda d: d.update(starts="1 January"), "file.malformed", "starts"),
        (lambda d: d.update(starts="2024-01-01T00:00:00"), "file.malformed", "starts"),
        (lambda d: d.update(starts=1704067200), "file.malformed", "starts"),
        (lambda d: d["label"].pop("en"), "file.missing", "label.en"),
        (lambda d: d.update(code="semester-1"), "period.code_malformed", "code"),
        (lambda d: d.update(code="2024-2"), "period.days_of_other_period", "starts"),
        (lambda d: d.update(ends="2024-06-29"), "period.days_of_other_period", "starts"),
    ],
)
def test_inconsistent_period_is_refused(spoil: Callable[[Any], object], code: str, path: str) -> None:
    assert find_problems(spoil) == [(code, path)]


@pytest.mark.parametrize(
    ("index", "field", "value", "code"),
    [
        (0, "effective_from", "2024-01-01T00:00:00", "file.malformed"),
        (0, "effective_from", "2024-01-01", "file.malformed"),
        (0, "effective_from", "1704067200", "file.malformed"),
        (1, "number", 3, "period.revision_number"),
        (1, "number", 1, "period.revision_number"),
        (1, "effective_from", "2023-12-01T00:00:00Z", "period.revision_out_of_order"),
        (1, "effective_from", "9999-12-31T23:59:59-14:00", "period.instant_out_of_bounds"),
        (0, "approver", "Direktorat\u200b  Jenderal GTK\u3164\ufe0f", "period.approver_is_author"),
        (0, "approver", "direktorat jenderal gtk ", "period.approver_is_author"),
    ],
)
def test_a_revision_follows_the_one_before_it_and_has_a_second_approver(
    index: int, field: str, value: object, code: str
) -> None:
    assert find_problems(lambda d: d["revisions"][index].update({field: value})) == [
        (code, f"revisions.{index}.{field}")
    ]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("planning_opens", "2024-W01-1", "value.date_expected"),
        ("planning_closes", "2024-07-01", "period.closes_after_period"),
        ("plt_confirmation_from", "2024-01-15", "value.too_early"),
        ("planning_close", "2024-01-31", "value.unknown"),
        ("minimum_points", "32", "value.int_expected"),
        ("minimum_points", True, "value.int_expected"),
        ("approve_automatically", 1, "value.bool_expected"),
        ("planning_opens", "20240101", "value.date_expected"),
        ("planning_opens", "2024-02-30", "value.date_expected"),
        ("revision_days", 0, "value.out_of_bounds"),
        ("revision_days", 367, "value.out_of_bounds"),
        ("minimum_points", -1, "value.out_of_bounds"),
    ],
)
def test_value_must_have_the_declared_type_and_bounds(name: str, value: object, code: str) -> None:
    assert find_problems(lambda d: values(d, 1).update({name: value})) == [
        (code, f"revisions.1.values.{name}")
    ]


def test_parameter_without_a_default_is_required() -> None:
    path = "revisions.0.values.planning_opens"
    assert find_problems(lambda d: values(d).pop("planning_opens")) == [("value.missing", path)]


def test_all_problems_of_a_period_are_reported_together() -> None:
    def spoil(data: Any) -> None:
        data["code"] = "2024-2"
        data["revisions"][1]["number"] = 7
        values(data)["colour"] = "red"
        values(data, 1)["planning_closes"] = "2023-01-01"

    assert {code for code, _ in find_problems(spoil)} == {
        "period.days_of_other_period",
        "period.revision_number",
        "value.unknown",
        "value.too_early",
        "period.closes_before_period",
    }


def test_parameter_with_a_default_is_optional() -> None:
    period_without_value = load_period(dump_changed(PERIOD, lambda d: values(d).pop("revision_days")))
    assert period_without_value.revisions[0].values["revision_days"] == 7


@given(
    st.fixed_dictionaries(
        {
            "planning_opens": DAYS,
            "planning_closes": DAYS,
            "plt_banner_from": st.just(date(2024, 2, 1)),
            "plt_confirmation_from": st.just(date(2024, 2, 16)),
            "approve_automatically": st.booleans(),
            "minimum_points": st.integers(0, 128),
            "revision_days": st.integers(1, 366),
        }
    )
)
def test_values_survive_conversion_to_json_and_back(values: dict[str, date | int | bool]) -> None:
    read, problems = read_values(DECLARATIONS.published, values_to_json(values))
    assert {name: read[name] for name in values} == values
    in_order = str(values["planning_opens"]) <= str(values["planning_closes"])
    assert [problem.code for problem in problems] == ([] if in_order else ["value.too_early"])


def test_an_imported_period_may_add_revisions_but_change_none() -> None:
    first = replace(period(), revisions=period().revisions[:1])
    changed_revision = replace(period().revisions[0], reason="another")
    assert period_file.find_rewrites(first, period()) == ()
    assert period_file.find_rewrites(period(), period()) == ()
    for file_period in (first, replace(period(), revisions=(changed_revision, period().revisions[1]))):
        problems = period_file.find_rewrites(period(), file_period)
        assert [code_and_path(problem) for problem in problems] == [
            ("period.revision_rewritten", "revisions")
        ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", Label("Lain", "Other")),
        ("starts", date(2024, 1, 2)),
        ("ends", date(2024, 7, 31)),
        ("catalog", "2024-1b"),
        ("workflow", "lain"),
    ],
)
def test_import_cannot_change_a_stored_period(field: str, value: object) -> None:
    changes: dict[str, Any] = {field: value}
    problems = period_file.find_rewrites(period(), replace(period(), **changes))
    assert [code_and_path(problem) for problem in problems] == [("period.field_rewritten", field)]


def test_planning_that_closes_before_the_period_is_refused() -> None:
    def with_dates_of_the_first_semester(data: Any) -> None:
        data.update(code="2024-2", starts="2024-07-01", ends="2024-12-31")

    assert find_problems(with_dates_of_the_first_semester) == [
        ("period.closes_before_period", f"revisions.{index}.values.planning_closes") for index in (0, 1)
    ]


def test_planning_that_closes_before_it_opens_is_refused() -> None:
    assert find_problems(lambda data: values(data).update(planning_opens="2024-02-01")) == [
        ("value.too_early", "revisions.0.values.planning_closes")
    ]
