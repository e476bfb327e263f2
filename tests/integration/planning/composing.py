"""What teachers of the small registry fill in, as mutations take it."""

from __future__ import annotations

from typing import Any

from tests.integration.planning.house import House, Person, plan_in

Filled = dict[str, Any]

INDIKATOR: Filled = {"indikator": "PK-KSK"}
SUB_INDIKATOR: Filled = {"indikator": "PAUD-PPE"}
RHK: Filled = {"rhk": ["RHK-01", "RHK-02", "RHK-04", "RHK-07"]}  # 32 points
TOO_FEW: Filled = {"rhk": ["RHK-01"]}  # 8 points
WALI_KELAS = {"code": "TT-WALAS", "nomorSk": "421/001/2024", "tanggalSk": "2024-01-02"}
TUGAS: Filled = {"tugas": [WALI_KELAS]}
NO_TUGAS: Filled = {"tugas": []}
PERILAKU: Filled = {
    "pilihan": [{"aspek": a, "opsi": f"{a}-1"} for a in ("BP", "AK", "KO", "HA", "LO", "AD", "KL")]
}
NOTE = "Mohon lengkapi RHK.\nTerima kasih."
WARNED: Filled = {"acknowledge": ["points.below_minimum"]}


async def complete(person: Person, *, indikator: Any = INDIKATOR, rhk: Any = RHK) -> dict[str, Any]:
    """Start a plan, confirm data diri and fill every tab; ready to be submitted at version 6."""
    await person.start()
    await person.done("confirmProfile", 1)
    await person.done("savePraktikKinerja", 2, **indikator, then="NEXT")
    await person.done("savePengembanganKompetensi", 3, **rhk, then="NEXT")
    await person.done("saveTugasTambahan", 4, **NO_TUGAS, then="NEXT")
    return await person.done("savePerilakuKerja", 5, **PERILAKU, then="NEXT")


async def submitted(house: House, who: int, **given: Any) -> Person:
    """A teacher whose plan is complete and handed in."""
    person = await house.person(who)
    await complete(person, **given)
    await person.done("submitPlan", 6)
    return person


async def decided(house: House, head: int, teacher: Person, mutation: str, **given: Any) -> dict[str, Any]:
    """What the head of the school made of a teacher's plan at its present version."""
    superior = await house.person(head)
    version = (await superior.plan(teacher.plan_id))["version"]
    answer = await superior.do(mutation, {"planId": teacher.plan_id, "expectedVersion": version, **given})
    return plan_in(answer)


async def confirmed_by_plt(house: House, npsn: str, ptk_id: object) -> None:
    """The fact that the Plt of a school has confirmed, as the store keeps it."""
    await house.sql(
        "INSERT INTO plt_confirmation (npsn, period, ptk_id, account, at) VALUES ($1, '2024-1', $2, '', $3)",
        npsn, ptk_id, house.now,
    )  # fmt: skip
