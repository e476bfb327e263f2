"""Facts about teachers and schools from identity, each with its source and its instant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from services.planning.period.model import WIB, local_midnight

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Fact(Generic[Value]):
    """A value with its source, such as `dapodik:getGtk`, and its instant in UTC. `value` None means unknown."""

    value: Value | None = None
    source: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of a Dapodik reference list, by its id and its label."""

    id: int | None
    label: str | None


HeadKind = Literal["definitif", "plt", "kosong"]
Zone = Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]


@dataclass(frozen=True, slots=True)
class HeadEvidence:
    """A reason of identity for or against a head, with the person that it is about."""

    code: str
    params: Mapping[str, str | None] = field(default_factory=dict)


# Two persons claim the post, so that identity calls it kosong.
DEFINITIF_CONFLICTS = frozenset({"head.definitif_conflict", "head.jenis_conflict"})
CONFLICTS = DEFINITIF_CONFLICTS | {"head.plt_conflict"}


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a school: appointed, acting, or nobody (`kosong`, without ptk_id)."""

    kind: HeadKind
    ptk_id: str | None = None
    nama: str | None = None
    evidence: tuple[HeadEvidence, ...] = ()

    @property
    def is_disputed(self) -> bool:
        """Whether nobody counts as the head because several persons claim the post."""
        return any(one.code in CONFLICTS for one in self.evidence)

    def is_claimed_by(self, ptk_id: str) -> bool:
        """Tell whether a person is one of several with a claim to be the appointed principal."""
        claims = (one for one in self.evidence if one.code in DEFINITIF_CONFLICTS)
        return any(one.params.get("ptk_id") == ptk_id for one in claims)


@dataclass(frozen=True, slots=True)
class Headship(Head):
    """A head from `valid_from` until the day before `valid_until`. None means no limit."""

    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """Facts about a school as of one change number of identity.

    `headships` are without a gap, and the last has no end. `head` is the head at the instant that was given to `at`.
    """

    npsn: str
    change_number: int
    nama: Fact[str]
    bentuk_pendidikan: Fact[Reference]
    status_sekolah: Fact[str]
    kabupaten_kota: Fact[str]
    provinsi: Fact[str]
    zone: Fact[Zone]
    headships: tuple[Headship, ...] = ()
    head: Head = Head("kosong")

    def at(self, now: datetime) -> SchoolFacts:
        """Return these facts with the head of an instant. The head changes at midnight in the zone of the school."""
        day = now.astimezone(ZoneInfo(self.zone.value or WIB)).date()
        past_headships = [one for one in self.headships if one.valid_from is None or one.valid_from <= day]
        current = (past_headships or self.headships[:1])[-1]
        return replace(self, head=Head(current.kind, current.ptk_id, current.nama, current.evidence))

    def head_changes(self, after: datetime) -> list[datetime]:
        """List the instants after this one at which another headship begins."""
        days = [one.valid_from for one in self.headships[1:] if one.valid_from]
        changes = (local_midnight(day, self.zone.value or WIB) for day in days)
        return [change for change in changes if change > after]


@dataclass(frozen=True, slots=True)
class School:
    """The school of a plan: the sekolah induk at the time the plan was started.

    `source` and `as_of` are those of the teacher's assignment to it.
    """

    npsn: str
    nama: str
    jenjang: str
    zone: str | None
    provinsi: str | None = None
    kabupaten_kota: str | None = None
    source: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """An active assignment of a teacher to a school. Exactly one should be `induk` (SATMINKAL)."""

    npsn: str
    nama: str
    induk: bool
    since: date | None = None
    source: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """A tugas tambahan on record, with its decree. `tmt` is its first day, `tst` the first day after it or None."""

    jabatan_ptk_id: str
    npsn: str
    nomor_sk: str | None
    tmt: date
    tst: date | None
    source: str
    as_of: datetime

    def is_held_on(self, day: date) -> bool:
        """Tell whether the teacher has the duty on a day."""
        return self.tmt <= day and (self.tst is None or day < self.tst)


@dataclass(frozen=True, slots=True)
class Account:
    """A belajar.id account of a teacher, without its address. `npsn` is None if its school is unknown."""

    id: str
    npsn: str | None
    opened: date | None = None
    closed: date | None = None


@dataclass(frozen=True, slots=True)
class HeadedSchool:
    """A school that a teacher heads, for the days of a Headship in the zone of the school."""

    npsn: str
    zone: Zone
    kind: Literal["definitif", "plt"]
    valid_from: date | None = None
    valid_until: date | None = None

    def is_headed_at(self, now: datetime) -> bool:
        """Tell whether the teacher heads the school at an instant."""
        day = now.astimezone(ZoneInfo(self.zone)).date()
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class TeacherFacts:
    """Facts about a teacher as of one change number of identity.

    `plt_at` and `kepala_at` are the schools that the teacher heads at the instant that was given to `at`.
    `other_records` are further ptk_ids of the same person, who has the same NIP in each.
    """

    ptk_id: str
    change_number: int
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
    duties: tuple[Duty, ...] = ()
    other_records: frozenset[str] = frozenset()

    def at(self, now: datetime) -> TeacherFacts:
        """Return these facts with the schools that the teacher heads at an instant."""
        schools = [one for one in self.headships if one.is_headed_at(now)]
        return replace(
            self,
            plt_at=tuple(one.npsn for one in schools if one.kind == "plt"),
            kepala_at=tuple(one.npsn for one in schools if one.kind == "definitif"),
        )

    @property
    def records(self) -> frozenset[str]:
        """Every ptk_id of the person."""
        return self.other_records | {self.ptk_id}

    @property
    def heads(self) -> tuple[str, ...]:
        """The schools that the teacher heads, as definitif or Plt."""
        return (*self.kepala_at, *self.plt_at)

    @property
    def nama_sekolah_induk(self) -> str | None:
        """The name of the sekolah induk in the assignments of the teacher."""
        return next((a.nama for a in self.assignments if a.npsn == self.sekolah_induk.value), None)

    def account(self, identifier: str) -> Account | None:
        """Return the account of this id."""
        return next((account for account in self.accounts if account.id == identifier), None)


KeyKind = Literal["ptk_id", "nip", "nuptk"]
_FORMS: Mapping[KeyKind, re.Pattern[str]] = {
    "ptk_id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII),
    "nip": re.compile(r"[0-9]{18}", re.ASCII),
    "nuptk": re.compile(r"[0-9]{16}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class TeacherKey:
    """A key of a teacher as a partner sent it. A malformed key finds nobody and is never sent to identity."""

    kind: KeyKind
    value: str

    @property
    def ptk_id(self) -> str | None:
        """The ptk_id in lower case, or None for a number or a malformed key."""
        return self.value.lower() if self.kind == "ptk_id" and self._is_valid else None

    @property
    def as_number(self) -> Mapping[str, str] | None:
        """The number in the form that identity expects, or None for a ptk_id or a malformed key."""
        return {self.kind: self.value} if self.kind != "ptk_id" and self._is_valid else None

    @property
    def _is_valid(self) -> bool:
        return _FORMS[self.kind].fullmatch(self.value.lower()) is not None
