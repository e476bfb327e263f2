"""What teachers of the small registry fill in, as mutations take it."""

from __future__ import annotations

from typing import Any

from tests.integration.planning.environment import Client, Environment, expect_plan

TabInput = dict[str, Any]

INDIKATOR: TabInput = {"indikator": "PK-KSK"}
SUB_INDIKATOR: TabInput = {"indikator": "PAUD-PPE"}
RHK: TabInput = {"rhk": ["RHK-01", "RHK-02", "RHK-04", "RHK-07"]}  # 32 points
TOO_FEW: TabInput = {"rhk": ["RHK-01"]}  # 8 points
WALI_KELAS = {"code": "TT-WALAS", "nomorSk": "421/001/2024", "tanggalSk": "2024-01-02"}
TUGAS: TabInput = {"tugas": [WALI_KELAS]}
NO_TUGAS: TabInput = {"tugas": []}
PERILAKU: TabInput = {
    "pilihan": [{"aspek": a, "opsi": f"{a}-1"} for a in ("BP", "AK", "KO", "HA", "LO", "AD", "KL")]
}
NOTE = "Mohon lengkapi RHK.\nTerima kasih."
ACKNOWLEDGED_POINTS: TabInput = {"acknowledge": ["points.below_minimum"]}


async def complete_plan(client: Client, *, indikator: Any = INDIKATOR, rhk: Any = RHK) -> dict[str, Any]:
    """Start a plan, confirm data diri and fill every tab; ready to be submitted at version 6."""
    await client.start_plan()
    await client.mutate_plan("confirmProfile", 1)
    await client.mutate_plan("savePraktikKinerja", 2, **indikator, then="NEXT")
    await client.mutate_plan("savePengembanganKompetensi", 3, **rhk, then="NEXT")
    await client.mutate_plan("saveTugasTambahan", 4, **NO_TUGAS, then="NEXT")
    return await client.mutate_plan("savePerilakuKerja", 5, **PERILAKU, then="NEXT")


async def submit_plan(environment: Environment, teacher: int, **given: Any) -> Client:
    """A teacher whose plan is complete and handed in."""
    client = await environment.sign_in(teacher)
    await complete_plan(client, **given)
    await client.mutate_plan("submitPlan", 6)
    return client


async def decide_as_head(
    environment: Environment, head: int | str, teacher: Client, mutation: str, **given: Any
) -> dict[str, Any]:
    """What the head of the school made of a teacher's plan at its present version."""
    superior = await environment.sign_in(head)
    version = (await superior.load_plan(teacher.plan_id))["version"]
    answer = await superior.mutate(mutation, {"planId": teacher.plan_id, "expectedVersion": version, **given})
    return expect_plan(answer)


async def store_plt_confirmation(environment: Environment, npsn: str, ptk_id: object) -> None:
    """The fact that the Plt of a school has confirmed, as the store keeps it."""
    await environment.sql(
        "INSERT INTO plt_confirmation (npsn, period, ptk_id, account, at) VALUES ($1, '2024-1', $2, '', $3)",
        npsn, ptk_id, environment.now,
    )  # fmt: skip
