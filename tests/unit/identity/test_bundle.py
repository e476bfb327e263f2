from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.registry.bundle import Bundle, read_bundle
from services.identity.registry.json_input import read_json
from services.kit.problems import RequestRefused
from tests.identity_samples import (
    NPSN,
    PASSWORD,
    as_bytes,
    bundle,
    envelope,
    gtk,
    pengguna,
    ptk,
    refusal_of,
    sekolah,
)


def _read(gtk_value: Any, **more: Any) -> Bundle:
    return read_bundle({"getSekolah": envelope(sekolah()), "getGtk": gtk_value, **more})


TWO = [gtk(1), gtk(2)]
SHAPES: list[tuple[str, Any, bool]] = [
    ("one envelope", envelope(TWO), True),
    ("results as a string", envelope(TWO, "2"), True),
    ("data instead of rows", {"results": 2, "data": TWO}, True),
    ("a bare array announces nothing", TWO, False),
    ("pages", [envelope(TWO[:1], 2), envelope(TWO[1:], 2)], True),
    ("pages that overlap", [envelope(TWO, 2), envelope(TWO[1:], 2)], True),
    ("the first of two pages", envelope(TWO, 3), False),
    ("pages that overlap and lack one", [envelope(TWO, 3), envelope(TWO[1:], 3)], False),
    ("a limit below the number of rows", envelope(TWO, limit=1), True),
    ("no total", {"rows": TWO}, False),
    ("a list with gaps, as PHP writes it", {"results": 2, "rows": {"10": gtk(2), "9": gtk(1)}}, True),
    ("a bare list with gaps", {"0": gtk(1), "2": gtk(2)}, False),
    ("pages with gaps", {"0": envelope(TWO[:1], 2), "3": envelope(TWO[1:], 2)}, True),
]


@pytest.mark.parametrize(
    ("value", "complete"), [shape[1:] for shape in SHAPES], ids=[shape[0] for shape in SHAPES]
)
def test_every_shape_of_a_response_gives_the_same_people(value: Any, complete: bool) -> None:
    bundle_read = _read(value)
    assert set(bundle_read.people) == {ptk(1), ptk(2)}
    assert (bundle_read.is_complete, bundle_read.problems) == (complete, ())


def test_single_object_in_rows_is_one_row() -> None:
    assert set(_read(envelope(gtk(1))).people) == {ptk(1)}


def test_get_sekolah_may_be_an_object_an_array_or_bare() -> None:
    shapes = [envelope(sekolah()), envelope([sekolah()]), sekolah(), [sekolah()], {"data": sekolah()}]
    assert {read_bundle({"getSekolah": shape, "getGtk": envelope([])}).school.npsn for shape in shapes} == {
        NPSN
    }


def test_bundle_without_get_gtk_is_incomplete() -> None:
    bundle_read = read_bundle({"getSekolah": envelope(sekolah())})
    assert (bundle_read.people, bundle_read.is_complete) == ({}, False)


ERRORS = [
    ({"success": False, "http_code": 403, "status_code": "Forbidden",
      "message": "Aplikasi tidak terdaftar pada Web Service Dapodik"}, "dapodik.not_registered"),
    ("Access denied - You are not authorized to access this page. #1", "dapodik.denied"),
    ("Parameter NPSN harap diisi", "dapodik.npsn_not_asked"),
    ("Sekolah tidak ditemukan", "dapodik.school_not_found"),
    ({"success": False}, "dapodik.error_answer"),
    ("<html>", "dapodik.error_answer"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "code"), ERRORS)
def test_error_response_of_dapodik_is_refused_at_every_place(answer: Any, code: str) -> None:
    for value in (
        answer,
        {"getSekolah": answer},
        {"getSekolah": envelope(sekolah()), "getGtk": answer},
        {"getSekolah": envelope(sekolah()), "getGtk": [envelope(TWO, 3), answer]},
    ):
        with pytest.raises(RequestRefused) as refusal:
            read_bundle(value)
        assert [problem.code for problem in refusal.value.problems] == [code]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "bundle.no_school"),
        (5, "bundle.no_school"),
        ({}, "bundle.no_school"),
        ({"getSekolah": None}, "bundle.not_one_school"),
        ({"getSekolah": envelope([sekolah(), sekolah()])}, "bundle.not_one_school"),
        ({"getSekolah": {"rows": 7}}, "dapodik.rows_unreadable"),
    ],
)
def test_bundle_without_a_school_is_refused(value: Any, code: str) -> None:
    with pytest.raises(RequestRefused) as refusal:
        read_bundle(value)
    assert [problem.code for problem in refusal.value.problems] == [code]


def test_bad_row_is_refused_and_its_person_stays_present() -> None:
    bundle_read = _read(envelope([gtk(1), gtk(2, nip=5), gtk(3)]))
    assert set(bundle_read.people) == {ptk(1), ptk(3)}
    assert bundle_read.present_ids == {ptk(1), ptk(2), ptk(3)}
    assert [(problem.code, problem.path) for problem in bundle_read.problems] == [
        ("identifier.number", ("getGtk", "rows", "1", "nip"))
    ]
    assert bundle_read.is_complete


def test_row_without_a_readable_ptk_id_makes_the_bundle_incomplete() -> None:
    assert not _read(envelope([gtk(1), gtk(2, ptk_id="?")])).is_complete
    assert not _read(envelope([gtk(1), 5])).is_complete


def test_different_rows_of_one_person_and_year_are_refused() -> None:
    bundle_read = _read(envelope([gtk(1), gtk(1, nama="Lain"), gtk(2)], 2))
    assert set(bundle_read.people) == {ptk(2)}
    assert [problem.code for problem in bundle_read.problems] == ["row.contradicts"] * 2
    assert ptk(1) in bundle_read.present_ids


def test_row_of_the_latest_school_year_counts() -> None:
    old = gtk(1, tahun_ajaran_id="2022", nama="Nama Lama", ptk_terdaftar_id=None)
    assert _read(envelope([old, gtk(1)])).people[ptk(1)][0].nama == "Guru Contoh 1"


def test_password_is_not_read(caplog: pytest.LogCaptureFixture) -> None:
    users = [
        pengguna(1, PassWord=PASSWORD, kata_sandi=PASSWORD, password_hash=PASSWORD, access_token=PASSWORD)
    ]
    with caplog.at_level(logging.DEBUG):
        value = read_json(as_bytes(bundle(gtk(1), users=users) | {"password": PASSWORD}))
        bundle_read = read_bundle(value)
    assert PASSWORD not in json.dumps(value)
    assert PASSWORD not in repr(bundle_read)
    assert PASSWORD not in caplog.text


def test_password_is_not_in_an_exception() -> None:
    bad_users = [pengguna(1, ptk_id=PASSWORD, username=5)]
    bundle_read = read_bundle(read_json(as_bytes(bundle(gtk(1, nama=5, nip=PASSWORD), users=bad_users))))
    assert len(bundle_read.problems) == 4
    assert PASSWORD not in repr(bundle_read)


UNREADABLE = [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b"1" * 5_000, b'{"a": 1} {"b": 2}']


@pytest.mark.parametrize("data", UNREADABLE, ids=range(len(UNREADABLE)))
def test_malformed_json_is_refused(data: bytes) -> None:
    with pytest.raises(RequestRefused) as refusal:
        read_json(data)
    assert [problem.code for problem in refusal.value.problems] == ["json.unreadable"]


def test_byte_order_mark_is_accepted() -> None:
    assert read_json(b"\xef\xbb\xbf[1]") == [1]


NAMES = ["rows", "data", "results", "success", "message", "ptk_id", "npsn", "nama", "x"]
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(NAMES), inner
    ),
    max_leaves=20,
)  # fmt: skip


@given(value=_json, gtk_value=_json, users=_json)
def test_arbitrary_json_is_read_or_refused(value: Any, gtk_value: Any, users: Any) -> None:
    for candidate in (
        value,
        {"getSekolah": value, "getGtk": gtk_value},
        bundle() | {"getGtk": gtk_value, "getPengguna": users},
    ):
        refusal = refusal_of(read_bundle, candidate)
        assert refusal is None or refusal.problems


@given(st.binary())
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    refusal = refusal_of(lambda: read_bundle(read_json(data)))
    assert refusal is None or refusal.problems


def test_refused_row_of_a_list_with_gaps_is_named() -> None:
    rows = {"0": gtk(1, nip=5), "7": gtk(2, nama="Bima\u202e", nip=None), "8": gtk(3)}
    problems = _read({"results": 3, "rows": rows}).problems
    assert [(problem.path, problem.params["nama"]) for problem in problems] == [
        (("getGtk", "rows", "0", "nip"), "Guru Contoh 1"),
        (("getGtk", "rows", "1", "nip"), "Bima"),
    ]


def test_object_without_members_is_an_empty_list() -> None:
    bundle_read = _read({"results": 0, "rows": {}})
    assert (bundle_read.people, bundle_read.problems, bundle_read.is_complete) == ({}, (), False)
