from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.identity.people.model import Provenance, Row
from services.identity.registry.bundle import read_bundle
from services.identity.registry.diff import SchoolDiff, SchoolSnapshot, compare_school
from tests.identity_samples import NPSN, OTHER_NPSN, bundle, envelope, gtk, ptk, sekolah

T0 = datetime(2024, 1, 5, 3, tzinfo=UTC)
T1 = T0 + timedelta(days=1)
EMPTY = SchoolSnapshot(None, {}, [])


def apply_diff(snapshot: SchoolSnapshot, diff: SchoolDiff) -> SchoolSnapshot:
    """Return the stored school after a difference is written."""
    rows = {(row.facts.ptk_id, row.facts.npsn): row for row in (*snapshot.assignments, *diff.assignments)}
    teachers = dict(snapshot.teachers) | {one.facts.ptk_id: one for one in diff.teachers}
    return SchoolSnapshot(diff.school, teachers, list(rows.values()))


def _import(snapshot: SchoolSnapshot, at: datetime, *people: dict[str, Any], npsn: str = NPSN) -> SchoolDiff:
    return compare_school(
        read_bundle(bundle(*people, school=sekolah(npsn))), snapshot, Provenance("dapodik", at), max(at, T1)
    )


def test_first_import_is_all_new() -> None:
    report = _import(EMPTY, T0, gtk(1), gtk(2)).report
    assert [(item.kind, item.key) for item in report.new_items] == [
        ("school", NPSN),
        ("teacher", str(ptk(1))),
        ("teacher", str(ptk(2))),
    ]
    assert (report.changed_items, report.leavers, report.unchanged_count) == ((), (), 0)


def test_second_import_of_equal_data_changes_nothing() -> None:
    snapshot = apply_diff(EMPTY, _import(EMPTY, T0, gtk(1), gtk(2)))
    diff = _import(snapshot, T1, gtk(1), gtk(2))
    assert (diff.teachers, diff.assignments, diff.changed_people, diff.is_school_changed) == (
        (),
        (),
        frozenset(),
        False,
    )
    assert (
        diff.report.new_items,
        diff.report.changed_items,
        diff.report.leavers,
        diff.report.unchanged_count,
    ) == ((), (), (), 3)


def test_only_changed_fields_get_a_new_provenance() -> None:
    snapshot = apply_diff(EMPTY, _import(EMPTY, T0, gtk(1)))
    diff = _import(snapshot, T1, gtk(1, nama="Nama Baru", jabatan_ptk_id="11"))
    assert [item.fields for item in diff.report.changed_items] == [("nama", "jabatan_ptk_id")]
    provenance = diff.teachers[0].provenance
    assert (provenance["nama"], provenance["nip"]) == (
        Provenance("dapodik:getGtk", T1),
        Provenance("dapodik:getGtk", T0),
    )


def test_person_missing_from_a_complete_bundle_leaves_and_may_return() -> None:
    snapshot = apply_diff(EMPTY, _import(EMPTY, T0, gtk(1), gtk(2)))
    departure = _import(snapshot, T1, gtk(1))
    assert [item.key for item in departure.report.leavers] == [str(ptk(2))]
    back = _import(apply_diff(snapshot, departure), T1, gtk(1), gtk(2))
    assert [item.key for item in back.report.new_items] == [str(ptk(2))]
    assert [row.left_at for row in back.assignments] == [None]


def test_incomplete_bundle_or_refused_row_marks_nobody_as_left() -> None:
    snapshot = apply_diff(EMPTY, _import(EMPTY, T0, gtk(1), gtk(2)))
    partial = bundle() | {"getGtk": envelope([gtk(1)], 2)}
    assert compare_school(read_bundle(partial), snapshot, Provenance("dapodik", T1), T1).report.leavers == ()
    assert _import(snapshot, T1, gtk(1), gtk(2, nama=None)).report.leavers == ()


def test_empty_response_marks_nobody_as_left() -> None:
    snapshot = apply_diff(EMPTY, _import(EMPTY, T0, gtk(1), gtk(2)))
    report = _import(snapshot, T1).report
    assert (report.leavers, report.is_complete) == ((), False)


def test_facts_come_from_the_induk_school() -> None:
    snapshot = apply_diff(EMPTY, _import(EMPTY, T0, gtk(1, nama="Nama Induk")))
    elsewhere = SchoolSnapshot(None, snapshot.teachers, snapshot.assignments)
    diff_of_other_school = _import(elsewhere, T1, gtk(1, nama="Nama Lain", ptk_induk="0"), npsn=OTHER_NPSN)
    assert (diff_of_other_school.teachers, len(diff_of_other_school.assignments)) == ((), 1)
    assert [item.key for item in diff_of_other_school.report.new_items] == [OTHER_NPSN, str(ptk(1))]


def test_facts_without_an_induk_come_from_any_school() -> None:
    first = _import(EMPTY, T0, gtk(1, nama="Nama Pertama", ptk_induk="0"))
    snapshot = apply_diff(EMPTY, first)
    later = _import(
        SchoolSnapshot(None, snapshot.teachers, snapshot.assignments),
        T1,
        gtk(1, ptk_induk="0"),
        npsn=OTHER_NPSN,
    )
    assert [one.facts.nama for one in later.teachers] == ["Guru Contoh 1"]


def test_later_surat_tugas_decides_between_two_induk_schools() -> None:
    snapshot = apply_diff(
        EMPTY, _import(EMPTY, T0, gtk(1, nama="Nama Tua", tanggal_surat_tugas="2020-01-01"))
    )
    elsewhere = SchoolSnapshot(None, snapshot.teachers, snapshot.assignments)
    transfer = _import(elsewhere, T1, gtk(1, tanggal_surat_tugas="2023-07-01"), npsn=OTHER_NPSN)
    assert [one.facts.nama for one in transfer.teachers] == ["Guru Contoh 1"]
    both = SchoolSnapshot(snapshot.school, {one.facts.ptk_id: one for one in transfer.teachers},
                       [*snapshot.assignments, *transfer.assignments])  # fmt: skip
    again = _import(both, T1, gtk(1, nama="Nama Tua", tanggal_surat_tugas="2020-01-01"))
    assert again.teachers == ()
    assert [(warning.code, warning.params["npsn"]) for warning in again.report.warnings] == [
        ("induk.claimed_elsewhere", OTHER_NPSN)
    ]


def test_older_data_do_not_overwrite_a_fact() -> None:
    snapshot = apply_diff(EMPTY, _import(EMPTY, T1, gtk(1, nama="Nama Baru")))
    former_assignments = [Row(row.facts, row.provenance, T1) for row in snapshot.assignments]
    older = _import(
        SchoolSnapshot(None, snapshot.teachers, former_assignments),
        T0,
        gtk(1, nama="Nama Lama"),
        npsn=OTHER_NPSN,
    )
    assert older.teachers == ()


def test_flags_are_reported_by_every_import() -> None:
    diff = _import(EMPTY, T0, gtk(1, nuptk="9999999999999900"))
    assert [(warning.code, warning.path) for warning in diff.report.warnings] == [
        ("nuptk.rounded", ("getGtk", str(ptk(1))))
    ]


def test_changed_name_affects_heads_and_changed_rank_does_not() -> None:
    snapshot = apply_diff(EMPTY, _import(EMPTY, T0, gtk(1), gtk(2)))
    diff = _import(snapshot, T1, gtk(1, nama="Nama Baru"), gtk(2, pangkat_golongan_terakhir="III/d"))
    assert diff.changed_people == {ptk(1), ptk(2)}
    assert diff.possible_heads == {ptk(1)}
