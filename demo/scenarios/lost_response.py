"""A phone with a weak signal: a repeated request is stored once, and an outdated one is refused."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import TUESDAY, fill_tabs
from demo.services import ScenarioContext
from demo.session import Session

SUMMARY = (
    "Rizal plans on his phone on the boat to school. A response is lost, and his app repeats the request."
)
KEY = "rizal-0001-simpan-tab-1"


async def run(context: ScenarioContext) -> None:
    """Make a plan with the small documents of the mobile app; repeat a request."""
    await context.set_clock(TUESDAY, "WITA")
    rizal = await context.sign_in(people.RIZAL, app="mobile")
    viewer, english = await rizal.query_in_both_languages("Viewer")
    assert viewer["planningEligibility"]["isAllowed"]
    context.transcript.message(viewer["deviceAdvice"]["message"], english["deviceAdvice"]["message"])
    context.transcript.narrate("That is only advice. Tetap di sini: he stays on the phone.")
    plan = await _start_plan(rizal)
    plan = await _repeat_request(rizal, plan)
    plan = await fill_tabs(rizal, plan, "PK-KSK", ["RHK-03"])
    summary = await rizal.query("Rangkuman", id=plan["id"])
    assert summary["incompleteParts"] == []
    plan = await rizal.plan_command("SubmitPlan", plan)
    context.transcript.narrate("His principal approves the plan. Rizal begins on the way home.")
    plan = await (await context.sign_in(people.NORHAYATI)).plan_command("ApprovePlan", plan)
    plan = await rizal.plan_command("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"


async def _start_plan(rizal: Session) -> Json:
    plan = await rizal.plan_command("StartPlan")
    plan = await rizal.plan_command("CorrectProfile", plan, jenjangJabatan="AHLI_MUDA")
    plan = await rizal.plan_command("ConfirmProfile", plan)
    catalog_id = (await rizal.query("Plan", id=plan["id"]))["catalog"]["id"]
    catalog = await rizal.query("Catalog", id=catalog_id)
    assert len(catalog["praktikKinerja"]) == 8
    rizal.transcript.answer(f"{len(catalog['praktikKinerja'])} indikator, loaded while there is a signal")
    return plan


async def _repeat_request(rizal: Session, plan: Json) -> Json:
    rizal.transcript.narrate("He saves his indikator. It is stored, but the response does not arrive.")
    arguments = {"planId": plan["id"], "expectedVersion": plan["version"], "idempotencyKey": KEY}
    first = await rizal.command("SavePraktikKinerja", **arguments, indikator="PK-KSK")
    assert (first["replayed"], first["version"]) == (False, plan["version"] + 1)
    rizal.transcript.narrate(
        "The app repeats the request with the same key. It receives the plan, and nothing is stored again."
    )
    replay = await rizal.command("SavePraktikKinerja", **arguments, indikator="PK-KSK")
    rizal.transcript.plan(replay, replayed=replay["replayed"])
    assert (replay["replayed"], replay["version"]) == (True, first["version"])
    rizal.transcript.narrate("Another choice with that key is a different command, so it is refused.")
    await rizal.expect_refusal(
        "SavePraktikKinerja", plan, "key.reused", idempotencyKey=KEY, indikator="PK-UBK"
    )
    rizal.transcript.narrate(
        "With a new key and an outdated version, as from a second device, the command is refused with the current plan."
    )
    refusal = await rizal.expect_refusal("SavePraktikKinerja", plan, "version.conflict", indikator="PK-UBK")
    assert refusal["currentPlan"]["version"] == replay["version"]
    rizal.transcript.plan(refusal["currentPlan"])
    current = await rizal.query("Plan", id=plan["id"])
    assert current["content"]["praktikKinerja"] == "PK-KSK"
    return {"id": plan["id"], **current}
