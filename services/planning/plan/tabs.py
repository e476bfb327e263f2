"""The five tabs of a plan, in the order of the guide; the fifth, rangkuman, is read from the other four."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from services.kit.problems import Problem, RequestRefused
from services.kit.text import find_text_problems
from services.planning.period.catalog import Choices


@dataclass(frozen=True, slots=True)
class PraktikKinerja:
    """The code of the one indikator (or sub indikator) to improve, or None while undecided."""

    indikator: str | None = None

    def check_offered(self, choices: Choices) -> Iterator[Problem]:
        """A choice that is not on this teacher's list."""
        offered = {row.code for row in choices.praktik_kinerja}
        if self.indikator is not None and self.indikator not in offered:
            yield Problem("choice.not_offered", {"code": self.indikator}, ("indikator",))

    check_draft = check_offered

    def check_complete(self, choices: Choices) -> Iterator[Problem]:
        """What NEXT and the submission need."""
        if self.indikator is None:
            yield Problem("praktik_kinerja.missing", {}, ("indikator",))


MAX_RHK = 100  # far above any list of RHK: it only bounds what one request may carry


@dataclass(frozen=True, slots=True)
class PengembanganKompetensi:
    """The codes of the chosen rencana hasil kerja, in the teacher's order.

    The minimum of points is no rule of this tab: below it the guide says "discuss with your superior", so the
    workflow warns at submission.
    """

    rhk: tuple[str, ...] = ()

    def check_offered(self, choices: Choices) -> Iterator[Problem]:
        """RHK that are not on this teacher's list."""
        offered = {row.code for row in choices.rhk}
        for place, code in enumerate(self.rhk):
            if code not in offered:
                yield Problem("choice.not_offered", {"code": code}, ("rhk", str(place)))

    def check_draft(self, choices: Choices) -> Iterator[Problem]:
        """What may not even be kept as a draft: too many, not offered, or the same RHK twice (DOMAIN.md)."""
        if len(self.rhk) > MAX_RHK:
            yield Problem("choice.too_many", {"most": MAX_RHK}, ("rhk",))
            return
        yield from self.check_offered(choices)
        for code, count in Counter(self.rhk).items():
            if count > 1:
                place = [place for place, other in enumerate(self.rhk) if other == code][1]
                yield Problem("rhk.twice", {"code": code}, ("rhk", str(place)))

    def check_complete(self, choices: Choices) -> Iterator[Problem]:
        """What NEXT and the submission need."""
        if not self.rhk:
            yield Problem("pengembangan_kompetensi.missing", {}, ("rhk",))


MAX_TUGAS = 20
MAX_NOMOR_SK_LENGTH = 100
MIN_TANGGAL_SK = date(1945, 8, 17)  # no office is older: an earlier year is a slip (0204 for 2024)


@dataclass(frozen=True, slots=True)
class Tugas:
    """One additional duty and the number and date of its surat keputusan or surat tugas."""

    code: str
    nomor_sk: str | None = None
    tanggal_sk: date | None = None


@dataclass(frozen=True, slots=True)
class TugasTambahan:
    """The duties of this teacher. An empty tab is complete: a duty not on the list is skipped (Guide, tab 3)."""

    tugas: tuple[Tugas, ...] = ()

    def check_offered(self, choices: Choices) -> Iterator[Problem]:
        """Duties that are not on this teacher's list."""
        offered = {row.code for row in choices.tugas_tambahan}
        for place, tugas in enumerate(self.tugas):
            if tugas.code not in offered:
                yield Problem("choice.not_offered", {"code": tugas.code}, ("tugas", str(place), "code"))

    def check_draft(self, choices: Choices) -> Iterator[Problem]:
        """What may not even be kept as a draft: too many, not offered, unreadable, of no time, the same twice."""
        if len(self.tugas) > MAX_TUGAS:
            yield Problem("choice.too_many", {"most": MAX_TUGAS}, ("tugas",))
            return
        yield from self.check_offered(choices)
        for place, tugas in enumerate(self.tugas):
            path = ("tugas", str(place))
            yield from find_text_problems(tugas.nomor_sk or "", MAX_NOMOR_SK_LENGTH, (*path, "nomor_sk"))
            if tugas.tanggal_sk and tugas.tanggal_sk < MIN_TANGGAL_SK:
                yield Problem("tugas_tambahan.tanggal_sk_early", {}, (*path, "tanggal_sk"))
            if (
                tugas.nomor_sk and tugas in self.tugas[:place]
            ):  # two decrees not yet filled in are no repetition
                yield Problem("tugas_tambahan.twice", {"code": tugas.code}, path)

    def check_decree_dates(self, last_day: date) -> Iterator[Problem]:
        """Decrees dated after the period they are for: most likely a slip of the year."""
        for place, tugas in enumerate(self.tugas):
            if tugas.tanggal_sk and tugas.tanggal_sk > last_day:
                yield Problem(
                    "tugas_tambahan.tanggal_sk_late", {"last": last_day}, ("tugas", str(place), "tanggal_sk")
                )

    def check_complete(self, choices: Choices) -> Iterator[Problem]:
        """What NEXT and the submission need: the decree of each duty."""
        for place, tugas in enumerate(self.tugas):
            if not (tugas.nomor_sk or "").strip():
                yield Problem("tugas_tambahan.nomor_sk_missing", {}, ("tugas", str(place), "nomor_sk"))
            if tugas.tanggal_sk is None:
                yield Problem("tugas_tambahan.tanggal_sk_missing", {}, ("tugas", str(place), "tanggal_sk"))


@dataclass(frozen=True, slots=True)
class PerilakuKerja:
    """For each aspek chosen so far, the code of its one behaviour; a mapping cannot hold two."""

    pilihan: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> PerilakuKerja:
        """From pairs of aspek and behaviour; RequestRefused where an aspek comes twice."""
        pilihan: dict[str, str] = {}
        for place, (aspek, opsi) in enumerate(pairs):
            if aspek in pilihan:
                raise RequestRefused(
                    Problem("perilaku_kerja.twice", {"aspek": aspek}, ("pilihan", str(place)))
                )
            pilihan[aspek] = opsi
        return cls(pilihan)

    def check_offered(self, choices: Choices) -> Iterator[Problem]:
        """Aspects that do not exist, and behaviours that are not among those of their aspek."""
        offered = {aspek.code: {opsi.code for opsi in aspek.opsi} for aspek in choices.perilaku}
        for aspek, opsi in self.pilihan.items():
            if aspek not in offered:
                yield Problem("choice.not_offered", {"code": aspek}, ("pilihan", aspek))
            elif opsi not in offered[aspek]:
                yield Problem("choice.not_offered", {"code": opsi}, ("pilihan", aspek))

    check_draft = check_offered

    def check_complete(self, choices: Choices) -> Iterator[Problem]:
        """What NEXT and the submission need: the aspects without a behaviour."""
        for aspek in choices.perilaku:
            if aspek.code not in self.pilihan:
                yield Problem("perilaku_kerja.missing", {"aspek": aspek.label}, ("pilihan", aspek.code))


TabContent = PraktikKinerja | PengembanganKompetensi | TugasTambahan | PerilakuKerja


class Tab(StrEnum):
    """Where a teacher stands in the plan."""

    PRAKTIK_KINERJA = "praktik_kinerja"
    PENGEMBANGAN_KOMPETENSI = "pengembangan_kompetensi"
    TUGAS_TAMBAHAN = "tugas_tambahan"
    PERILAKU_KERJA = "perilaku_kerja"
    RANGKUMAN = "rangkuman"

    @classmethod
    def of(cls, filled: TabContent) -> Tab:
        """The tab that this was filled in."""
        return _TABS[type(filled)]

    @property
    def next(self) -> Tab:
        """The tab that NEXT leads to (Guide 7: "dari Praktik Kinerja sampai dengan Rangkuman")."""
        tabs = list(Tab)
        return tabs[min(tabs.index(self) + 1, len(tabs) - 1)]


@dataclass(frozen=True, slots=True)
class Content:
    """What a teacher has chosen so far; each tab may be half filled (Guide: Simpan Draf)."""

    praktik_kinerja: PraktikKinerja = field(default_factory=PraktikKinerja)
    pengembangan_kompetensi: PengembanganKompetensi = field(default_factory=PengembanganKompetensi)
    tugas_tambahan: TugasTambahan = field(default_factory=TugasTambahan)
    perilaku_kerja: PerilakuKerja = field(default_factory=PerilakuKerja)

    def with_tab(self, filled: TabContent) -> Content:
        """The same content with one tab filled anew."""
        tabs: dict[str, Any] = {Tab.of(filled): filled}
        return replace(self, **tabs)

    def check_complete(self, choices: Choices) -> Iterator[Problem]:
        """Everything that a complete plan still needs, each with the path to its field."""
        for name in _TABS.values():
            for problem in getattr(self, name).check_complete(choices):
                yield Problem(problem.code, problem.params, (name, *problem.path))

    def check_offered(self, choices: Choices) -> Iterator[Problem]:
        """What was chosen and is not (or no longer) offered to this teacher."""
        for name in _TABS.values():
            for problem in getattr(self, name).check_offered(choices):
                yield Problem(problem.code, problem.params, (name, *problem.path))

    def points(self, choices: Choices) -> int:
        """The sum of the static points of the chosen RHK."""
        return sum(row.poin for row in choices.rhk if row.code in self.pengembangan_kompetensi.rhk)


_TABS = {
    PraktikKinerja: Tab.PRAKTIK_KINERJA,
    PengembanganKompetensi: Tab.PENGEMBANGAN_KOMPETENSI,
    TugasTambahan: Tab.TUGAS_TAMBAHAN,
    PerilakuKerja: Tab.PERILAKU_KERJA,
}


def first_semester(period: str) -> str | None:
    """The code of the first semester of the same year, seen from the second one; else None."""
    year, _, semester = period.partition("-")
    return f"{year}-1" if semester == "2" else None


def keep_offered(chosen: PerilakuKerja, choices: Choices) -> PerilakuKerja:
    """What was chosen then and can be chosen today, in the order of the screen."""
    return PerilakuKerja(
        {
            aspek.code: opsi.code
            for aspek in choices.perilaku
            for opsi in aspek.opsi
            if chosen.pilihan.get(aspek.code) == opsi.code
        }
    )
