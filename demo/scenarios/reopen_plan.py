"""An admin reopens an approved plan; every choice is kept, and the teacher and the head are notified."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import TUESDAY, submit_plan
from demo.services import ScenarioContext

SUMMARY = (
    "Frans chose the wrong indikator, and his plan is approved. Until now a correction deleted the plan, took "
    "three working days and notified nobody."
)
REASON = "Indikator keliru dipilih; dibuka kembali atas permohonan guru."


async def run(context: ScenarioContext) -> None:
    """Approve, reopen, change and approve a plan (DOMAIN.md, "Facts to build on")."""
    await context.set_clock(TUESDAY, "WIT")
    await submit_plan(context, people.FRANS)
    welmina = await context.sign_in(people.WELMINA)
    (edge,) = (await welmina.query("ReviewQueue", filter={"phase": "SUBMITTED"}))["edges"]
    plan = await welmina.plan_command("ApprovePlan", edge["node"])
    context.transcript.narrate(
        "Neither Frans nor Welmina can undo the approval. The helpdesk can, with a reason that both can read:"
    )
    laras = await context.sign_in(people.LARAS, app="admin")
    await laras.expect_refusal("ReopenPlan", plan, "reason.missing", reason=" ")
    plan = await laras.plan_command("ReopenPlan", plan, reason=REASON)
    assert (plan["state"]["phase"], plan["revisionDueOn"]) == ("DRAFT", "2024-01-30")
    frans = await context.sign_in(people.FRANS)
    await frans.expect_banners("banner.reopened")
    await welmina.expect_banners("banner.reopened_here")
    content = (await frans.query("Plan", id=plan["id"]))["content"]
    assert (content["praktikKinerja"], content["pengembanganKompetensi"]) == ("PK-UBK", ["RHK-03"])
    assert len(content["perilakuKerja"]) == 7
    context.transcript.answer("the plan still holds every choice")
    plan = await frans.plan_command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-EPD")
    plan = await frans.plan_command("SubmitPlan", plan)
    plan = await welmina.query("ReviewPlan", id=plan["id"])
    (change,) = plan["changesSinceLastSubmission"]
    context.transcript.answer(f"the only change: {change['before']} → {change['after']}")
    plan = await welmina.plan_command("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
