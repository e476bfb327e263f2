"""What the registry knows of schools and people, as plain values. `Told` says who said it and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact came from (`dapodik:getGtk`, `file:accounts`, …) and the instant it was recorded."""

    source: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """A satuan pendidikan as getSekolah tells it."""

    npsn: str
    nama: str
    bentuk_pendidikan_id: int | None = None
    bentuk_pendidikan: str | None = None
    status_sekolah: str | None = None
    kabupaten_kota: str | None = None
    provinsi: str | None = None


@dataclass(frozen=True, slots=True)
class TeacherFacts:
    """A PTK as getGtk tells it; `flags` are codes of what looks wrong but does not hinder."""

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
    """A person at a school; `induk` as this school says it, `jabatan_ptk_id` in newer builds only."""

    ptk_id: UUID
    npsn: str
    induk: bool
    since: date | None = None
    tahun_ajaran_id: str | None = None
    jenis_ptk_id: str | None = None
    jabatan_ptk_id: str | None = None


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """A tugas tambahan: `tmt` the first day, `tst` the day it ends, if known."""

    ptk_id: UUID
    npsn: str
    jabatan_ptk_id: str
    tmt: date
    nomor_sk: str | None = None
    tst: date | None = None


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A belajar.id address in lower case; `closed` is the first day on which it no longer opens anything."""

    email: str
    ptk_id: UUID | None = None
    npsn: str | None = None
    opened: date | None = None
    closed: date | None = None


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    """The IANA time zone of a province; `key` is the province's name in one spelling."""

    key: str
    provinsi: str
    zone: str


Facts = TypeVar("Facts", SchoolFacts, TeacherFacts)
RowFacts = TypeVar("RowFacts", AssignmentFacts, DutyFacts, AccountFacts, ZoneFacts)


@dataclass(frozen=True, slots=True)
class Entity(Generic[Facts]):
    """A school or a person on record, with the provenance of each fact."""

    facts: Facts
    provenance: Mapping[str, Provenance]


@dataclass(frozen=True, slots=True)
class Row(Generic[RowFacts]):
    """A row on record that is told as a whole; `left_at` is set on an assignment that ended."""

    facts: RowFacts
    provenance: Provenance
    left_at: datetime | None = None


def find_induk(assignments: list[Row[AssignmentFacts]]) -> str | None:
    """The sekolah induk (SATMINKAL) among a person's assignments, or None.

    Two schools may both claim it during a transfer: the younger surat tugas wins, then the later word.
    """
    claims = [row for row in assignments if row.facts.induk and row.left_at is None]
    if not claims:
        return None
    latest = max(claims, key=lambda row: (row.facts.since or date.min, row.provenance.as_of, row.facts.npsn))
    return latest.facts.npsn


ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


def parse_zone(text: str) -> str | None:
    """`WIB`, `WITA`, `WIT` or one of their IANA names as an IANA name; None for anything else."""
    name = text.strip()
    return ZONES.get(name.upper()) or (name if name in ZONES.values() else None)


@dataclass(frozen=True, slots=True)
class Account:
    """`email` in lower case; `opened` its first day, `closed` the first day on which it opens nothing.

    `ptk_id` is None for an officer who is no PTK. Nothing is read from the domain part of the address:
    principals often sign in with `admin.*` (DOMAIN.md "Facts to build on").
    """

    id: UUID
    email: str
    ptk_id: UUID | None = None
    npsn: str | None = None
    opened: date | None = None
    closed: date | None = None
