from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.identity.people.model import Provenance, Row
from services.identity.registry.bundle import read_bundle
from services.identity.registry.diff import SchoolDiff, StoredSchool, compare_school
from tests.identity_samples import NPSN, OTHER_NPSN, bundle, envelope, gtk, ptk, sekolah

T0 = datetime(2024, 1, 5, 3, tzinfo=UTC)
T1 = T0 + timedelta(days=1)
NOTHING = StoredSchool(None, {}, [])


def _after(known: StoredSchool, diff: SchoolDiff) -> StoredSchool:
    """What is known once a difference is written."""
    written = {(row.facts.ptk_id, row.facts.npsn): row for row in (*known.assignments, *diff.assignments)}
    teachers = dict(known.teachers) | {one.facts.ptk_id: one for one in diff.teachers}
    return StoredSchool(diff.school, teachers, list(written.values()))


def _import(known: StoredSchool, at: datetime, *people: dict[str, Any], npsn: str = NPSN) -> SchoolDiff:
    return compare_school(
        read_bundle(bundle(*people, school=sekolah(npsn))), known, Provenance("dapodik", at)
    )


def test_the_first_import_is_all_new() -> None:
    report = _import(NOTHING, T0, gtk(1), gtk(2)).report
    assert [(item.kind, item.key) for item in report.new_items] == [
        ("school", NPSN),
        ("teacher", str(ptk(1))),
        ("teacher", str(ptk(2))),
    ]
    assert (report.changed_items, report.leavers, report.unchanged_count) == ((), (), 0)


def test_the_second_import_of_the_same_changes_nothing() -> None:
    known = _after(NOTHING, _import(NOTHING, T0, gtk(1), gtk(2)))
    diff = _import(known, T1, gtk(1), gtk(2))
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


def test_a_change_names_its_fields_and_dates_only_them() -> None:
    known = _after(NOTHING, _import(NOTHING, T0, gtk(1)))
    diff = _import(known, T1, gtk(1, nama="Nama Baru", jabatan_ptk_id="11"))
    assert [item.fields for item in diff.report.changed_items] == [("nama", "jabatan_ptk_id")]
    told = diff.teachers[0].provenance
    assert (told["nama"], told["nip"]) == (Provenance("dapodik:getGtk", T1), Provenance("dapodik:getGtk", T0))


def test_who_is_absent_from_a_complete_bundle_has_left_and_may_return() -> None:
    known = _after(NOTHING, _import(NOTHING, T0, gtk(1), gtk(2)))
    gone = _import(known, T1, gtk(1))
    assert [item.key for item in gone.report.leavers] == [str(ptk(2))]
    back = _import(_after(known, gone), T1, gtk(1), gtk(2))
    assert [item.key for item in back.report.new_items] == [str(ptk(2))]
    assert [row.left_at for row in back.assignments] == [None]


def test_nobody_leaves_by_an_incomplete_bundle_or_a_refused_row() -> None:
    known = _after(NOTHING, _import(NOTHING, T0, gtk(1), gtk(2)))
    partial = bundle() | {"getGtk": envelope([gtk(1)], 2)}
    assert compare_school(read_bundle(partial), known, Provenance("dapodik", T1)).report.leavers == ()
    assert _import(known, T1, gtk(1), gtk(2, nama=None)).report.leavers == ()


def test_nobody_leaves_by_an_empty_answer() -> None:
    known = _after(NOTHING, _import(NOTHING, T0, gtk(1), gtk(2)))
    report = _import(known, T1).report
    assert (report.leavers, report.is_complete) == ((), False)


def test_the_induk_school_speaks_for_a_person_at_several_schools() -> None:
    known = _after(NOTHING, _import(NOTHING, T0, gtk(1, nama="Nama Induk")))
    elsewhere = StoredSchool(None, known.teachers, known.assignments)
    other = _import(elsewhere, T1, gtk(1, nama="Nama Lain", ptk_induk="0"), npsn=OTHER_NPSN)
    assert (other.teachers, len(other.assignments)) == ((), 1)
    assert [item.key for item in other.report.new_items] == [OTHER_NPSN, str(ptk(1))]


def test_a_person_without_induk_anywhere_is_told_by_whoever_knows_them() -> None:
    first = _import(NOTHING, T0, gtk(1, nama="Nama Pertama", ptk_induk="0"))
    known = _after(NOTHING, first)
    later = _import(
        StoredSchool(None, known.teachers, known.assignments), T1, gtk(1, ptk_induk="0"), npsn=OTHER_NPSN
    )
    assert [one.facts.nama for one in later.teachers] == ["Guru Contoh 1"]


def test_of_two_induk_schools_the_younger_surat_tugas_counts_and_the_other_is_warned() -> None:
    known = _after(NOTHING, _import(NOTHING, T0, gtk(1, nama="Nama Tua", tanggal_surat_tugas="2020-01-01")))
    elsewhere = StoredSchool(None, known.teachers, known.assignments)
    moved = _import(elsewhere, T1, gtk(1, tanggal_surat_tugas="2023-07-01"), npsn=OTHER_NPSN)
    assert [one.facts.nama for one in moved.teachers] == ["Guru Contoh 1"]
    both = StoredSchool(known.school, {one.facts.ptk_id: one for one in moved.teachers},
                       [*known.assignments, *moved.assignments])  # fmt: skip
    again = _import(both, T1, gtk(1, nama="Nama Tua", tanggal_surat_tugas="2020-01-01"))
    assert again.teachers == ()
    assert [(warning.code, warning.params["npsn"]) for warning in again.report.warnings] == [
        ("induk.claimed_elsewhere", OTHER_NPSN)
    ]


def test_a_fact_recorded_later_is_not_overwritten_by_older_data() -> None:
    known = _after(NOTHING, _import(NOTHING, T1, gtk(1, nama="Nama Baru")))
    ended = [Row(row.facts, row.provenance, T1) for row in known.assignments]
    older = _import(StoredSchool(None, known.teachers, ended), T0, gtk(1, nama="Nama Lama"), npsn=OTHER_NPSN)
    assert older.teachers == ()


def test_flags_are_told_with_every_import() -> None:
    diff = _import(NOTHING, T0, gtk(1, nuptk="9999999999999900"))
    assert [(warning.code, warning.path) for warning in diff.report.warnings] == [
        ("nuptk.rounded", ("getGtk", str(ptk(1))))
    ]


def test_a_change_of_name_may_move_heads_and_a_change_of_rank_does_not() -> None:
    known = _after(NOTHING, _import(NOTHING, T0, gtk(1), gtk(2)))
    diff = _import(known, T1, gtk(1, nama="Nama Baru"), gtk(2, pangkat_golongan_terakhir="III/d"))
    assert diff.changed_people == {ptk(1), ptk(2)}
    assert diff.possible_heads == {ptk(1)}
