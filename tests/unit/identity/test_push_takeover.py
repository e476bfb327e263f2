from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.people.model import Provenance, Row, find_induk
from services.identity.registry.bundle import read_bundle
from services.identity.registry.diff import SchoolDiff, StoredSchool, compare_school, refuse_future
from tests.identity_samples import NPSN, OTHER_NPSN, bundle, gtk, ptk, sekolah

T0 = datetime(2024, 1, 5, 3, tzinfo=UTC)
NOTHING = StoredSchool(None, {}, [])
CLAIM = gtk(1, nama="Nama Lain", nip="198502032010012777", tanggal_surat_tugas="2024-01-04")


def _told(known: StoredSchool, npsn: str, person: dict[str, Any], *, pushed: bool) -> SchoolDiff:
    """What a bundle of one school makes of what is known of the person; `school` of another school is left out."""
    read = read_bundle(bundle(person, school=sekolah(npsn)))
    school = known.school if known.school and known.school.facts.npsn == npsn else None
    return compare_school(
        read,
        StoredSchool(school, known.teachers, known.assignments),
        Provenance("dapodik", T0),
        is_push=pushed,
    )


def _after(known: StoredSchool, diff: SchoolDiff) -> StoredSchool:
    written = {(row.facts.ptk_id, row.facts.npsn): row for row in (*known.assignments, *diff.assignments)}
    return StoredSchool(
        diff.school,
        dict(known.teachers) | {one.facts.ptk_id: one for one in diff.teachers},
        list(written.values()),
    )


def _induk(known: StoredSchool) -> str | None:
    return find_induk([row for row in known.assignments if row.facts.ptk_id == ptk(1)])


def _name(known: StoredSchool) -> str:
    return known.teachers[ptk(1)].facts.nama


def _warnings(diff: SchoolDiff) -> Iterable[tuple[str, object]]:
    return [(warning.code, warning.params.get("npsn")) for warning in diff.report.warnings]


HERE = _after(NOTHING, _told(NOTHING, NPSN, gtk(1, nama="Nama Induk"), pushed=True))


def test_a_push_takes_nobody_from_another_sekolah_induk() -> None:
    diff = _told(HERE, OTHER_NPSN, CLAIM, pushed=True)
    known = _after(HERE, diff)
    assert (_induk(known), _name(known), known.teachers[ptk(1)]) == (
        NPSN,
        "Nama Induk",
        HERE.teachers[ptk(1)],
    )
    assert _warnings(diff) == [("induk.claim_refused", NPSN)]
    again = _told(known, OTHER_NPSN, CLAIM, pushed=True)
    assert (again.assignments, again.teachers) == ((), ())
    assert _warnings(again) == [("induk.claim_refused", NPSN)]


def test_a_file_of_an_operator_moves_a_person_and_says_so() -> None:
    diff = _told(HERE, OTHER_NPSN, CLAIM, pushed=False)
    known = _after(HERE, diff)
    assert (_induk(known), _name(known)) == (OTHER_NPSN, "Nama Lain")
    assert _warnings(diff) == [("induk.taken_over", NPSN)]
    assert _warnings(_told(known, OTHER_NPSN, CLAIM, pushed=False)) == []


def test_after_a_file_moved_a_person_the_former_school_cannot_push_them_back() -> None:
    moved = _after(HERE, _told(HERE, OTHER_NPSN, CLAIM, pushed=False))
    back = _told(moved, NPSN, gtk(1, nama="Nama Induk", tanggal_surat_tugas="2024-01-05"), pushed=True)
    assert (_induk(_after(moved, back)), _name(_after(moved, back))) == (OTHER_NPSN, "Nama Lain")
    assert _warnings(back) == [("induk.claim_refused", OTHER_NPSN)]


@pytest.mark.parametrize("released", ["ptk_induk", "left"])
def test_a_push_may_claim_whom_the_other_school_released(released: str) -> None:
    claimed = _after(HERE, _told(HERE, OTHER_NPSN, CLAIM, pushed=True))
    if released == "left":
        rows = [
            Row(row.facts, row.provenance, T0 if row.facts.npsn == NPSN else None)
            for row in claimed.assignments
        ]
        free = StoredSchool(claimed.school, claimed.teachers, rows)
    else:
        free = _after(claimed, _told(claimed, NPSN, gtk(1, ptk_induk="0"), pushed=True))
    assert _induk(free) is None
    diff = _told(free, OTHER_NPSN, CLAIM, pushed=True)
    assert (_induk(_after(free, diff)), _name(_after(free, diff))) == (OTHER_NPSN, "Nama Lain")
    assert _warnings(diff) == []


def test_without_a_sekolah_induk_no_push_renames_a_person() -> None:
    free = _after(HERE, _told(HERE, NPSN, gtk(1, nama="Nama Induk", ptk_induk="0"), pushed=True))
    other = gtk(1, nama="Nama Lain", ptk_induk="0")
    assert _name(_after(free, _told(free, OTHER_NPSN, other, pushed=True))) == "Nama Induk"
    assert _name(_after(free, _told(free, OTHER_NPSN, other, pushed=False))) == "Nama Lain"


pushes = st.lists(
    st.tuples(
        st.sampled_from(["99000003", OTHER_NPSN]),
        st.sampled_from(["0", "1"]),
        st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)).map(str),
    ),
    max_size=6,
)


@given(pushes)
def test_nothing_that_other_schools_push_moves_a_person(told: list[tuple[str, str, str | None]]) -> None:
    known = HERE
    for npsn, induk, since in told:
        person = gtk(1, nama=npsn, ptk_induk=induk, tanggal_surat_tugas=since)
        known = _after(known, _told(known, npsn, person, pushed=True))
    assert (_induk(known), _name(known)) == (NPSN, "Nama Induk")


@pytest.mark.parametrize(
    ("as_of", "since", "refused"),
    [
        (T0, "2024-01-05", False),
        (T0, "2024-01-06", True),
        (T0, "2099-12-31", True),
        (T0, None, False),
        (T0.replace(hour=15), "2024-01-06", False),  # in Papua that day has begun
        (T0 - timedelta(days=1), "2024-01-05", True),
    ],
)
def test_a_surat_tugas_later_than_the_data_is_refused(
    as_of: datetime, since: str | None, refused: bool
) -> None:
    read = refuse_future(read_bundle(bundle(gtk(1, tanggal_surat_tugas=since), gtk(2))), as_of)
    assert set(read.people) == ({ptk(2)} if refused else {ptk(1), ptk(2)})
    assert ptk(1) in read.present_ids
    assert [(one.code, one.path) for one in read.problems] == (
        [("field.in_the_future", ("getGtk", str(ptk(1)), "tanggal_surat_tugas"))] if refused else []
    )
