"""A phone with a weak signal: what was done is not done twice, and nobody overwrites what they have not seen."""

from __future__ import annotations

from demo import cast
from demo.client import Json
from demo.person import Person
from demo.stage import Stage
from demo.stories.tabs import TUESDAY, fill
from demo.transcript import Transcript

GIST = "Rizal plans on his phone, on the boat to school. An answer is lost on the way; his app sends the same again."
KEY = "rizal-0001-simpan-tab-1"


async def play(stage: Stage, say: Transcript) -> None:
    """The whole journey in the small documents of the app."""
    await stage.at(TUESDAY, "WITA", say)
    rizal = await stage.enter(cast.RIZAL, say, app="mobile")
    viewer, english = await rizal.asks_in_both("Viewer")
    assert viewer["mayPlan"]["allowed"]
    say.message(viewer["deviceAdvice"]["message"], english["deviceAdvice"]["message"])
    say.tell("Advice, and no more. Tetap di sini: he stays on the phone.")
    plan = await _prepared(rizal, say)
    plan = await _told_twice(rizal, plan, say)
    plan = await fill(rizal, plan, "PK-KSK", ["RHK-03"])
    summary = await rizal.asks("Rangkuman", id=plan["id"])
    assert summary["incomplete"] == []
    plan = await rizal.does("SubmitPlan", plan)
    say.tell("His principal approves from her desk; Rizal begins on the way home.")
    plan = await (await stage.enter(cast.NORHAYATI, say)).does("ApprovePlan", plan)
    plan = await rizal.does("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"


async def _prepared(rizal: Person, say: Transcript) -> Json:
    plan = await rizal.does("StartPlan")
    plan = await rizal.does("CorrectProfile", plan, jenjangJabatan="AHLI_MUDA")
    plan = await rizal.does("ConfirmProfile", plan)
    choices = (await rizal.asks("Choices", id=plan["id"]))["choices"]
    assert len(choices["praktikKinerja"]) == 8
    say.answer(f"{len(choices['praktikKinerja'])} indikator, fetched while there is a signal")
    return plan


async def _told_twice(rizal: Person, read: Json, say: Transcript) -> Json:
    say.tell("He saves his indikator. It is stored, but the boat turns a bend, and the answer never arrives.")
    asked = {"planId": read["id"], "expectedVersion": read["version"], "idempotencyKey": KEY}
    stored = await rizal.asks("SavePraktikKinerja", **asked, indikator="PK-KSK")
    assert (stored["replayed"], stored["version"]) == (False, read["version"] + 1)
    say.tell("The app sends the same again, under the same key. It is answered, and not done twice.")
    again = await rizal.asks("SavePraktikKinerja", **asked, indikator="PK-KSK")
    say.plan(again, replayed=again["replayed"])
    assert (again["replayed"], again["version"]) == (True, stored["version"])
    say.tell("Another choice under that key is another intent; it is refused.")
    await rizal.is_refused("SavePraktikKinerja", read, "key.reused", idempotencyKey=KEY, indikator="PK-UBK")
    say.tell(
        "And with a new key but the old version, as from a second device, he gets the plan as it stands now."
    )
    refusal = await rizal.is_refused("SavePraktikKinerja", read, "version.conflict", indikator="PK-UBK")
    assert refusal["plan"]["version"] == again["version"]
    say.plan(refusal["plan"])
    plan = await rizal.asks("Plan", id=read["id"])
    assert plan["content"]["praktikKinerja"] == "PK-KSK"
    return {"id": read["id"], **plan}
