"""What planning knows of a satuan pendidikan and of who heads it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from services.planning.domain.fact import Fact, Reference

HeadKind = Literal["definitif", "plt", "kosong"]
Zone = Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One of the facts that decided who heads a school."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a school: appointed, acting, or nobody (`kosong`, then without person)."""

    kind: HeadKind
    ptk_id: str | None = None
    nama: str | None = None
    since: date | None = None
    evidence: tuple[Evidence, ...] = ()
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """One school at one revision of the registry; `zone` is an IANA name, or unknown."""

    npsn: str
    revision: int
    nama: Fact[str]
    bentuk_pendidikan: Fact[Reference]
    status_sekolah: Fact[str]
    kabupaten_kota: Fact[str]
    provinsi: Fact[str]
    zone: Fact[Zone]
    head: Head


@dataclass(frozen=True, slots=True)
class School:
    """The sekolah induk as the plan keeps it: a plan stays with the school of its snapshot (DOMAIN.md)."""

    npsn: str
    nama: str
    jenjang: str
    zone: str | None
    provinsi: str | None = None
    kabupaten_kota: str | None = None
