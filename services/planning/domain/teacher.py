"""What planning knows of a teacher: facts of the registry, never edited here (Guide 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.planning.domain.fact import Fact, Reference


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
