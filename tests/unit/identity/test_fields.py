from __future__ import annotations

import time
from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.registry.bundle import read_bundle
from services.identity.registry.fields import normalize_rank
from services.identity.registry.rows import Pengguna, Sekolah, read_gtk, read_row
from services.kit.problems import RequestRefused
from tests.identity_samples import bundle, gtk, refusal_of, sekolah

PLACE = ("getGtk", "rows", "0")

REFUSED_FIELDS = [
    ("nip", 198502032010012901, "identifier.number"),
    ("nuptk", 9999999999999901, "identifier.number"),
    ("nik", 9.9e15, "identifier.number"),
    ("nip", "1985", "nip.length"),
    ("nip", "19850203201001290X", "nip.length"),
    ("nip", "１９８５０２０３２０１００１２９０１", "nip.length"),
    ("nip", None, "nip.required"),
    ("nip", "-", "nip.required"),
    ("nuptk", "123", "nuptk.length"),
    ("nama", "Guru\x00Contoh", "field.unreadable_characters"),
    ("nama", "Guru\ud800", "field.unreadable_characters"),
    ("nama", "\u202e\u3164\u2800", "field.missing"),
    ("nama", "x" * 251, "field.too_long"),
    ("nama", 5, "field.not_text"),
    ("nama", None, "field.missing"),
    ("nama", "  ", "field.missing"),
    ("ptk_id", "33333333", "field.not_a_uuid"),
    ("ptk_id", None, "field.missing"),
    ("ptk_induk", "2", "field.not_yes_or_no"),
    ("ptk_induk", [], "field.not_yes_or_no"),
    ("tanggal_lahir", "03/02/1985", "field.not_a_date"),
    ("tanggal_lahir", "1985-02-30", "field.not_a_date"),
    ("tanggal_lahir", "0001-01-01", "field.not_a_date"),
    ("tanggal_lahir", "19850203", "field.not_a_date"),
    ("tanggal_lahir", "1985-W05-7", "field.not_a_date"),
    ("tanggal_lahir", "١٩٨٥-٠٢-٠٣", "field.not_a_date"),
    ("tanggal_lahir", "1985-02-03 99:99", "field.not_a_date"),
    ("tanggal_lahir", "1985-02-02 17:00:00", "field.not_a_date"),
    ("tanggal_lahir", "0001-01-01T00:00:00+14:00", "field.not_a_date"),
    ("status_kepegawaian_id", "satu", "field.not_a_number"),
    ("status_kepegawaian_id", True, "field.not_text"),
    ("jenis_ptk_id", 3.5, "field.not_text"),
]


@pytest.mark.parametrize(("name", "value", "code"), REFUSED_FIELDS)
def test_wrong_field_is_refused_with_code_and_place(name: str, value: Any, code: str) -> None:
    with pytest.raises(RequestRefused) as refusal:
        read_gtk(gtk(**{name: value}), PLACE)
    assert [(problem.code, problem.path) for problem in refusal.value.problems] == [(code, (*PLACE, name))]


def test_every_wrong_field_of_a_row_is_reported() -> None:
    with pytest.raises(RequestRefused) as refusal:
        read_gtk(gtk(nip=1, nama=None, ptk_induk="x"), PLACE)
    assert {problem.path[-1] for problem in refusal.value.problems} == {"nip", "nama", "ptk_induk"}


@pytest.mark.parametrize(
    ("name", "value", "attribute", "expected"),
    [
        ("jenis_ptk_id", 4, "jenis_ptk_id", "4"),
        ("jenis_ptk_id", "4", "jenis_ptk_id", "4"),
        ("status_kepegawaian_id", "1", "status_kepegawaian_id", 1),
        ("tanggal_lahir", "1985-02-03 00:00:00", "tanggal_lahir", date(1985, 2, 3)),
        ("tanggal_lahir", "1985-02-02T17:00:00.000Z", "tanggal_lahir", date(1985, 2, 3)),  # WIB
        ("tanggal_lahir", "1985-02-02T16:00:00.000Z", "tanggal_lahir", date(1985, 2, 3)),  # WITA
        ("tanggal_lahir", "1985-02-02T15:00:00Z", "tanggal_lahir", date(1985, 2, 3)),  # WIT
        ("tanggal_lahir", "1985-02-03T00:00:00+07:00", "tanggal_lahir", date(1985, 2, 3)),
        ("tanggal_lahir", "1985-02-03T08:15:00Z", "tanggal_lahir", date(1985, 2, 3)),
        ("tanggal_lahir", "1955-02-02 16:30:00+00:00", "tanggal_lahir", date(1955, 2, 3)),  # WIB of that year
        ("tanggal_lahir", "0000-00-00", "tanggal_lahir", None),
        ("tanggal_lahir", "", "tanggal_lahir", None),
        ("nip", "19850203 201001 2 901", "nip", "198502032010012901"),
        ("nuptk", "-", "nuptk", None),
        ("nuptk", "", "nuptk", None),
        ("nama", "  Guru\n  Contoh ", "nama", "Guru Contoh"),
        ("nama", "Ren\u0065\u0301", "nama", "Ren\u00e9"),
        ("nama", "\u202eBima\u200b \u3164Con\u00adtoh\u2069", "nama", "Bima Contoh"),
    ],
)
def test_spellings_of_a_value_are_equal(name: str, value: Any, attribute: str, expected: Any) -> None:
    assert getattr(read_gtk(gtk(**{name: value}), PLACE).to_teacher(), attribute) == expected


@pytest.mark.parametrize("induk", ["1", 1, True])
def test_ptk_induk_may_be_a_string_a_number_or_a_boolean(induk: Any) -> None:
    assert read_gtk(gtk(ptk_induk=induk), PLACE).to_assignment("99000001").induk


def test_uuid_is_equal_in_upper_and_lower_case() -> None:
    upper = gtk(ptk_id="AAAAAAAA-3333-4333-8333-00000000000A")
    lower = gtk(ptk_id="aaaaaaaa-3333-4333-8333-00000000000a")
    assert read_gtk(upper, PLACE).ptk_id == read_gtk(lower, PLACE).ptk_id


@pytest.mark.parametrize("npsn", ["99000001", "P9912345", "p9912345", " 99000001 ", "6990000A"])
def test_npsn_has_eight_characters(npsn: str) -> None:
    assert read_row(Sekolah, sekolah(npsn), PLACE).npsn == npsn.strip().upper()


@pytest.mark.parametrize("npsn", ["9900001", "X9000001", "990000011", "", "٩٩٠٠٠٠٠١"])
def test_malformed_npsn_is_refused(npsn: str) -> None:
    with pytest.raises(RequestRefused) as refusal:
        read_row(Sekolah, sekolah(npsn), PLACE)
    assert [problem.code for problem in refusal.value.problems] == ["npsn.pattern"]


def test_npsn_as_a_number_is_refused() -> None:
    with pytest.raises(RequestRefused) as refusal:
        read_row(Sekolah, sekolah(npsn=99000001), PLACE)  # type: ignore[arg-type]  # what a payload may hold
    assert [problem.code for problem in refusal.value.problems] == ["identifier.number"]


@pytest.mark.parametrize("status", [10, 11, 4, 8, None])
def test_nip_is_optional_for_others_than_civil_servants(status: int | None) -> None:
    assert read_gtk(gtk(nip=None, status_kepegawaian_id=status), PLACE).nip is None


FLAGS = [
    ({}, ()),
    ({"nip": "198502032010012000"}, ("nip.rounded",)),
    ({"nip": "198502042010012901"}, ("nip.birth_date",)),
    ({"nip": "198502032010212901"}, ("nip.structure",)),
    ({"nip": "198502032022212901", "status_kepegawaian_id": 11}, ()),
    ({"nuptk": "9999999999999900"}, ("nuptk.rounded",)),
    ({"nik": "9901014302850000"}, ("nik.rounded",)),
    ({"nik": "9901010302850001"}, ()),
    ({"nik": "9901019902850001"}, ("nik.structure",)),
    ({"nik": "A1234567"}, ()),
    ({"nik": "123"}, ("nik.structure",)),
    ({"nik": None}, ()),
    ({"pangkat_golongan_terakhir": "Penata"}, ("pangkat.unreadable",)),
    ({"pangkat_golongan_terakhir": 5}, ("pangkat.unreadable",)),
    ({"rwy_kepangkatan": [7]}, ("pangkat.history",)),
]


@pytest.mark.parametrize(("changes", "flags"), FLAGS)
def test_doubtful_numbers_are_flagged_and_accepted(changes: dict[str, Any], flags: tuple[str, ...]) -> None:
    assert read_gtk(gtk(**changes), PLACE).to_teacher().flags == flags


def _rank(tmt: str | None, rank: str) -> dict[str, Any]:
    return {"riwayat_kepangkatan_id": "x", "tmt_pangkat": tmt, "pangkat_golongan_id_str": rank}


@pytest.mark.parametrize(
    ("history", "last", "rank"),
    [
        (
            [_rank("2016-04-01", "III/b"), _rank("2020-04-01", "III/c"), _rank("2012-04-01", "III/a")],
            "III/a",
            "III/c",
        ),
        ([], "III/c", "III/c"),
        (None, "iv / B", "IV/b"),
        ([], "-", None),
        ([], None, None),
        ([_rank(None, "IV/a")], "III/d", "III/d"),
        ([], "IX", "IX"),
        ([], "XVIII", None),
        ({"not": "a list"}, "III/a", "III/a"),
        ({"1": _rank("2012-04-01", "III/a"), "3": _rank("2020-04-01", "III/c")}, "III/a", "III/c"),
    ],
)
def test_rank_is_the_latest_of_the_history_or_the_last_value(
    history: Any, last: Any, rank: str | None
) -> None:
    row = gtk(rwy_kepangkatan=history, pangkat_golongan_terakhir=last)
    assert read_gtk(row, PLACE).to_teacher().pangkat_golongan == rank


def test_rank_of_any_length_is_read_in_no_time() -> None:
    start = time.perf_counter()
    assert normalize_rank("I" + " " * 200_000 + "x") is None  # took minutes
    assert time.perf_counter() - start < 1


def test_facts_that_planning_does_not_need_are_dropped() -> None:
    bundle_read = read_bundle(bundle(gtk(nik="9901014302850001", no_hp="0811", alamat_jalan="Jl. Rahasia 5")))
    text = repr(bundle_read.people)
    assert "9901014302850001" not in text
    assert "Rahasia" not in text
    assert "Islam" not in text
    assert "9901014302850001" not in repr(read_gtk(gtk(), PLACE))


@given(
    st.dictionaries(
        st.sampled_from(sorted(gtk())),
        st.none() | st.integers() | st.text() | st.floats() | st.lists(st.text()),
    )
)
def test_any_value_is_read_or_refused_without_being_shown(changes: dict[str, Any]) -> None:
    refusal = refusal_of(read_gtk, gtk() | changes, PLACE)
    if refusal:
        assert all(problem.params.keys() <= {"field", "character"} for problem in refusal.problems)
        assert refusal.__cause__ is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_as_a_row_is_read_or_refused(row: Any) -> None:
    for read_value in (read_gtk, partial(read_row, Sekolah), partial(read_row, Pengguna)):
        refusal = refusal_of(read_value, row, PLACE)
        assert refusal is None or refusal.problems
