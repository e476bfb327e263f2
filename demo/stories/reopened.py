"""An approved plan is corrected: an admin opens it again, nothing is lost, owner and head are told."""

from __future__ import annotations

from demo import cast
from demo.stage import Stage
from demo.stories.meanwhile import handed_in
from demo.stories.tabs import TUESDAY
from demo.transcript import Transcript

GIST = (
    "Frans chose the wrong indikator, and his plan is approved. The way out used to wipe everything, took three "
    "working days and told nobody."
)
REASON = "Indikator keliru dipilih; dibuka kembali atas permohonan guru."


async def play(stage: Stage, say: Transcript) -> None:
    """DOMAIN.md, "Facts to build on": what hurt people most."""
    await stage.at(TUESDAY, "WIT", say)
    await handed_in(stage, cast.FRANS, say)
    welmina = await stage.enter(cast.WELMINA, say)
    (edge,) = (await welmina.asks("ReviewQueue", phase="SUBMITTED"))["edges"]
    plan = await welmina.does("ApprovePlan", edge["node"])
    say.tell("Neither Frans nor Welmina can undo that. The helpdesk can, for a reason that both will read:")
    laras = await stage.enter(cast.LARAS, say, app="admin")
    await laras.is_refused("ReopenPlan", plan, "reason.missing", reason=" ")
    plan = await laras.does("ReopenPlan", plan, reason=REASON)
    assert (plan["state"]["phase"], plan["revisionDue"]) == ("DRAFT", "2024-01-30")
    frans = await stage.enter(cast.FRANS, say)
    await frans.is_told("banner.reopened")
    await welmina.is_told("banner.reopened_here")
    content = (await frans.asks("Plan", id=plan["id"]))["content"]
    assert (content["praktikKinerja"], content["pengembanganKompetensi"]) == ("PK-UBK", ["RHK-03"])
    assert len(content["perilakuKerja"]) == 7
    say.answer("every choice is where it was")
    plan = await frans.does("SavePraktikKinerja", plan, then="NEXT", indikator="PK-EPD")
    plan = await frans.does("SubmitPlan", plan)
    read = await welmina.asks("ReviewPlan", id=plan["id"])
    (change,) = read["changesSinceLastSubmission"]
    say.answer(f"the one change: {change['before']} → {change['after']}")
    plan = await welmina.does("ApprovePlan", read)
    assert plan["state"]["phase"] == "APPROVED"
