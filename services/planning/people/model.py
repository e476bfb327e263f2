"""Facts about teachers and schools as the registry told them: the value, who said so, and as of when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Literal, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Fact(Generic[Value]):
    """`value` None is unknown, never guessed; `source` such as `dapodik:getGtk`; `as_of` aware, UTC."""

    value: Value | None = None
    source: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of a Dapodik reference list: its id and the label that stood beside it."""

    id: int | None
    label: str | None


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


@dataclass(frozen=True, slots=True)
class Assignment:
    """An active assignment of the teacher to a school; exactly one should be `induk` (SATMINKAL)."""

    npsn: str
    nama: str
    induk: bool
    since: date | None = None
    source: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A belajar.id account of the teacher, without its address; `npsn` None: issued for no known school."""

    id: str
    npsn: str | None
    opened: date | None = None
    closed: date | None = None


@dataclass(frozen=True, slots=True)
class TeacherFacts:
    """One teacher at one revision of the registry; `plt_at`, `kepala_at`: schools headed so."""

    ptk_id: str
    revision: int
    nama: Fact[str]
    nip: Fact[str]
    nuptk: Fact[str]
    status_kepegawaian: Fact[Reference]
    jenis_ptk: Fact[Reference]
    pangkat_golongan: Fact[str]
    jenjang_jabatan: Fact[str]
    sekolah_induk: Fact[str]
    assignments: tuple[Assignment, ...] = ()
    plt_at: tuple[str, ...] = ()
    kepala_at: tuple[str, ...] = ()
    accounts: tuple[Account, ...] = ()
    status: Literal["active", "left"] = "active"

    @property
    def heads(self) -> tuple[str, ...]:
        """The schools that the teacher heads, as definitif or as Plt."""
        return (*self.kepala_at, *self.plt_at)

    @property
    def nama_sekolah_induk(self) -> str | None:
        """The name of the sekolah induk, as the teacher's assignments write it."""
        return next((a.nama for a in self.assignments if a.npsn == self.sekolah_induk.value), None)

    def account(self, identifier: str) -> Account | None:
        """The teacher's account of this id."""
        return next((account for account in self.accounts if account.id == identifier), None)


Kind = Literal["ptk_id", "nip", "nuptk"]
_FORMS: Mapping[Kind, re.Pattern[str]] = {
    "ptk_id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII),
    "nip": re.compile(r"[0-9]{18}", re.ASCII),
    "nuptk": re.compile(r"[0-9]{16}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class TeacherKey:
    """One key, as it was given. One of another form than its kind's names nobody, and is asked for nowhere."""

    kind: Kind
    value: str

    @property
    def ptk_id(self) -> str | None:
        """The ptk_id in the form that all of us use, where it is one."""
        return self.value.lower() if self.kind == "ptk_id" and self._is_sound else None

    @property
    def as_number(self) -> Mapping[str, str] | None:
        """As identity is asked for it, where it is a number."""
        return {self.kind: self.value} if self.kind != "ptk_id" and self._is_sound else None

    @property
    def _is_sound(self) -> bool:
        return _FORMS[self.kind].fullmatch(self.value.lower()) is not None
