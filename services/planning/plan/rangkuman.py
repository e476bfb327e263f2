"""Tab 5, Rangkuman: everything chosen, and the RHK that appear by themselves (Guide, tab Rangkuman).

Codes that the catalogue does not know (any more) are shown as they are: a summary hides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.planning.period.catalog import Catalog, Choices, RhkOtomatis
from services.planning.plan.tabs import Content, Tugas


@dataclass(frozen=True, slots=True)
class RhkLine:
    """One rencana hasil kerja as the rangkuman shows it: its evidence, and who uploads that in which phase."""

    code: str
    label: str
    poin: int | None
    bukti: str | None
    pengunggah: str
    tahap: str
    otomatis: bool


@dataclass(frozen=True, slots=True)
class TugasLine:
    """An additional duty with its name."""

    label: str
    tugas: Tugas


@dataclass(frozen=True, slots=True)
class PerilakuLine:
    """The behaviour chosen in one aspek."""

    aspek: str
    perilaku: str


@dataclass(frozen=True, slots=True)
class Rangkuman:
    """The summary before submitting: what is chosen, and the same in words."""

    content: Content
    praktik_kinerja: str | None
    rhk: tuple[RhkLine, ...]
    poin: int
    tugas_tambahan: tuple[TugasLine, ...]
    perilaku_kerja: tuple[PerilakuLine, ...]


def build_rangkuman(content: Content, choices: Choices, catalog: Catalog) -> Rangkuman:
    """The summary of what is chosen so far."""
    chosen = content.praktik_kinerja.indikator
    known = catalog.find_praktik_kinerja(chosen) if chosen else None
    label = known.label if known else None
    automatic = (row for row in catalog.rhk_otomatis if row.active and (row.trigger == "always" or chosen))
    return Rangkuman(
        content,
        label or chosen,
        (*(_automatic(row, label) for row in automatic), *_chosen(content, catalog)),
        content.points(choices),
        tuple(_tugas(content, catalog)),
        tuple(_perilaku(content, catalog)),
    )


def _automatic(row: RhkOtomatis, praktik: str | None) -> RhkLine:
    # Guide: "Indikator yang dipilih … akan ditampilkan sebagai Rencana Hasil Kerja".
    label = praktik if praktik and row.trigger == "chosen_praktik_kinerja" else row.label
    return RhkLine(row.code, label, None, row.bukti, row.pengunggah, row.tahap, True)


def _chosen(content: Content, catalog: Catalog) -> Iterator[RhkLine]:
    for code in content.pengembangan_kompetensi.rhk:
        row = catalog.find_rhk(code)
        label, poin, bukti = (row.label, row.poin, row.bukti_dukung) if row else (code, None, None)
        yield RhkLine(code, label, poin, bukti, "GURU", "PELAKSANAAN", False)


def _tugas(content: Content, catalog: Catalog) -> Iterator[TugasLine]:
    for tugas in content.tugas_tambahan.tugas:
        row = catalog.find_tugas_tambahan(tugas.code)
        yield TugasLine(row.label if row else tugas.code, tugas)


def _perilaku(content: Content, catalog: Catalog) -> Iterator[PerilakuLine]:
    for code, opsi in content.perilaku_kerja.pilihan.items():
        aspek = catalog.find_aspek(code)
        chosen = next((row.label for row in aspek.opsi if row.code == opsi), opsi) if aspek else opsi
        yield PerilakuLine(aspek.label if aspek else code, chosen)
