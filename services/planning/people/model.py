"""Facts about teachers and schools as the registry told them: the value, who said so, and as of when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from services.planning.period.model import WIB, local_midnight

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
class Head:
    """The head of a school: appointed, acting, or nobody (`kosong`, then without person)."""

    kind: HeadKind
    ptk_id: str | None = None
    nama: str | None = None


@dataclass(frozen=True, slots=True)
class Headship(Head):
    """A head and the days of it at the school: `valid_until` is the first day after; None: no end."""

    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """One school at one revision of the registry; `zone` is an IANA name, or unknown.

    `headships` has no gap and no end. `head` is the head at the instant of `at`, which the client of identity calls.
    """

    npsn: str
    revision: int
    nama: Fact[str]
    bentuk_pendidikan: Fact[Reference]
    status_sekolah: Fact[str]
    kabupaten_kota: Fact[str]
    provinsi: Fact[str]
    zone: Fact[Zone]
    headships: tuple[Headship, ...] = ()
    head: Head = Head("kosong")

    def at(self, now: datetime) -> SchoolFacts:
        """The same facts with the head of the day that it is at the school."""
        day = now.astimezone(ZoneInfo(self.zone.value or WIB)).date()
        begun = [one for one in self.headships if one.valid_from is None or one.valid_from <= day]
        in_office = (begun or self.headships[:1])[-1]
        return replace(self, head=Head(in_office.kind, in_office.ptk_id, in_office.nama))

    def head_changes(self, after: datetime) -> list[datetime]:
        """Return the instants after this one at which another headship begins."""
        days = [one.valid_from for one in self.headships[1:] if one.valid_from]
        changes = (local_midnight(day, self.zone.value or WIB) for day in days)
        return [change for change in changes if change > after]


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
class HeadedSchool:
    """A school that the teacher heads, and the days of it in the zone of the school, as of a Headship."""

    npsn: str
    zone: Zone
    kind: Literal["definitif", "plt"]
    valid_from: date | None = None
    valid_until: date | None = None

    def is_headed_at(self, now: datetime) -> bool:
        """Whether the day that it is at the school is one of these."""
        day = now.astimezone(ZoneInfo(self.zone)).date()
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class TeacherFacts:
    """One teacher at one revision of the registry.

    `plt_at` and `kepala_at` are the schools headed at the instant of `at`, which the client of identity calls.
    """

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
    headships: tuple[HeadedSchool, ...] = ()

    def at(self, now: datetime) -> TeacherFacts:
        """The same facts with the schools that are headed at this instant."""
        headed = [one for one in self.headships if one.is_headed_at(now)]
        return replace(
            self,
            plt_at=tuple(one.npsn for one in headed if one.kind == "plt"),
            kepala_at=tuple(one.npsn for one in headed if one.kind == "definitif"),
        )

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


KeyKind = Literal["ptk_id", "nip", "nuptk"]
_FORMS: Mapping[KeyKind, re.Pattern[str]] = {
    "ptk_id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII),
    "nip": re.compile(r"[0-9]{18}", re.ASCII),
    "nuptk": re.compile(r"[0-9]{16}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class TeacherKey:
    """One key, as it was given. One of another form than its kind's names nobody, and is asked for nowhere."""

    kind: KeyKind
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
