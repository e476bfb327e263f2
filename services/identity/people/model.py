"""Facts about schools and people, with their provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Provenance:
    """The source of a fact (`dapodik:getGtk`, `file:accounts`, …) and the instant of the data."""

    source: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """A satuan pendidikan (school), from getSekolah."""

    npsn: str
    nama: str
    bentuk_pendidikan_id: int | None = None
    bentuk_pendidikan: str | None = None
    status_sekolah: str | None = None
    kabupaten_kota: str | None = None
    provinsi: str | None = None


@dataclass(frozen=True, slots=True)
class TeacherFacts:
    """A PTK (teacher or staff member), from getGtk. `flags` are codes of doubtful data that are accepted."""

    ptk_id: UUID
    nama: str
    nip: str | None = None
    nuptk: str | None = None
    tanggal_lahir: date | None = None
    status_kepegawaian_id: int | None = None
    status_kepegawaian: str | None = None
    jenis_ptk_id: str | None = None
    jenis_ptk: str | None = None
    pangkat_golongan: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AssignmentFacts:
    """A person at a school. `induk` is the school's own claim. Only newer builds send `jabatan_ptk_id`."""

    ptk_id: UUID
    npsn: str
    induk: bool
    since: date | None = None
    tahun_ajaran_id: str | None = None
    jenis_ptk_id: str | None = None
    jabatan_ptk_id: str | None = None


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """A tugas tambahan (additional duty). `tmt` is its first day, `tst` the first day after it or None."""

    ptk_id: UUID
    npsn: str
    jabatan_ptk_id: str
    tmt: date
    nomor_sk: str | None = None
    tst: date | None = None


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account by its belajar.id address in lower case. It is valid from `opened` until before `closed`."""

    email: str
    ptk_id: UUID | None = None
    npsn: str | None = None
    opened: date | None = None
    closed: date | None = None


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    """The IANA time zone of a province. `key` is its normalized name."""

    key: str
    provinsi: str
    zone: str


Facts = TypeVar("Facts", SchoolFacts, TeacherFacts)
RowFacts = TypeVar("RowFacts", AssignmentFacts, DutyFacts, AccountFacts, ZoneFacts)


@dataclass(frozen=True, slots=True)
class Entity(Generic[Facts]):
    """A stored school or teacher, with the provenance of each fact by its name."""

    facts: Facts
    provenance: Mapping[str, Provenance]


@dataclass(frozen=True, slots=True)
class Row(Generic[RowFacts]):
    """A stored row with one provenance for all its facts. `left_at` is set on an assignment that ended."""

    facts: RowFacts
    provenance: Provenance
    left_at: datetime | None = None


def find_induk(assignments: list[Row[AssignmentFacts]]) -> str | None:
    """Return the NPSN of a person's sekolah induk (SATMINKAL), or None.

    During a transfer two schools may claim it. The later surat tugas wins. An import keeps a claim off the record that
    is not later than the one on record.
    """
    claims = [row for row in assignments if row.facts.induk and row.left_at is None]
    if not claims:
        return None
    latest = max(claims, key=lambda row: (row.facts.since or date.min, row.provenance.as_of, row.facts.npsn))
    return latest.facts.npsn


ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


def parse_zone(text: str) -> str | None:
    """Return the IANA name of `WIB`, `WITA`, `WIT` or of one of their IANA names, or None for another text."""
    name = text.strip()
    return ZONES.get(name.upper()) or (name if name in ZONES.values() else None)


@dataclass(frozen=True, slots=True)
class Account:
    """A stored account. It is valid from `opened` until before `closed`.

    `ptk_id` is None for an officer who is not a PTK. The domain of the address says nothing about a role: principals
    often sign in with `admin.*` (DOMAIN.md "Facts to build on").
    """

    id: UUID
    email: str
    ptk_id: UUID | None = None
    npsn: str | None = None
    opened: date | None = None
    closed: date | None = None
