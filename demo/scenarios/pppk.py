"""A PPPK with too few points is warned but may submit (DOMAIN.md, journey 4)."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import TUESDAY, fill_tabs
from demo.services import ScenarioContext

SUMMARY = "Bima has a contract (PPPK). He may correct only his jenjang jabatan, and plans 16 points of 32."


async def run(context: ScenarioContext) -> None:
    """Correct data diri, fill in the tabs, acknowledge the warning (Guide 5)."""
    await context.set_clock(TUESDAY, "WIB")
    bima = await context.sign_in(people.BIMA)
    plan = await bima.plan_command("StartPlan")
    assert plan["profile"]["editableFields"] == ["JENJANG_JABATAN"]
    context.transcript.narrate("A PPPK has no ruang. He may correct the jenjang jabatan.")
    await bima.expect_refusal("CorrectProfile", plan, "profile.field_not_editable", ruang="b")
    plan = await bima.plan_command("CorrectProfile", plan, jenjangJabatan="AHLI_PERTAMA")
    plan = await fill_tabs(bima, plan, "PK-AIN", ["RHK-01", "RHK-02"])
    context.transcript.narrate(
        "Ajukan: two rencana hasil kerja have 16 points. He acknowledges the warning and submits."
    )
    refusal = await bima.expect_refusal("SubmitPlan", plan, "points.below_minimum")
    assert refusal["problems"][0]["isAcknowledgeable"]
    plan = await bima.plan_command("SubmitPlan", plan, acknowledge=["points.below_minimum"])
    assert plan["state"]["phase"] == "SUBMITTED"
