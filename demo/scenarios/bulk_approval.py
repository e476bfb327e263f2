"""A principal with several plans: comments, a returned plan, its changes, and bulk approval."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import TUESDAY, show_history, submit_plan
from demo.services import ScenarioContext
from demo.session import Session

SUMMARY = (
    "Ance, Elisabet and Petrus have submitted plans to Welmina. She returns one of them, and Petrus submits it again. "
    "Then she approves all three from a page that she loaded before."
)
QUESTION = "Pak Petrus, hasil observasi menunjuk ke disiplin positif. Mengapa memilih umpan balik?"
ANSWER = "Ibu benar. Mohon dikembalikan, akan saya ganti."
NOTE = "Silakan ganti indikatornya seperti yang kita bicarakan."
KEY = "welmina-0001-setujui-semua"


async def run(context: ScenarioContext) -> None:
    """Return one of three plans, then approve all three from an outdated list (Guide 9)."""
    await context.set_clock(TUESDAY, "WIT")
    for person in (people.ANCE, people.ELISABET, people.PETRUS):
        await submit_plan(context, person)
    welmina = await context.sign_in(people.WELMINA)
    queue = await welmina.query("ReviewQueue", filter={"phase": "SUBMITTED"})
    outdated_plans = [edge["node"] for edge in queue["edges"]]
    assert [plan["owner"]["nama"] for plan in outdated_plans] == [
        "Ance Contoh",
        "Elisabet Contoh",
        "Petrus Contoh",
    ]
    assert queue["counts"] == [{"phase": "SUBMITTED", "planCount": 3}]
    context.transcript.answer("waiting: " + ", ".join(plan["owner"]["nama"] for plan in outdated_plans))
    petrus = await _discuss(context, welmina, outdated_plans[2]["id"])
    await _return_and_resubmit(context, petrus, outdated_plans[2])
    await _approve_all(welmina, outdated_plans)
    await _approve_changed_plan(welmina, outdated_plans[2]["id"])


async def _discuss(context: ScenarioContext, welmina: Session, plan_id: str) -> Session:
    plan = await welmina.query("ReviewPlan", id=plan_id)
    assert (plan["changesSinceLastSubmission"], plan["turn"]["assignee"]) == (None, "HEAD")
    context.transcript.answer(
        f"{plan['rangkuman']['praktikKinerja']}, {plan['rangkuman']['poin']} points; submitted once"
    )
    await show_history(welmina, plan_id, 2)
    context.transcript.narrate("She asks him. A comment changes neither the plan nor its version.")
    first = await welmina.command("CommentOnPlan", planId=plan_id, text=QUESTION)
    petrus = await context.sign_in(people.PETRUS)
    own_plan = await petrus.query("Plan", id=plan_id)
    assert (own_plan["comments"]["totalCount"], own_plan["version"]) == (1, plan["version"])
    (edge,) = (await petrus.query("Comments", id=plan_id))["comments"]["edges"]
    comment = edge["node"]
    assert (comment["text"], comment["author"]["nama"]) == (QUESTION, "Welmina Contoh")
    context.transcript.answer(f"{comment['number']}. {comment['author']['nama']}: {comment['text']}")
    second = await petrus.command("CommentOnPlan", planId=plan_id, text=ANSWER)
    assert (first["number"], second["number"]) == (1, 2)
    return petrus


async def _return_and_resubmit(context: ScenarioContext, petrus: Session, submitted: Json) -> None:
    context.transcript.narrate("She reads his answer on her phone and returns the plan.")
    phone = await context.sign_in(people.WELMINA, app="mobile")
    comment = (await phone.query("Comments", id=submitted["id"]))["comments"]["edges"][-1]["node"]
    assert comment["text"] == ANSWER
    context.transcript.answer(f"{comment['number']}. {comment['author']['nama']}: {comment['text']}")
    await phone.command("CommentOnPlan", planId=submitted["id"], text="Baik, saya kembalikan sekarang.")
    plan = await phone.plan_command("ReturnPlan", submitted, note=NOTE)
    await petrus.expect_banners("banner.returned")
    plan = await petrus.plan_command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-PDP")
    await petrus.plan_command("SubmitPlan", plan)


async def _approve_all(welmina: Session, outdated_plans: list[Json]) -> None:
    welmina.transcript.narrate(
        "On her desktop the list from the morning is still open. She selects all three plans: Setujui."
    )
    selection = [{"planId": plan["id"], "expectedVersion": plan["version"]} for plan in outdated_plans]
    indonesian, english = await welmina.query_in_both_languages(
        "ApprovePlans", plans=selection, idempotencyKey=KEY
    )
    assert (indonesian["approvedCount"], english["approvedCount"]) == (2, 2), (
        "the English request is a replay"
    )
    *approved, petrus = indonesian["results"]
    for row, result in zip(outdated_plans, approved, strict=False):
        welmina.transcript.answer(f"{row['owner']['nama']}: {result['plan']['state']['label']}")
    welmina.transcript.narrate(
        "The plan that changed since she read it is not approved. The answer says why and holds its current state:"
    )
    translation = english["results"][-1]
    assert [problem["code"] for problem in petrus["problems"]] == ["version.conflict"]
    welmina.transcript.refusal(petrus["problems"], translation["problems"])
    welmina.transcript.answer(
        f"{outdated_plans[2]['owner']['nama']}: {petrus['currentPlan']['state']['label']}"
    )


async def _approve_changed_plan(welmina: Session, plan_id: str) -> None:
    plan = await welmina.query("ReviewPlan", id=plan_id)
    (change,) = plan["changesSinceLastSubmission"]
    assert (change["part"], change["kind"]) == ("PRAKTIK_KINERJA", "REPLACED")
    welmina.transcript.answer(f"the only change since she read it: {change['before']} → {change['after']}")
    plan = await welmina.plan_command("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
