"""Tab 5, Rangkuman: everything chosen, and the RHK that appear by themselves (Guide, tab Rangkuman)."""

from __future__ import annotations

from dataclasses import dataclass

from services.planning.domain.catalog import Catalog, Choices
from services.planning.domain.tabs import Content


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
class Rangkuman:
    """The summary before submitting."""

    rhk: tuple[RhkLine, ...]
    poin: int


def rangkuman_of(content: Content, choices: Choices, catalog: Catalog) -> Rangkuman:
    """The summary of what is chosen so far; codes that the catalogue no longer knows are shown as they are."""
    chosen = content.praktik_kinerja.indikator
    indikator = catalog.find_praktik_kinerja(chosen) if chosen else None
    automatic = tuple(
        RhkLine(row.code, _label(row.trigger, row.label, indikator.label if indikator else None), None,
                row.bukti, row.pengunggah, row.tahap, True)
        for row in catalog.rhk_otomatis
        if row.active and (row.trigger == "always" or chosen)
    )  # fmt: skip
    own = tuple(_own(code, catalog) for code in content.pengembangan_kompetensi.rhk)
    return Rangkuman((*automatic, *own), content.points(choices))


def _label(trigger: str, label: str, indikator: str | None) -> str:
    # Guide: "Indikator yang dipilih … akan ditampilkan sebagai Rencana Hasil Kerja".
    return indikator if trigger == "chosen_praktik_kinerja" and indikator else label


def _own(code: str, catalog: Catalog) -> RhkLine:
    row = catalog.find_rhk(code)
    label, poin, bukti = (row.label, row.poin, row.bukti_dukung) if row else (code, None, None)
    return RhkLine(code, label, poin, bukti, "GURU", "PELAKSANAAN", False)
