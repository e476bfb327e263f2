"""Several plans and one principal: history, discussion, a return, what changed, and many approved at once."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import TUESDAY, show_history, submit_plan
from demo.services import Services
from demo.session import Session
from demo.transcript import Transcript

SUMMARY = (
    "Ance, Elisabet and Petrus wait for Welmina. One plan goes back and comes again; then she approves all that "
    "wait, from the page that she opened in the morning."
)
QUESTION = "Pak Petrus, hasil observasi menunjuk ke disiplin positif. Mengapa memilih umpan balik?"
ANSWER = "Ibu benar. Mohon dikembalikan, akan saya ganti."
NOTE = "Silakan ganti indikatornya seperti yang kita bicarakan."
KEY = "welmina-0001-setujui-semua"


async def run(services: Services, transcript: Transcript) -> None:
    """Guide 9, and DOMAIN.md: a principal with many plans."""
    await services.restart_at(TUESDAY, "WIT", transcript)
    for who in (people.ANCE, people.ELISABET, people.PETRUS):
        await submit_plan(services, who, transcript)
    welmina = await services.sign_in(people.WELMINA, transcript)
    queue = await welmina.query("ReviewQueue", phase="SUBMITTED")
    morning = [edge["node"] for edge in queue["edges"]]
    assert [one["nama"] for one in morning] == ["Ance Contoh", "Elisabet Contoh", "Petrus Contoh"]
    assert queue["counts"] == [{"phase": "SUBMITTED", "plans": 3}]
    transcript.answer("waiting: " + ", ".join(one["nama"] for one in morning))
    petrus = await _talked_over(services, welmina, morning[2]["id"], transcript)
    await _returned(services, petrus, morning[2], transcript)
    await _approved_at_once(welmina, morning, transcript)
    await _what_changed(welmina, morning[2]["id"], transcript)


async def _talked_over(services: Services, welmina: Session, plan_id: str, transcript: Transcript) -> Session:
    plan = await welmina.query("ReviewPlan", id=plan_id)
    assert (plan["changesSinceLastSubmission"], plan["turn"]["who"]) == (None, "HEAD")
    transcript.answer(
        f"{plan['rangkuman']['praktikKinerja']}, {plan['rangkuman']['poin']} points; handed in once"
    )
    await show_history(welmina, plan_id, 2, transcript)
    transcript.narrate(
        "She asks him. A comment decides nothing; the plan stays as it is, and so does its version."
    )
    first = await welmina.query("CommentOnPlan", planId=plan_id, text=QUESTION)
    petrus = await services.sign_in(people.PETRUS, transcript)
    mine = await petrus.query("Plan", id=plan_id)
    assert (mine["comments"]["totalCount"], mine["version"]) == (1, plan["version"])
    read = await petrus.query("Comments", id=plan_id)
    (comment,) = [edge["node"] for edge in read["comments"]["edges"]]
    assert (comment["text"], comment["author"]["nama"]) == (QUESTION, "Welmina Contoh")
    transcript.answer(f"{comment['number']}. {comment['author']['nama']}: {comment['text']}")
    second = await petrus.query("CommentOnPlan", planId=plan_id, text=ANSWER)
    assert (first["number"], second["number"]) == (1, 2)
    return petrus


async def _returned(services: Services, petrus: Session, waiting: Json, transcript: Transcript) -> None:
    transcript.narrate("In the corridor she reads it on her phone, and returns the plan.")
    phone = await services.sign_in(people.WELMINA, transcript, app="mobile")
    told = (await phone.query("Comments", id=waiting["id"]))["comments"]["edges"][-1]["node"]
    assert told["text"] == ANSWER
    transcript.answer(f"{told['number']}. {told['author']['nama']}: {told['text']}")
    await phone.query("CommentOnPlan", planId=waiting["id"], text="Baik, saya kembalikan sekarang.")
    plan = await phone.command("ReturnPlan", waiting, note=NOTE)
    await petrus.expect_banners("banner.returned")
    plan = await petrus.command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-PDP")
    await petrus.command("SubmitPlan", plan)


async def _approved_at_once(welmina: Session, morning: list[Json], transcript: Transcript) -> None:
    transcript.narrate(
        "Back at her desk the page of the morning is still open. She ticks all three: Setujui."
    )
    ticked = [{"planId": one["id"], "expectedVersion": one["version"]} for one in morning]
    ours, english = await welmina.query_in_both_languages("ApprovePlans", plans=ticked, idempotencyKey=KEY)
    assert (ours["approved"], english["approved"]) == (2, 2), "the second sending found them done"
    *approved, petrus = [one["result"] for one in ours["results"]]
    for one, plan in zip(morning, approved, strict=False):
        transcript.answer(f"{one['nama']}: {plan['state']['label']}")
    transcript.narrate(
        "What she has not read is not approved. The answer explains it, and says how that plan stands now:"
    )
    same = english["results"][-1]["result"]
    assert [one["code"] for one in petrus["problems"]] == ["version.conflict"]
    transcript.refusal(petrus["problems"], same["problems"])
    transcript.answer(f"{morning[2]['nama']}: {petrus['plan']['state']['label']}")


async def _what_changed(welmina: Session, plan_id: str, transcript: Transcript) -> None:
    plan = await welmina.query("ReviewPlan", id=plan_id)
    (change,) = plan["changesSinceLastSubmission"]
    assert (change["part"], change["kind"]) == ("PRAKTIK_KINERJA", "REPLACED")
    transcript.answer(f"the one change since she read it: {change['before']} → {change['after']}")
    plan = await welmina.command("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
