"""A phone with a weak signal: what was done is not done twice, and nobody overwrites what they have not seen."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import TUESDAY, fill_tabs
from demo.services import Services
from demo.session import Session
from demo.transcript import Transcript

SUMMARY = "Rizal plans on his phone, on the boat to school. An answer is lost on the way; his app sends the same again."
KEY = "rizal-0001-simpan-tab-1"


async def run(services: Services, transcript: Transcript) -> None:
    """The whole journey in the small documents of the app."""
    await services.restart_at(TUESDAY, "WITA", transcript)
    rizal = await services.sign_in(people.RIZAL, transcript, app="mobile")
    viewer, english = await rizal.query_in_both_languages("Viewer")
    assert viewer["mayPlan"]["allowed"]
    transcript.message(viewer["deviceAdvice"]["message"], english["deviceAdvice"]["message"])
    transcript.narrate("Advice, and no more. Tetap di sini: he stays on the phone.")
    plan = await _prepared(rizal, transcript)
    plan = await _told_twice(rizal, plan, transcript)
    plan = await fill_tabs(rizal, plan, "PK-KSK", ["RHK-03"])
    summary = await rizal.query("Rangkuman", id=plan["id"])
    assert summary["incomplete"] == []
    plan = await rizal.command("SubmitPlan", plan)
    transcript.narrate("His principal approves from her desk; Rizal begins on the way home.")
    plan = await (await services.sign_in(people.NORHAYATI, transcript)).command("ApprovePlan", plan)
    plan = await rizal.command("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"


async def _prepared(rizal: Session, transcript: Transcript) -> Json:
    plan = await rizal.command("StartPlan")
    plan = await rizal.command("CorrectProfile", plan, jenjangJabatan="AHLI_MUDA")
    plan = await rizal.command("ConfirmProfile", plan)
    choices = (await rizal.query("Choices", id=plan["id"]))["choices"]
    assert len(choices["praktikKinerja"]) == 8
    transcript.answer(f"{len(choices['praktikKinerja'])} indikator, fetched while there is a signal")
    return plan


async def _told_twice(rizal: Session, read: Json, transcript: Transcript) -> Json:
    transcript.narrate(
        "He saves his indikator. It is stored, but the boat turns a bend, and the answer never arrives."
    )
    asked = {"planId": read["id"], "expectedVersion": read["version"], "idempotencyKey": KEY}
    stored = await rizal.query("SavePraktikKinerja", **asked, indikator="PK-KSK")
    assert (stored["replayed"], stored["version"]) == (False, read["version"] + 1)
    transcript.narrate(
        "The app sends the same again, under the same key. It is answered, and not done twice."
    )
    again = await rizal.query("SavePraktikKinerja", **asked, indikator="PK-KSK")
    transcript.plan(again, replayed=again["replayed"])
    assert (again["replayed"], again["version"]) == (True, stored["version"])
    transcript.narrate("Another choice under that key is another intent; it is refused.")
    await rizal.expect_refusal(
        "SavePraktikKinerja", read, "key.reused", idempotencyKey=KEY, indikator="PK-UBK"
    )
    transcript.narrate(
        "And with a new key but the old version, as from a second device, he gets the plan as it stands now."
    )
    refusal = await rizal.expect_refusal("SavePraktikKinerja", read, "version.conflict", indikator="PK-UBK")
    assert refusal["plan"]["version"] == again["version"]
    transcript.plan(refusal["plan"])
    plan = await rizal.query("Plan", id=read["id"])
    assert plan["content"]["praktikKinerja"] == "PK-KSK"
    return {"id": read["id"], **plan}
