"""Synthetic Dapodik payloads, made small by builders. They name no real person, school or number."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.kit.problems import RequestRefused

NPSN, OTHER_NPSN = "99000001", "99000002"
PASSWORD = "$2y$10$SecretHashThatMustNeverBeSeen"


def ptk(number: int) -> UUID:
    """The ptk_id of the sample person with this number."""
    return UUID(f"33333333-3333-4333-8333-{number:012d}")


def sekolah(npsn: str = NPSN, **changed: Any) -> dict[str, Any]:
    """A row of getSekolah."""
    row: dict[str, Any] = {
        "sekolah_id": "11111111-1111-4111-8111-111111111111",
        "nama": "SD NEGERI CONTOH 01",
        "nss": "101000000001",
        "npsn": npsn,
        "bentuk_pendidikan_id": 5,
        "bentuk_pendidikan_id_str": "SD",
        "status_sekolah": "1",
        "status_sekolah_str": "Negeri",
        "kecamatan": "Kec. Contoh",
        "kabupaten_kota": "Kab. Contoh",
        "provinsi": "Prov. Jawa Barat",
    }
    return row | changed


def build_nip(number: int) -> str:
    """Return a NIP: day of birth, month of appointment, 2 for a woman, a serial number. 213,840 are distinct."""
    block, position = divmod(number - 1, 99)
    year, month, hundreds = 2010 - block % 20, 1 + block // 20 % 12, 9 - block // 240 % 9
    return f"19850203{year}{month:02}2{100 * hundreds + 1 + position}"


def gtk(number: int = 1, **changed: Any) -> dict[str, Any]:
    """A row of getGtk: a civil servant who teaches a class at their sekolah induk."""
    row: dict[str, Any] = {
        "tahun_ajaran_id": "2023",
        "ptk_terdaftar_id": f"22222222-2222-4222-8222-{number:012d}",
        "ptk_id": str(ptk(number)),
        "ptk_induk": "1",
        "tanggal_surat_tugas": "2015-07-01",
        "nama": f"Guru Contoh {number}",
        "jenis_kelamin": "P",
        "tanggal_lahir": "1985-02-03",
        "agama_id": 1,
        "agama_id_str": "Islam",
        "nuptk": str(9999999999999901 - 10 * (number - 1)),
        "nik": "9901014302850001",
        "jenis_ptk_id": "3",
        "jenis_ptk_id_str": "Guru Kelas",
        "jabatan_ptk_id": None,
        "status_kepegawaian_id": 1,
        "status_kepegawaian_id_str": "PNS",
        "nip": build_nip(number),
        "pangkat_golongan_terakhir": "III/c",
        "rwy_pend_formal": [],
        "rwy_kepangkatan": [],
    }
    return row | changed


def kepala(number: int = 9, **changed: Any) -> dict[str, Any]:
    """A row of getGtk: the definitif principal, as newer builds show one."""
    return gtk(number, jenis_ptk_id="20", jenis_ptk_id_str="Kepala Sekolah", jabatan_ptk_id="2", **changed)


def pengguna(number: int = 1, **changed: Any) -> dict[str, Any]:
    """A row of getPengguna, with the password hash that the real payload has."""
    row: dict[str, Any] = {
        "pengguna_id": f"55555555-5555-4555-8555-{number:012d}",
        "username": f"guru{number}@guru.sd.belajar.id",
        "nama": f"Guru Contoh {number}",
        "peran_id_str": "PTK",
        "password": PASSWORD,
        "ptk_id": str(ptk(number)),
        "peserta_didik_id": None,
    }
    return row | changed


def envelope(rows: Any, results: Any = None, **changed: Any) -> dict[str, Any]:
    """Rows in the envelope of the Web Service; `results` is their number by default."""
    count = len(rows) if isinstance(rows, list) else 1
    total = count if results is None else results
    return {"results": total, "id": "x", "start": 0, "limit": 20, "rows": rows} | changed


def bundle(
    *people: dict[str, Any], school: dict[str, Any] | None = None, users: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """One school's bundle."""
    return {
        "getSekolah": envelope(school or sekolah()),
        "getGtk": envelope(list(people)),
        "getPengguna": envelope(users or []),
    }


def as_bytes(value: Any) -> bytes:
    """A value as JSON."""
    return json.dumps(value).encode()


def refusal_of(read: Callable[..., object], *given: Any) -> RequestRefused | None:
    """The refusal that a call ends with, or None; any other exception fails the test."""
    try:
        read(*given)
    except RequestRefused as refusal:
        return refusal
    return None
