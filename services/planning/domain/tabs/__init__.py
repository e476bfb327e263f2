"""The five tabs of a plan, in the order of the guide; the fifth, rangkuman, is read from the other four."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from services.kit.problem import Problem
from services.planning.domain.catalog import Choices
from services.planning.domain.tabs.pengembangan_kompetensi import PengembanganKompetensi
from services.planning.domain.tabs.perilaku_kerja import PerilakuKerja
from services.planning.domain.tabs.praktik_kinerja import PraktikKinerja
from services.planning.domain.tabs.tugas_tambahan import TugasTambahan

AnyTab = PraktikKinerja | PengembanganKompetensi | TugasTambahan | PerilakuKerja


class Tab(StrEnum):
    """Where a teacher stands in the plan."""

    PRAKTIK_KINERJA = "praktik_kinerja"
    PENGEMBANGAN_KOMPETENSI = "pengembangan_kompetensi"
    TUGAS_TAMBAHAN = "tugas_tambahan"
    PERILAKU_KERJA = "perilaku_kerja"
    RANGKUMAN = "rangkuman"

    @classmethod
    def of(cls, filled: AnyTab) -> Tab:
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

    def with_tab(self, filled: AnyTab) -> Content:
        """The same content with one tab filled anew."""
        tabs: dict[str, Any] = {Tab.of(filled): filled}
        return replace(self, **tabs)

    def missing(self, choices: Choices) -> Iterator[Problem]:
        """Everything that a complete plan still needs, each with the path to its field."""
        for name in _TABS.values():
            for problem in getattr(self, name).missing(choices):
                yield Problem(problem.code, problem.params, (name, *problem.path))

    def not_offered(self, choices: Choices) -> Iterator[Problem]:
        """What was chosen and is not (or no longer) offered to this teacher."""
        for name in _TABS.values():
            for problem in getattr(self, name).not_offered(choices):
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
