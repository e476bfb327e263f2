"""An approved plan is corrected: an admin opens it again, nothing is lost, owner and head are told."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import TUESDAY, submit_plan
from demo.services import Services
from demo.transcript import Transcript

SUMMARY = (
    "Frans chose the wrong indikator, and his plan is approved. The way out used to wipe everything, took three "
    "working days and told nobody."
)
REASON = "Indikator keliru dipilih; dibuka kembali atas permohonan guru."


async def run(services: Services, transcript: Transcript) -> None:
    """DOMAIN.md, "Facts to build on": what hurt people most."""
    await services.restart_at(TUESDAY, "WIT", transcript)
    await submit_plan(services, people.FRANS, transcript)
    welmina = await services.sign_in(people.WELMINA, transcript)
    (edge,) = (await welmina.query("ReviewQueue", phase="SUBMITTED"))["edges"]
    plan = await welmina.command("ApprovePlan", edge["node"])
    transcript.narrate(
        "Neither Frans nor Welmina can undo that. The helpdesk can, for a reason that both will read:"
    )
    laras = await services.sign_in(people.LARAS, transcript, app="admin")
    await laras.expect_refusal("ReopenPlan", plan, "reason.missing", reason=" ")
    plan = await laras.command("ReopenPlan", plan, reason=REASON)
    assert (plan["state"]["phase"], plan["revisionDue"]) == ("DRAFT", "2024-01-30")
    frans = await services.sign_in(people.FRANS, transcript)
    await frans.expect_banners("banner.reopened")
    await welmina.expect_banners("banner.reopened_here")
    content = (await frans.query("Plan", id=plan["id"]))["content"]
    assert (content["praktikKinerja"], content["pengembanganKompetensi"]) == ("PK-UBK", ["RHK-03"])
    assert len(content["perilakuKerja"]) == 7
    transcript.answer("every choice is where it was")
    plan = await frans.command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-EPD")
    plan = await frans.command("SubmitPlan", plan)
    read = await welmina.query("ReviewPlan", id=plan["id"])
    (change,) = read["changesSinceLastSubmission"]
    transcript.answer(f"the one change: {change['before']} → {change['after']}")
    plan = await welmina.command("ApprovePlan", read)
    assert plan["state"]["phase"] == "APPROVED"
