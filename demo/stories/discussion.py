"""A submitted plan between a teacher and the appointed principal: a note, a correction, approval (Guide 9)."""

from __future__ import annotations

from demo.client import Json
from demo.person import Person
from demo.transcript import Transcript

NOTE = "Mohon tambahkan observasi bersama rekan sejawat, supaya umpan balik Anda dapat diamati."


async def discuss(ratna: Person, hartini: Person, plan: Json, say: Transcript) -> None:
    """From the principal's note to Pelaksanaan."""
    queue = await hartini.asks("ReviewQueue", phase="SUBMITTED")
    (waiting,) = [edge["node"] for edge in queue["edges"]]
    assert (waiting["id"], waiting["nama"]) == (plan["id"], "Ratna Contoh")
    say.answer(f"waiting for her: {waiting['nama']}")
    read = await hartini.asks("ReviewPlan", id=waiting["id"])
    buttons = [button["label"] for button in read["availableTransitions"] if button["allowed"]]
    assert buttons == ["Setujui", "Minta perbaikan"]
    say.answer("her buttons: " + ", ".join(buttons))
    plan = await hartini.does("ReturnPlan", read, note=NOTE)
    assert (plan["state"]["phase"], plan["revisionDue"]) == ("DRAFT", "2024-01-30")
    await ratna.is_told("banner.returned")
    returned = await ratna.asks("Plan", id=plan["id"])
    assert returned["note"] == NOTE
    say.answer(f"the note: {returned['note']}")
    plan = await ratna.does("SavePengembanganKompetensi", plan, rhk=["RHK-01", "RHK-02", "RHK-03"])
    plan = await ratna.does("SubmitPlan", plan)
    read = await hartini.asks("ReviewPlan", id=plan["id"])
    (change,) = read["changesSinceLastSubmission"]
    assert (change["kind"], change["before"]) == ("ADDED", None)
    say.answer(f"new since she returned it: {change['after']}")
    say.tell("Hartini agrees, and Ratna begins.")
    plan = await hartini.does("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
    await ratna.is_told("banner.may_begin")
    plan = await ratna.does("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"
