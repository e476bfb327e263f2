from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.people.model import Provenance, Row, find_induk
from services.identity.registry.bundle import read_bundle
from services.identity.registry.diff import SchoolDiff, SchoolSnapshot, compare_school, refuse_future
from tests.identity_samples import NPSN, OTHER_NPSN, bundle, gtk, ptk, sekolah

T0 = datetime(2024, 1, 5, 3, tzinfo=UTC)
EMPTY = SchoolSnapshot(None, {}, [])
CLAIM = gtk(1, nama="Nama Lain", nip="198502032010012777", tanggal_surat_tugas="2024-01-04")


def compare_person(
    snapshot: SchoolSnapshot, npsn: str, person: dict[str, Any], *, is_push: bool
) -> SchoolDiff:
    """Compare a bundle of a school with the stored person."""
    bundle_read = read_bundle(bundle(person, school=sekolah(npsn)))
    school = snapshot.school if snapshot.school and snapshot.school.facts.npsn == npsn else None
    return compare_school(
        bundle_read,
        SchoolSnapshot(school, snapshot.teachers, snapshot.assignments),
        Provenance("dapodik", T0),
        T0,
        is_push=is_push,
    )


def apply_diff(snapshot: SchoolSnapshot, diff: SchoolDiff) -> SchoolSnapshot:
    rows = {(row.facts.ptk_id, row.facts.npsn): row for row in (*snapshot.assignments, *diff.assignments)}
    return SchoolSnapshot(
        diff.school,
        dict(snapshot.teachers) | {one.facts.ptk_id: one for one in diff.teachers},
        list(rows.values()),
    )


def _induk(snapshot: SchoolSnapshot) -> str | None:
    return find_induk([row for row in snapshot.assignments if row.facts.ptk_id == ptk(1)])


def _name(snapshot: SchoolSnapshot) -> str:
    return snapshot.teachers[ptk(1)].facts.nama


def _warnings(diff: SchoolDiff) -> Iterable[tuple[str, object]]:
    return [(warning.code, warning.params.get("npsn")) for warning in diff.report.warnings]


PERSON_AT_INDUK = apply_diff(EMPTY, compare_person(EMPTY, NPSN, gtk(1, nama="Nama Induk"), is_push=True))


def test_push_takes_nobody_from_another_sekolah_induk() -> None:
    diff = compare_person(PERSON_AT_INDUK, OTHER_NPSN, CLAIM, is_push=True)
    snapshot = apply_diff(PERSON_AT_INDUK, diff)
    assert (_induk(snapshot), _name(snapshot), snapshot.teachers[ptk(1)]) == (
        NPSN,
        "Nama Induk",
        PERSON_AT_INDUK.teachers[ptk(1)],
    )
    assert _warnings(diff) == [("induk.claim_refused", NPSN)]
    again = compare_person(snapshot, OTHER_NPSN, CLAIM, is_push=True)
    assert (again.assignments, again.teachers) == ((), ())
    assert _warnings(again) == [("induk.claim_refused", NPSN)]


def test_file_moves_a_person_with_a_warning() -> None:
    diff = compare_person(PERSON_AT_INDUK, OTHER_NPSN, CLAIM, is_push=False)
    snapshot = apply_diff(PERSON_AT_INDUK, diff)
    assert (_induk(snapshot), _name(snapshot)) == (OTHER_NPSN, "Nama Lain")
    assert _warnings(diff) == [("induk.taken_over", NPSN)]
    assert _warnings(compare_person(snapshot, OTHER_NPSN, CLAIM, is_push=False)) == []


def test_push_of_the_former_school_cannot_take_a_person_back() -> None:
    snapshot = apply_diff(PERSON_AT_INDUK, compare_person(PERSON_AT_INDUK, OTHER_NPSN, CLAIM, is_push=False))
    back = compare_person(
        snapshot, NPSN, gtk(1, nama="Nama Induk", tanggal_surat_tugas="2024-01-05"), is_push=True
    )
    assert (_induk(apply_diff(snapshot, back)), _name(apply_diff(snapshot, back))) == (
        OTHER_NPSN,
        "Nama Lain",
    )
    assert _warnings(back) == [("induk.claim_refused", OTHER_NPSN)]


@pytest.mark.parametrize("release", ["ptk_induk", "left"])
def test_push_may_claim_a_released_person(release: str) -> None:
    snapshot_after = apply_diff(
        PERSON_AT_INDUK, compare_person(PERSON_AT_INDUK, OTHER_NPSN, CLAIM, is_push=True)
    )
    if release == "left":
        rows = [
            Row(row.facts, row.provenance, T0 if row.facts.npsn == NPSN else None)
            for row in snapshot_after.assignments
        ]
        free = SchoolSnapshot(snapshot_after.school, snapshot_after.teachers, rows)
    else:
        free = apply_diff(
            snapshot_after, compare_person(snapshot_after, NPSN, gtk(1, ptk_induk="0"), is_push=True)
        )
    assert _induk(free) is None
    diff = compare_person(free, OTHER_NPSN, CLAIM, is_push=True)
    assert (_induk(apply_diff(free, diff)), _name(apply_diff(free, diff))) == (OTHER_NPSN, "Nama Lain")
    assert _warnings(diff) == []


def test_push_does_not_rename_a_person_without_an_induk() -> None:
    free = apply_diff(
        PERSON_AT_INDUK,
        compare_person(PERSON_AT_INDUK, NPSN, gtk(1, nama="Nama Induk", ptk_induk="0"), is_push=True),
    )
    row = gtk(1, nama="Nama Lain", ptk_induk="0")
    assert _name(apply_diff(free, compare_person(free, OTHER_NPSN, row, is_push=True))) == "Nama Induk"
    assert _name(apply_diff(free, compare_person(free, OTHER_NPSN, row, is_push=False))) == "Nama Lain"


pushes = st.lists(
    st.tuples(
        st.sampled_from(["99000003", OTHER_NPSN]),
        st.sampled_from(["0", "1"]),
        st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)).map(str),
    ),
    max_size=6,
)


@given(pushes)
def test_pushes_of_other_schools_do_not_move_a_person(pushed_rows: list[tuple[str, str, str | None]]) -> None:
    snapshot = PERSON_AT_INDUK
    for npsn, induk, since in pushed_rows:
        person = gtk(1, nama=npsn, ptk_induk=induk, tanggal_surat_tugas=since)
        snapshot = apply_diff(snapshot, compare_person(snapshot, npsn, person, is_push=True))
    assert (_induk(snapshot), _name(snapshot)) == (NPSN, "Nama Induk")


@pytest.mark.parametrize(
    ("as_of", "since", "is_refused"),
    [
        (T0, "2024-01-05", False),
        (T0, "2024-01-06", True),
        (T0, "2099-12-31", True),
        (T0, None, False),
        (T0.replace(hour=15), "2024-01-06", False),  # in Papua that day has begun
        (T0 - timedelta(days=1), "2024-01-05", True),
    ],
)
def test_surat_tugas_later_than_the_data_is_refused(
    as_of: datetime, since: str | None, is_refused: bool
) -> None:
    bundle_read = refuse_future(read_bundle(bundle(gtk(1, tanggal_surat_tugas=since), gtk(2))), as_of)
    assert set(bundle_read.people) == ({ptk(2)} if is_refused else {ptk(1), ptk(2)})
    assert ptk(1) in bundle_read.present_ids
    assert [(one.code, one.path) for one in bundle_read.problems] == (
        [("field.in_the_future", ("getGtk", str(ptk(1)), "tanggal_surat_tugas"))] if is_refused else []
    )
