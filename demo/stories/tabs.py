"""Filling all four tabs at once, for stories that are about something else."""

from __future__ import annotations

from demo.client import Json
from demo.person import Person

TUESDAY = "2024-01-16T00:30:00Z"
BEHAVIOURS = [{"aspek": aspek, "opsi": f"{aspek}-1"} for aspek in ("BP", "AK", "KO", "HA", "LO", "AD", "KL")]


async def fill(person: Person, plan: Json, indikator: str, rhk: list[str]) -> Json:
    """The plan with every tab complete, and without tugas tambahan: that tab may be passed over."""
    plan = await person.does("SavePraktikKinerja", plan, then="NEXT", indikator=indikator)
    plan = await person.does("SavePengembanganKompetensi", plan, then="NEXT", rhk=rhk)
    plan = await person.does("SaveTugasTambahan", plan, then="NEXT", tugas=[])
    plan = await person.does("SavePerilakuKerja", plan, then="NEXT", pilihan=BEHAVIOURS)
    assert plan["tab"] == "RANGKUMAN"
    return plan
