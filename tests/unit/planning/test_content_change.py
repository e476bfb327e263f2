"""The changes between two submissions are complete, exact, and described in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.planning.people.model import Fact, Reference
from services.planning.plan.content_change import (
    FIELD_LABELS,
    NO_DECREE,
    ContentChange,
    PlanPart,
    compare_submissions,
    describe_change,
)
from services.planning.plan.erasable_text import Submission, content_text, profile_text, read_submission
from services.planning.plan.tabs import (
    Content,
    PengembanganKompetensi,
    PerilakuKerja,
    PraktikKinerja,
    Tugas,
    TugasTambahan,
)
from tests.unit.planning.plans import NOW, new_plan
from tests.unit.planning.reference import catalog

PLAN = new_plan()
DAY = date(2024, 1, 2)
WALAS, OTHER_DECREE = Tugas("TT-WALAS", "421/1", DAY), Tugas("TT-WALAS", "421/2", DAY)
PIKET = Tugas("TT-PIKET", "421/1", DAY)


def state(content: Content | None = None, **facts: Any) -> Submission:
    return Submission(content or Content(), replace(PLAN.profile, **facts), PLAN.school)


def describe(old: Submission, new: Submission) -> list[tuple[str, object, object, object]]:
    words = (describe_change(change, catalog()) for change in compare_submissions(old, new))
    return [(change.part.value, change.subject, change.before, change.after) for change in words]


codes = st.sampled_from(["A", "B", "C", "RHK-01"])
tugas = st.builds(Tugas, codes, st.sampled_from([None, "1", "2"]), st.sampled_from([None, DAY]))
contents = st.builds(
    Content,
    st.builds(PraktikKinerja, st.none() | codes),
    st.lists(codes, unique=True).map(tuple).map(PengembanganKompetensi),
    st.lists(tugas, unique=True, max_size=5).map(tuple).map(TugasTambahan),
    st.dictionaries(codes, codes).map(PerilakuKerja),
)
states = contents.map(state)


@given(states)
def test_submission_does_not_differ_from_itself(submission: Submission) -> None:
    assert compare_submissions(submission, submission) == ()


@given(states)
def test_order_of_choices_is_no_change(submission: Submission) -> None:
    content = submission.content
    reversed_content = replace(
        content,
        pengembangan_kompetensi=PengembanganKompetensi(content.pengembangan_kompetensi.rhk[::-1]),
        tugas_tambahan=TugasTambahan(content.tugas_tambahan.tugas[::-1]),
        perilaku_kerja=PerilakuKerja(dict(list(content.perilaku_kerja.pilihan.items())[::-1])),
    )
    assert compare_submissions(submission, state(reversed_content)) == ()


def any_content(content: Content) -> dict[PlanPart, set[object]]:
    """Return the choices of a content as sets."""
    indikator = content.praktik_kinerja.indikator
    return {
        PlanPart.PRAKTIK_KINERJA: {indikator} if indikator else set(),
        PlanPart.PENGEMBANGAN_KOMPETENSI: set(content.pengembangan_kompetensi.rhk),
        PlanPart.TUGAS_TAMBAHAN: set(content.tugas_tambahan.tugas),
        PlanPart.PERILAKU_KERJA: set(content.perilaku_kerja.pilihan.items()),
    }


def whole(change: ContentChange, value: object) -> set[object]:
    """Return the element of such a set for one side of a change."""
    if value is None:
        return set()
    return {(change.subject, value)} if change.part is PlanPart.PERILAKU_KERJA else {value}


@given(states, states)
def test_changes_turn_the_old_content_into_the_new_and_back(old: Submission, new: Submission) -> None:
    forward, back = any_content(old.content), any_content(new.content)
    for change in compare_submissions(old, new):
        forward[change.part] = (forward[change.part] - whole(change, change.before)) | whole(
            change, change.after
        )
        back[change.part] = (back[change.part] - whole(change, change.after)) | whole(change, change.before)
    assert (forward, back) == (any_content(new.content), any_content(old.content))


@given(states, states)
def test_each_changed_choice_is_one_change(old: Submission, new: Submission) -> None:
    for change in compare_submissions(old, new):
        assert change.before != change.after
        assert {value.code for value in (change.before, change.after) if isinstance(value, Tugas)} <= {
            change.subject
        }


WORDS = [
    (Content(), Content(PraktikKinerja("PK-KSK")),
     [("praktik_kinerja", None, None, "Keteraturan Suasana Kelas")]),
    (Content(PraktikKinerja("PK-KSK")), Content(PraktikKinerja("PAUD-ASM")),
     [("praktik_kinerja", None, "Keteraturan Suasana Kelas",
       "Asesmen yang meningkatkan kualitas pembelajaran")]),
    (Content(pengembangan_kompetensi=PengembanganKompetensi(("RHK-01", "RHK-99"))),
     Content(pengembangan_kompetensi=PengembanganKompetensi(("RHK-01", "RHK-98"))),
     [("pengembangan_kompetensi", None, "RHK-99", None), ("pengembangan_kompetensi", None, None, "RHK-98")]),
    (Content(tugas_tambahan=TugasTambahan((WALAS,))), Content(tugas_tambahan=TugasTambahan((OTHER_DECREE, PIKET))),
     [("tugas_tambahan", "Wali Kelas", ("421/1", DAY), ("421/2", DAY)),
      ("tugas_tambahan", "Guru Piket", None, ("421/1", DAY))]),
    (Content(tugas_tambahan=TugasTambahan((Tugas("TT-OLD"),))), Content(),
     [("tugas_tambahan", "TT-OLD", NO_DECREE, None)]),
    (Content(perilaku_kerja=PerilakuKerja({"ZZ": "ZZ-1"})), Content(perilaku_kerja=PerilakuKerja({"ZZ": "ZZ-2"})),
     [("perilaku_kerja", "ZZ", "ZZ-1", "ZZ-2")]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), WORDS)
def test_change_is_described_by_labels_and_unknown_codes(
    old: Content, new: Content, expected: list[tuple[str, object, object, object]]
) -> None:
    assert describe(state(old), state(new)) == expected


def test_behaviour_is_described_with_its_aspek() -> None:
    aspek = catalog().perilaku[0]
    first, second = aspek.opsi[:2]
    old, new = (Content(perilaku_kerja=PerilakuKerja({aspek.code: opsi.code})) for opsi in (first, second))
    assert describe(state(old), state(new)) == [("perilaku_kerja", aspek.label, first.label, second.label)]


def test_data_diri_are_compared_by_value_not_by_source() -> None:
    level = catalog().jenjang_jabatan[0]
    old = state(
        pangkat_golongan=Fact("III/c", "dapodik:getGtk", NOW), nama=Fact("Ani", "dapodik:getGtk"),
        status_kepegawaian=Fact(Reference(1, "PNS")), jenis_ptk=Fact(Reference(3, None)),
    )  # fmt: skip
    new = state(
        pangkat_golongan=Fact("III/d", "teacher", NOW), nama=Fact("Ani", "teacher", NOW),
        jenjang_jabatan=Fact(level.code), status_kepegawaian=Fact(Reference(1, "PPPK")),
    )  # fmt: skip
    assert describe(old, new) == [
        ("data_diri", FIELD_LABELS["status_kepegawaian"], "PNS", "PPPK"),
        ("data_diri", FIELD_LABELS["jenis_ptk"], "3", None),
        ("data_diri", FIELD_LABELS["pangkat_golongan"], "III/c", "III/d"),
        ("data_diri", FIELD_LABELS["jenjang_jabatan"], None, level.label),
    ]


def test_moved_plan_shows_both_schools() -> None:
    moved_plan = replace(state(), school=replace(PLAN.school, npsn="99000003", nama="SMP NEGERI CONTOH 03"))
    assert describe(state(), moved_plan) == [
        (
            "data_diri",
            FIELD_LABELS["school"],
            "SD NEGERI CONTOH 01 (99000001)",
            "SMP NEGERI CONTOH 03 (99000003)",
        )
    ]


@given(contents)
def test_submission_is_read_as_it_was_stored(content: Content) -> None:
    plan = replace(PLAN, content=content)
    assert read_submission(content_text(plan).value, profile_text(plan).value) == state(content)
