from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.planning.people.access import Obligation, check_access, is_definitif_at_induk
from services.planning.people.model import (
    Account,
    Assignment,
    Fact,
    Head,
    Reference,
    SchoolFacts,
    TeacherFacts,
)
from tests.unit.planning.reference import catalog, code_and_path, messages

NPSN, OTHER_NPSN = "99000001", "99000002"
SCHOOL = SchoolFacts(
    NPSN, 1, Fact("SD NEGERI CONTOH 01"), Fact(Reference(5, "SD")), Fact("Negeri"), Fact("Kab. Contoh"),
    Fact("Prov. Contoh"), Fact("Asia/Jakarta"), head=Head("definitif", "kepala", "Kepala Contoh"),
)  # fmt: skip
TEACHER = TeacherFacts(
    "guru", 1, Fact("Guru Contoh"), Fact("198502032010012901"), Fact(), Fact(Reference(1, "PNS")),
    Fact(Reference(3, "Guru Kelas")), Fact("III/c"), Fact(), Fact(NPSN),
    (Assignment(NPSN, "SD NEGERI CONTOH 01", True), Assignment(OTHER_NPSN, "SD NEGERI CONTOH 02", False)),
    (), (), (Account("own", NPSN), Account("other", OTHER_NPSN), Account("free", None)),
)  # fmt: skip


def refusals(
    account: str = "own", school: SchoolFacts | None = SCHOOL, **facts: Any
) -> list[tuple[str, object]]:
    access = check_access(replace(TEACHER, **facts), school, account, catalog())
    assert access.may_plan is not bool(access.problems)
    return [(code_and_path(problem)[0], problem.params["who_can_fix"]) for problem in access.problems]


def school(form: Reference | None = SCHOOL.bentuk_pendidikan.value, head: Head = SCHOOL.head) -> SchoolFacts:
    return replace(SCHOOL, bentuk_pendidikan=Fact(form), head=head)


def status(identifier: int, label: str) -> Fact[Reference]:
    return Fact(Reference(identifier, label))


jenis = status


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"status_kepegawaian": status(11, "PPPK")},
        {"status_kepegawaian": status(8, "Guru Honor Sekolah")},
        {"status_kepegawaian": status(4, "GTY/PTY")},
        {"status_kepegawaian": Fact()},
        {"status_kepegawaian": status(77, "Baru")},
        {"jenis_ptk": jenis(4, "Guru Mapel")},
        {"jenis_ptk": Fact(Reference(None, "Kindergarten Teacher"))},
        {"account": "free"},
        {"plt_at": (OTHER_NPSN,)},
        {"plt_at": (OTHER_NPSN,), "jenis_ptk": jenis(20, "Kepala Sekolah")},
        {"kepala_at": (OTHER_NPSN,)},
        {"school": school(head=Head("plt", "guru", "Guru Contoh"))},
        {"school": school(head=Head("kosong"))},
        {"school": school(Reference(1, "TK"))},
        {"school": school(Reference(29, "SLB"))},
        {"school": school(Reference(27, "PKBM"))},
    ],
)
def test_a_teacher_of_a_local_government_may_plan(facts: dict[str, Any]) -> None:
    assert refusals(**facts) == []


@pytest.mark.parametrize(
    ("facts", "code", "who_can_fix"),
    [
        ({"status": "left"}, "left", "operator_sekolah"),
        ({"sekolah_induk": Fact()}, "no_sekolah_induk", "dinas"),
        ({"school": None}, "school_unknown", "helpdesk"),
        ({"school": school(None)}, "school_form_unknown", "operator_sekolah"),
        ({"school": school(Reference(9, "MI"))}, "school_form_not_served", "helpdesk"),
        ({"status_kepegawaian": status(3, "PNS Depag")}, "status_not_served", "operator_sekolah"),
        ({"jenis_ptk": jenis(11, "Tenaga Administrasi Sekolah")}, "jenis_ptk_not_listed", "operator_sekolah"),
        ({"jenis_ptk": jenis(40, "Tenaga Perpustakaan")}, "jenis_ptk_not_listed", "operator_sekolah"),
        ({"jenis_ptk": jenis(41, "Penjaga Sekolah")}, "jenis_ptk_not_listed", "operator_sekolah"),
        ({"jenis_ptk": jenis(6, "Guru Inklusi")}, "jenis_ptk_undecided", "helpdesk"),
        ({"jenis_ptk": jenis(12, "Guru Pendamping")}, "jenis_ptk_undecided", "helpdesk"),
        ({"jenis_ptk": Fact()}, "jenis_ptk_unknown", "operator_sekolah"),
        ({"kepala_at": (NPSN,)}, "kepala_sekolah", "dinas"),
        ({"kepala_at": (NPSN,), "jenis_ptk": jenis(57, "")}, "kepala_sekolah", "dinas"),
        ({"school": school(head=Head("definitif", "guru"))}, "kepala_sekolah", "dinas"),
        ({"account": "other"}, "account_of_other_school", "operator_sekolah"),
        ({"account": "nobody's"}, "account_unknown", "helpdesk"),
    ],
)
def test_refusal_names_the_failed_rule_and_who_can_fix_it(
    facts: dict[str, Any], code: str, who_can_fix: str
) -> None:
    assert refusals(**facts) == [(f"access.{code}", who_can_fix)]


def test_every_failed_rule_is_reported() -> None:
    assert refusals(
        "other",
        school(Reference(9, "MI")),
        status_kepegawaian=status(3, "PNS Depag"),
        jenis_ptk=jenis(11, "Tenaga Administrasi Sekolah"),
    ) == [
        ("access.school_form_not_served", "helpdesk"),
        ("access.status_not_served", "operator_sekolah"),
        ("access.jenis_ptk_not_listed", "operator_sekolah"),
        ("access.account_of_other_school", "operator_sekolah"),
    ]


def test_teacher_who_left_gets_only_that_reason() -> None:
    assert refusals("other", None, status="left", sekolah_induk=Fact(), jenis_ptk=Fact()) == [
        ("access.left", "operator_sekolah")
    ]


def test_account_of_another_school_is_refused_with_the_name_of_the_sekolah_induk() -> None:
    (problem,) = check_access(TEACHER, SCHOOL, "other", catalog()).problems
    for text in (messages().text(problem, "id"), messages().text(problem, "en")):
        assert "SD NEGERI CONTOH 01" in text
        assert NPSN in text


@pytest.mark.parametrize(
    ("fact", "obligation"),
    [
        (status(1, "PNS"), Obligation.MUST),
        (status(10, "CPNS"), Obligation.MUST),
        (status(11, "PPPK"), Obligation.MUST),
        (status(4, "GTY/PTY"), Obligation.MAY),
        (status(8, "Guru Honor Sekolah"), Obligation.MAY),
        (Fact(), None),
    ],
)
def test_asn_must_plan_and_non_asn_may_plan(fact: Fact[Reference], obligation: Obligation | None) -> None:
    teacher = replace(TEACHER, status_kepegawaian=fact)
    assert check_access(teacher, SCHOOL, "own", catalog()).obligation is obligation


def test_plt_of_another_school_is_not_the_principal_of_the_sekolah_induk() -> None:
    assert not is_definitif_at_induk(replace(TEACHER, plt_at=(OTHER_NPSN,)), SCHOOL)
    assert not is_definitif_at_induk(replace(TEACHER, sekolah_induk=Fact()), None)
    assert is_definitif_at_induk(replace(TEACHER, kepala_at=(NPSN,)), None)
