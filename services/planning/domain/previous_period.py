"""The semester before, within the year that Perilaku Kerja is chosen for (Guide, tab 4: "satu tahun ke depan")."""

from __future__ import annotations

from services.planning.domain.catalog import Choices
from services.planning.domain.tabs.perilaku_kerja import PerilakuKerja


def first_semester_of(period: str) -> str | None:
    """The code of the first semester of the same year, seen from the second one; else None."""
    year, _, semester = period.partition("-")
    return f"{year}-1" if semester == "2" else None


def still_offered(chosen: PerilakuKerja, choices: Choices) -> PerilakuKerja:
    """What was chosen then and can be chosen today, in the order of the screen."""
    return PerilakuKerja(
        {
            aspek.code: opsi.code
            for aspek in choices.perilaku
            for opsi in aspek.opsi
            if chosen.pilihan.get(aspek.code) == opsi.code
        }
    )
