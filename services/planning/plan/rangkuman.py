"""Tab 5, Rangkuman: every choice, and the RHK that are added automatically (Guide, tab Rangkuman).

A code that the catalogue lacks is shown as it is, so that the summary is complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.planning.period.catalog import Catalog, Choices, RhkOtomatis
from services.planning.plan.tabs import Content, Tugas


@dataclass(frozen=True, slots=True)
class RhkLine:
    """A rencana hasil kerja with its evidence, and who uploads the evidence in which phase."""

    code: str
    label: str
    poin: int | None
    bukti: str | None
    pengunggah: str
    tahap: str
    otomatis: bool


@dataclass(frozen=True, slots=True)
class TugasLine:
    """An additional duty with its label."""

    label: str
    tugas: Tugas


@dataclass(frozen=True, slots=True)
class PerilakuLine:
    """The label of an aspek and of the chosen behaviour."""

    aspek: str
    perilaku: str


@dataclass(frozen=True, slots=True)
class Rangkuman:
    """The summary before the submission: the choices as codes and as labels."""

    content: Content
    praktik_kinerja: str | None
    rhk: tuple[RhkLine, ...]
    poin: int
    tugas_tambahan: tuple[TugasLine, ...]
    perilaku_kerja: tuple[PerilakuLine, ...]


def build_rangkuman(content: Content, choices: Choices, catalog: Catalog) -> Rangkuman:
    """Return the summary of the choices so far."""
    code = content.praktik_kinerja.indikator
    praktik = catalog.find_praktik_kinerja(code) if code else None
    label = praktik.label if praktik else None
    automatic = (row for row in catalog.rhk_otomatis if row.active and (row.trigger == "always" or code))
    return Rangkuman(
        content,
        label or code,
        (*(_automatic_line(row, label) for row in automatic), *_rhk_lines(content, catalog)),
        content.points(choices),
        tuple(_tugas_lines(content, catalog)),
        tuple(_perilaku_lines(content, catalog)),
    )


def _automatic_line(row: RhkOtomatis, praktik: str | None) -> RhkLine:
    # Guide: "Indikator yang dipilih … akan ditampilkan sebagai Rencana Hasil Kerja".
    label = praktik if praktik and row.trigger == "chosen_praktik_kinerja" else row.label
    return RhkLine(row.code, label, None, row.bukti, row.pengunggah, row.tahap, True)


def _rhk_lines(content: Content, catalog: Catalog) -> Iterator[RhkLine]:
    for code in content.pengembangan_kompetensi.rhk:
        row = catalog.find_rhk(code)
        label, poin, bukti = (row.label, row.poin, row.bukti_dukung) if row else (code, None, None)
        yield RhkLine(code, label, poin, bukti, "GURU", "PELAKSANAAN", False)


def _tugas_lines(content: Content, catalog: Catalog) -> Iterator[TugasLine]:
    for tugas in content.tugas_tambahan.tugas:
        row = catalog.find_tugas_tambahan(tugas.code)
        yield TugasLine(row.label if row else tugas.code, tugas)


def _perilaku_lines(content: Content, catalog: Catalog) -> Iterator[PerilakuLine]:
    for code, opsi in content.perilaku_kerja.pilihan.items():
        aspek = catalog.find_aspek(code)
        labels = {row.code: row.label for row in aspek.opsi} if aspek else {}
        yield PerilakuLine(aspek.label if aspek else code, labels.get(opsi, opsi))
