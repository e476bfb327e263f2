"""A Non-ASN teacher may plan but need not, and cannot correct data diri."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import TUESDAY
from demo.services import ScenarioContext

SUMMARY = "Sekar is paid by her school. She may plan but need not. This is her first plan; she starts from the example."


async def run(context: ScenarioContext) -> None:
    """Make the plan from the example plan (Guide 5)."""
    await context.set_clock(TUESDAY, "WIB")
    sekar = await context.sign_in(people.SEKAR)
    viewer = await sekar.query("Viewer")
    assert (viewer["planningEligibility"]["isAllowed"], viewer["planningEligibility"]["isObliged"]) == (
        True,
        False,
    )
    context.transcript.answer("may plan but need not: she is Non-ASN")
    plan = await sekar.plan_command("StartPlan")
    assert plan["profile"]["editableFields"] == []
    context.transcript.narrate("She cannot correct her data diri here; the operator sekolah can, in Dapodik.")
    await sekar.expect_refusal("CorrectProfile", plan, "profile.not_editable", jenjangJabatan="AHLI_PERTAMA")
    plan = await sekar.plan_command("ConfirmProfile", plan)
    context.transcript.narrate(
        "An example plan for her jenjang gives a reason for each choice. She takes its choices."
    )
    jenjang = viewer["satuanPendidikan"]["jenjang"]
    indonesian, english = await sekar.query_in_both_languages("ExamplePlan", jenjang=jenjang)
    example = indonesian["examplePlan"]
    context.transcript.message(example["why"][0]["message"], english["examplePlan"]["why"][0]["message"])
    rhk, pilihan = example["pengembanganKompetensi"], example["perilakuKerja"]
    plan = await sekar.plan_command(
        "SavePraktikKinerja", plan, then="NEXT", indikator=example["praktikKinerja"]
    )
    plan = await sekar.plan_command("SavePengembanganKompetensi", plan, then="NEXT", rhk=rhk)
    plan = await sekar.plan_command("SaveTugasTambahan", plan, then="NEXT", tugas=[])
    plan = await sekar.plan_command("SavePerilakuKerja", plan, then="NEXT", pilihan=pilihan)
    plan = await sekar.plan_command("SubmitPlan", plan)
    assert plan["state"]["phase"] == "SUBMITTED"
