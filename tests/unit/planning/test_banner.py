from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.planning.plan.model import Plan
from services.planning.viewer.queries import find_window_problems, list_move_banners, list_plan_banners
from tests.unit.planning.plans import new_plan
from tests.unit.planning.reference import code_and_path, contract_values, messages
from workflows.model.definition import Phase

DAYS = contract_values(1)
EARLY = DAYS.opens - timedelta(days=1)
BEFORE, FROM, LATER = date(2024, 1, 31), date(2024, 2, 1), date(2024, 5, 1)


def due(
    phase: Phase, today: date, *, plt_to_confirm: bool, note: str | None = None, until: date | None = None
) -> list[str]:
    plan = replace(new_plan(), note=note, revision_due=until)
    return [
        code_and_path(banner)[0]
        for banner in list_plan_banners(plan, phase, DAYS, today, plt_to_confirm=plt_to_confirm)
    ]


@pytest.mark.parametrize(
    ("phase", "today", "plt_to_confirm", "expected"),
    [
        (Phase.DRAFT, BEFORE, True, []),
        (Phase.DRAFT, LATER, True, ["banner.draft_late"]),
        (Phase.DRAFT, LATER, False, ["banner.draft_late"]),
        (Phase.SUBMITTED, LATER, True, []),
        (Phase.SUBMITTED, LATER, False, []),
        (Phase.AUTO_APPROVED, BEFORE, True, []),
        (Phase.AUTO_APPROVED, FROM, True, ["banner.tell_plt"]),
        (Phase.AUTO_APPROVED, LATER, True, ["banner.tell_plt"]),
        (Phase.AUTO_APPROVED, BEFORE, False, ["banner.may_begin"]),
        (Phase.AUTO_APPROVED, LATER, False, ["banner.may_begin"]),
        (Phase.APPROVED, BEFORE, False, ["banner.may_begin"]),
        (Phase.APPROVED, LATER, True, ["banner.may_begin"]),
        (Phase.IN_IMPLEMENTATION, LATER, True, []),
        (Phase.IN_IMPLEMENTATION, LATER, False, []),
    ],
)
def test_banner_of_each_phase(phase: Phase, today: date, plt_to_confirm: bool, expected: list[str]) -> None:
    assert due(phase, today, plt_to_confirm=plt_to_confirm) == expected


def test_returned_draft_has_a_banner_until_it_is_submitted() -> None:
    arguments = {"note": "Mohon lengkapi.", "until": date(2024, 1, 29)}
    assert due(Phase.DRAFT, BEFORE, plt_to_confirm=False, **arguments) == ["banner.returned"]  # type: ignore[arg-type]
    assert due(Phase.SUBMITTED, BEFORE, plt_to_confirm=False, **arguments) == []  # type: ignore[arg-type]
    plan = replace(new_plan(), note="Mohon lengkapi.", revision_due=date(2024, 1, 29))
    (banner,) = list_plan_banners(plan, Phase.DRAFT, DAYS, date(2024, 1, 29), plt_to_confirm=False)
    assert "29 Januari 2024" in messages().text(banner, "id")


@pytest.mark.parametrize("reopened", [False, True])
def test_overdue_revision_can_be_submitted_until_the_window_closes(reopened: bool) -> None:
    plan = replace(new_plan(), note="Mohon lengkapi.", revision_due=date(2024, 1, 20))
    plan = replace(plan, reopened_at=plan.updated_at if reopened else None)
    (in_window,) = list_plan_banners(plan, Phase.DRAFT, DAYS, BEFORE, plt_to_confirm=False)
    assert code_and_path(in_window)[0] == ("banner.reopened" if reopened else "banner.returned")
    assert "31 Januari 2024" in messages().text(in_window, "id")
    (after,) = list_plan_banners(plan, Phase.DRAFT, DAYS, FROM, plt_to_confirm=False)
    assert code_and_path(after)[0] == "banner.revision_passed"
    assert "20 Januari 2024" in messages().text(after, "id")
    assert "extended" in messages().text(after, "en")


@pytest.mark.parametrize(
    ("phase", "due", "today", "codes"),
    [
        (None, None, EARLY, ["window.not_open"]),
        (None, None, BEFORE, []),
        (None, None, FROM, ["window.closed"]),
        (Phase.DRAFT, None, EARLY, ["window.not_open"]),
        (Phase.DRAFT, EARLY, EARLY, []),
        (Phase.DRAFT, EARLY, BEFORE, []),
        (Phase.DRAFT, EARLY, FROM, ["window.closed"]),
        (Phase.DRAFT, LATER, FROM, []),
        (Phase.SUBMITTED, None, FROM, []),
    ],
)
def test_window_problems_are_those_of_start_and_submission(
    phase: Phase | None, due: date | None, today: date, codes: list[str]
) -> None:
    plan = replace(new_plan(), revision_due=due) if phase else None
    problems = find_window_problems(plan, phase, DAYS, today)
    assert [problem.code for problem in problems] == codes


def test_plt_banner_names_school_and_date() -> None:
    (banner,) = list_plan_banners(new_plan(), Phase.AUTO_APPROVED, DAYS, FROM, plt_to_confirm=True)
    assert banner.params == {"sekolah": "SD NEGERI CONTOH 01", "opens": date(2024, 2, 16)}


def test_dates_of_the_plt_banner_come_from_the_period() -> None:
    days = replace(DAYS, plt_banner_from=date(2024, 3, 1))
    assert list(list_plan_banners(new_plan(), Phase.AUTO_APPROVED, days, FROM, plt_to_confirm=True)) == []


@pytest.mark.parametrize("to_confirm", [True, False])
def test_plt_gets_no_banner_about_their_own_plan(to_confirm: bool) -> None:
    arguments = (new_plan(), Phase.AUTO_APPROVED, DAYS, LATER)
    assert list(list_plan_banners(*arguments, plt_to_confirm=to_confirm)) != []
    assert list(list_plan_banners(*arguments, plt_to_confirm=to_confirm, is_plt=True)) == []


def new_confirmed_plan() -> Plan:
    plan = new_plan()
    return replace(plan, profile=replace(plan.profile, confirmed_at=plan.updated_at))


@pytest.mark.parametrize(
    ("plan", "phase", "induk", "expected"),
    [
        (new_confirmed_plan(), Phase.DRAFT, "99000003", ["banner.moved"]),
        (new_confirmed_plan(), Phase.SUBMITTED, "99000003", ["banner.moved"]),
        (new_confirmed_plan(), Phase.APPROVED, "99000003", ["banner.moved"]),
        (new_confirmed_plan(), Phase.AUTO_APPROVED, "99000003", ["banner.moved"]),
        (new_confirmed_plan(), Phase.IN_IMPLEMENTATION, "99000003", []),
        (new_confirmed_plan(), Phase.DRAFT, "99000001", []),
        (new_confirmed_plan(), Phase.DRAFT, None, []),
        (new_plan(), Phase.DRAFT, "99000003", []),
    ],
)
def test_moved_teacher_gets_a_banner_except_in_implementation(
    plan: Plan, phase: Phase, induk: str | None, expected: list[str]
) -> None:
    assert [
        code_and_path(one)[0] for one in list_move_banners(plan, phase, induk, "SMP NEGERI CONTOH 03")
    ] == expected


def test_reopened_draft_has_the_banner_of_the_reopening_only() -> None:
    plan = replace(
        new_plan(), note="Salah pilih.", revision_due=date(2024, 4, 16), reopened_at=new_plan().updated_at
    )
    (banner,) = list_plan_banners(plan, Phase.DRAFT, DAYS, BEFORE, plt_to_confirm=False)
    assert code_and_path(banner)[0] == "banner.reopened"
    assert "“Salah pilih.”" in messages().text(banner, "en")
    assert "16 April 2024" in messages().text(banner, "id")
    assert list(list_plan_banners(plan, Phase.SUBMITTED, DAYS, BEFORE, plt_to_confirm=False)) == []
    (erased_banner,) = list_plan_banners(
        replace(plan, note=None), Phase.DRAFT, DAYS, BEFORE, plt_to_confirm=False
    )
    assert code_and_path(erased_banner)[0] == "banner.reopened_erased"
