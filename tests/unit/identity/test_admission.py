from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

import services.identity
from services.identity.accounts.model import find_admission_problems
from services.identity.people.model import Account
from services.kit.problems import Messages, Problem
from workflows.model.messages import format_value

TODAY = date(2024, 1, 15)
YESTERDAY, TOMORROW = date(2024, 1, 14), date(2024, 1, 16)
ACCOUNT = UUID("77777777-7777-4777-8777-000000000001")
PTK = UUID("33333333-3333-4333-8333-000000000001")


def _account(
    email: str = "satu@guru.sd.belajar.id",
    *,
    ptk_id: UUID | None = PTK,
    opened_on: date | None = None,
    closed: date | None = None,
) -> Account:
    return Account(ACCOUNT, email, ptk_id, "99000001", opened_on, closed)


def _codes(account: Account | None, *, is_active: bool = True, scopes: tuple[str, ...] = ()) -> list[str]:
    problems = find_admission_problems(account, is_active=is_active, scopes=scopes, day=TODAY)
    assert all(problem.path == ("email",) for problem in problems)
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("account", "is_active", "scopes", "codes"),
    [
        (_account(), True, (), []),
        (_account(opened_on=TODAY, closed=TOMORROW), True, (), []),
        (None, True, (), ["admission.unknown"]),
        (_account(closed=TODAY), True, (), ["admission.closed"]),
        (_account(closed=YESTERDAY), True, ("admin",), ["admission.closed"]),
        (_account(opened_on=TOMORROW), True, (), ["admission.not_yet_open"]),
        (_account(), False, (), ["admission.left"]),
        (_account(), False, ("admin",), ["admission.left"]),
        (_account(closed=TODAY), False, (), ["admission.closed", "admission.left"]),
        (_account(ptk_id=None), False, (), ["admission.no_person"]),
        (_account(ptk_id=None), False, ("admin",), []),
        (_account(ptk_id=None, closed=TODAY), False, ("admin",), ["admission.closed"]),
        (
            _account(ptk_id=None, opened_on=TOMORROW),
            False,
            (),
            ["admission.not_yet_open", "admission.no_person"],
        ),
    ],
)
def test_account_is_admitted_or_every_failed_rule_is_named(
    account: Account | None, is_active: bool, scopes: tuple[str, ...], codes: list[str]
) -> None:
    assert _codes(account, is_active=is_active, scopes=scopes) == codes


@pytest.mark.parametrize(
    "domain", ["guru.paud.belajar.id", "guru.slb.belajar.id", "admin.sd.belajar.id", "dinas.belajar.id"]
)
def test_admission_does_not_depend_on_the_domain(domain: str) -> None:
    assert _codes(_account(f"satu@{domain}")) == []
    assert _codes(_account(f"satu@{domain}", ptk_id=None)) == ["admission.no_person"]


@pytest.mark.parametrize(
    ("problem", "indonesian", "english"),
    [
        (
            Problem("admission.unknown"),
            "operator sekolah atau dinas",
            "school operator or the education office",
        ),
        (Problem("admission.closed", {"closed": TODAY}), "sejak 15 Januari 2024", "since 15 January 2024"),
        (Problem("admission.not_yet_open", {"opened": TODAY}), "15 Januari 2024", "on 15 January 2024"),
        (Problem("admission.no_person"), "helpdesk", "helpdesk"),
        (
            Problem("admission.left"),
            "operator sekolah memperbarui Dapodik",
            "school operator to update Dapodik",
        ),
    ],
)
def test_refusal_names_who_can_fix_it_in_both_languages(
    problem: Problem, indonesian: str, english: str
) -> None:
    messages = Messages.load(
        Path(services.identity.__file__).parent / "messages.yaml", format_value=format_value
    )
    assert indonesian in messages.text(problem, "id")
    assert english in messages.text(problem, "en")
