"""The tabs of a plan in the order of the guide. The fifth, rangkuman, sums up the other four.

Each tab has three checks. `check_offered` finds choices that are not on this teacher's list. `check_draft` finds what
may not be saved at all. `check_complete` finds what NEXT and the submission need.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from services.kit.problems import Problem, RequestRefused
from services.kit.text import find_text_problems, is_blank
from services.planning.period.catalog import ASPEK, Catalog, Choices


@dataclass(frozen=True, slots=True)
class PraktikKinerja:
    """The code of the indikator (or sub indikator) to improve, or None if none is chosen yet."""

    indikator: str | None = None

    def check_offered(self, choices: Choices) -> Iterator[Problem]:
        """Find an indikator that is not offered."""
        codes = {row.code for row in choices.praktik_kinerja}
        if self.indikator is not None and self.indikator not in codes:
            yield Problem("choice.not_offered", {"code": self.indikator}, ("indikator",))

    check_draft = check_offered

    def check_complete(self, choices: Choices) -> Iterator[Problem]:
        """Find a missing indikator."""
        if self.indikator is None:
            yield Problem("praktik_kinerja.missing", {}, ("indikator",))


MAX_RHK = 100  # above any list of RHK: it bounds the size of a request


@dataclass(frozen=True, slots=True)
class PengembanganKompetensi:
    """The codes of the chosen rencana hasil kerja, in the teacher's order.

    The tab does not check the minimum of points: the guide says "discuss with your superior", so the workflow warns at
    the submission.
    """

    rhk: tuple[str, ...] = ()

    def check_offered(self, choices: Choices) -> Iterator[Problem]:
        """Find RHK that are not offered."""
        codes = {row.code for row in choices.rhk}
        for index, code in enumerate(self.rhk):
            if code not in codes:
                yield Problem("choice.not_offered", {"code": code}, ("rhk", str(index)))

    def check_draft(self, choices: Choices) -> Iterator[Problem]:
        """Find too many RHK, RHK that are not offered, and repetitions (DOMAIN.md)."""
        if len(self.rhk) > MAX_RHK:
            yield Problem("choice.too_many", {"most": MAX_RHK}, ("rhk",))
            return
        yield from self.check_offered(choices)
        for code, count in Counter(self.rhk).items():
            if count > 1:
                second = self.rhk.index(code, self.rhk.index(code) + 1)
                yield Problem("rhk.twice", {"code": code}, ("rhk", str(second)))

    def check_complete(self, choices: Choices) -> Iterator[Problem]:
        """Find that no RHK is chosen."""
        if not self.rhk:
            yield Problem("pengembangan_kompetensi.missing", {}, ("rhk",))


MAX_TUGAS = 20
MAX_NOMOR_SK_LENGTH = 100
MIN_TANGGAL_SK = date(1945, 8, 17)  # no office is older: an earlier year is a typing error (0204 for 2024)


@dataclass(frozen=True, slots=True)
class Tugas:
    """An additional duty, with number and date of its decree (surat keputusan or surat tugas)."""

    code: str
    nomor_sk: str | None = None
    tanggal_sk: date | None = None


@dataclass(frozen=True, slots=True)
class TugasTambahan:
    """The additional duties of a teacher. The tab may stay empty (Guide, tab 3: skip a duty that is not listed)."""

    tugas: tuple[Tugas, ...] = ()

    def check_offered(self, choices: Choices) -> Iterator[Problem]:
        """Find duties that are not offered."""
        codes = {row.code for row in choices.tugas_tambahan}
        for index, tugas in enumerate(self.tugas):
            if tugas.code not in codes:
                yield Problem("choice.not_offered", {"code": tugas.code}, ("tugas", str(index), "code"))

    def check_draft(self, choices: Choices) -> Iterator[Problem]:
        """Find too many duties, duties that are not offered, faulty decrees, and repetitions."""
        if len(self.tugas) > MAX_TUGAS:
            yield Problem("choice.too_many", {"most": MAX_TUGAS}, ("tugas",))
            return
        yield from self.check_offered(choices)
        for index, tugas in enumerate(self.tugas):
            path = ("tugas", str(index))
            yield from find_text_problems(
                tugas.nomor_sk or "", MAX_NOMOR_SK_LENGTH, (*path, "nomor_sk"), one_line=True
            )
            if tugas.tanggal_sk and tugas.tanggal_sk < MIN_TANGGAL_SK:
                yield Problem("tugas_tambahan.tanggal_sk_early", {}, (*path, "tanggal_sk"))
            # A duty without a number is not filled in yet.
            if tugas.nomor_sk and tugas in self.tugas[:index]:
                yield Problem("tugas_tambahan.twice", {"code": tugas.code}, path)

    def check_decree_dates(self, last_day: date) -> Iterator[Problem]:
        """Find decrees dated after today, or after the period: a decree is signed before its number is known."""
        for index, tugas in enumerate(self.tugas):
            if tugas.tanggal_sk and tugas.tanggal_sk > last_day:
                path = ("tugas", str(index), "tanggal_sk")
                yield Problem("tugas_tambahan.tanggal_sk_late", {"last": last_day}, path)

    def check_complete(self, choices: Choices) -> Iterator[Problem]:
        """Find duties without number or date of their decree."""
        for index, tugas in enumerate(self.tugas):
            if not tugas.nomor_sk or is_blank(tugas.nomor_sk):
                yield Problem("tugas_tambahan.nomor_sk_missing", {}, ("tugas", str(index), "nomor_sk"))
            if tugas.tanggal_sk is None:
                yield Problem("tugas_tambahan.tanggal_sk_missing", {}, ("tugas", str(index), "tanggal_sk"))


@dataclass(frozen=True, slots=True)
class PerilakuKerja:
    """The code of the chosen behaviour of each aspek, in the official order of the aspek."""

    pilihan: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Order the choices: neither a request nor JSON of the database keeps their order."""
        ranks = {aspek: rank for rank, aspek in enumerate(ASPEK)}
        ordered = sorted(self.pilihan.items(), key=lambda item: ranks.get(item[0], len(ranks)))
        object.__setattr__(self, "pilihan", dict(ordered))

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> PerilakuKerja:
        """Read pairs of aspek and behaviour. Raises RequestRefused `perilaku_kerja.twice` if an aspek is repeated."""
        pilihan: dict[str, str] = {}
        for index, (aspek, opsi) in enumerate(pairs):
            if aspek in pilihan:
                raise RequestRefused(
                    Problem("perilaku_kerja.twice", {"aspek": aspek}, ("pilihan", str(index)))
                )
            pilihan[aspek] = opsi
        return cls(pilihan)

    def check_offered(self, choices: Choices) -> Iterator[Problem]:
        """Find unknown aspek, and behaviours that are not offered for their aspek."""
        codes_by_aspek = {aspek.code: {opsi.code for opsi in aspek.opsi} for aspek in choices.perilaku}
        for aspek, opsi in self.pilihan.items():
            if aspek not in codes_by_aspek:
                yield Problem("choice.not_offered", {"code": aspek}, ("pilihan", aspek))
            elif opsi not in codes_by_aspek[aspek]:
                yield Problem("choice.not_offered", {"code": opsi}, ("pilihan", aspek))

    check_draft = check_offered

    def check_complete(self, choices: Choices) -> Iterator[Problem]:
        """Find the aspek without a behaviour."""
        for aspek in choices.perilaku:
            if aspek.code not in self.pilihan:
                yield Problem("perilaku_kerja.missing", {"aspek": aspek.label}, ("pilihan", aspek.code))


TabContent = PraktikKinerja | PengembanganKompetensi | TugasTambahan | PerilakuKerja


class Tab(StrEnum):
    """The tab that a plan opens at."""

    PRAKTIK_KINERJA = "praktik_kinerja"
    PENGEMBANGAN_KOMPETENSI = "pengembangan_kompetensi"
    TUGAS_TAMBAHAN = "tugas_tambahan"
    PERILAKU_KERJA = "perilaku_kerja"
    RANGKUMAN = "rangkuman"

    @classmethod
    def of(cls, content: TabContent) -> Tab:
        """Return the tab of this content."""
        return _TABS[type(content)]

    @property
    def next(self) -> Tab:
        """The tab that NEXT leads to (Guide 7: "dari Praktik Kinerja sampai dengan Rangkuman")."""
        tabs = list(Tab)
        return tabs[min(tabs.index(self) + 1, len(tabs) - 1)]


@dataclass(frozen=True, slots=True)
class Content:
    """The choices of a teacher. A tab may be incomplete (Guide: Simpan Draf)."""

    praktik_kinerja: PraktikKinerja = field(default_factory=PraktikKinerja)
    pengembangan_kompetensi: PengembanganKompetensi = field(default_factory=PengembanganKompetensi)
    tugas_tambahan: TugasTambahan = field(default_factory=TugasTambahan)
    perilaku_kerja: PerilakuKerja = field(default_factory=PerilakuKerja)

    def with_tab(self, tab: TabContent) -> Content:
        """Return the content with one tab replaced."""
        tabs: dict[str, Any] = {Tab.of(tab): tab}
        return replace(self, **tabs)

    def check_complete(self, choices: Choices) -> Iterator[Problem]:
        """Find what a submission still needs, with the path of each field."""
        for name in _TABS.values():
            for problem in getattr(self, name).check_complete(choices):
                yield Problem(problem.code, problem.params, (name, *problem.path))

    def check_offered(self, choices: Choices) -> Iterator[Problem]:
        """Find choices that are not offered to this teacher, for example because they were withdrawn."""
        for name in _TABS.values():
            for problem in getattr(self, name).check_offered(choices):
                yield Problem(problem.code, problem.params, (name, *problem.path))

    def points(self, choices: Choices) -> int:
        """Return the sum of the points of the chosen RHK."""
        return sum(row.poin for row in choices.rhk if row.code in self.pengembangan_kompetensi.rhk)


_TABS = {
    PraktikKinerja: Tab.PRAKTIK_KINERJA,
    PengembanganKompetensi: Tab.PENGEMBANGAN_KOMPETENSI,
    TugasTambahan: Tab.TUGAS_TAMBAHAN,
    PerilakuKerja: Tab.PERILAKU_KERJA,
}


def name_choices(problems: Iterable[Problem], catalog: Catalog) -> Iterator[Problem]:
    """Give the label of a choice, in problems that name it by its code."""
    for problem in problems:
        code = problem.params.get("code")
        yield replace(problem, params={"code": catalog.label_of(str(code))}) if code else problem


def first_semester(period: str) -> str | None:
    """Return the code of the first semester of the same year if the period is the second one, else None."""
    year, _, semester = period.partition("-")
    return f"{year}-1" if semester == "2" else None


def keep_offered(tab: PerilakuKerja, choices: Choices) -> PerilakuKerja:
    """Return the choices of an earlier period that are offered today, in the order of the screen."""
    return PerilakuKerja(
        {
            aspek.code: opsi.code
            for aspek in choices.perilaku
            for opsi in aspek.opsi
            if tab.pilihan.get(aspek.code) == opsi.code
        }
    )
