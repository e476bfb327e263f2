"""Several plans and one principal: history, discussion, a return, what changed, and many approved at once."""

from __future__ import annotations

from demo import cast
from demo.client import Json
from demo.person import Person
from demo.stage import Stage
from demo.stories.meanwhile import handed_in, history_read
from demo.stories.tabs import TUESDAY
from demo.transcript import Transcript

GIST = (
    "Ance, Elisabet and Petrus wait for Welmina. One plan goes back and comes again; then she approves all that "
    "wait, from the page that she opened in the morning."
)
QUESTION = "Pak Petrus, hasil observasi menunjuk ke disiplin positif. Mengapa memilih umpan balik?"
ANSWER = "Ibu benar. Mohon dikembalikan, akan saya ganti."
NOTE = "Silakan ganti indikatornya seperti yang kita bicarakan."
KEY = "welmina-0001-setujui-semua"


async def play(stage: Stage, say: Transcript) -> None:
    """Guide 9, and DOMAIN.md: a principal with many plans."""
    await stage.at(TUESDAY, "WIT", say)
    for who in (cast.ANCE, cast.ELISABET, cast.PETRUS):
        await handed_in(stage, who, say)
    welmina = await stage.enter(cast.WELMINA, say)
    queue = await welmina.asks("ReviewQueue", phase="SUBMITTED")
    morning = [edge["node"] for edge in queue["edges"]]
    assert [one["nama"] for one in morning] == ["Ance Contoh", "Elisabet Contoh", "Petrus Contoh"]
    assert queue["counts"] == [{"phase": "SUBMITTED", "plans": 3}]
    say.answer("waiting: " + ", ".join(one["nama"] for one in morning))
    petrus = await _talked_over(stage, welmina, morning[2]["id"], say)
    await _returned(stage, petrus, morning[2], say)
    await _approved_at_once(welmina, morning, say)
    await _what_changed(welmina, morning[2]["id"], say)


async def _talked_over(stage: Stage, welmina: Person, plan_id: str, say: Transcript) -> Person:
    plan = await welmina.asks("ReviewPlan", id=plan_id)
    assert (plan["changesSinceLastSubmission"], plan["turn"]["who"]) == (None, "HEAD")
    say.answer(f"{plan['rangkuman']['praktikKinerja']}, {plan['rangkuman']['poin']} points; handed in once")
    await history_read(welmina, plan_id, 2, say)
    say.tell("She asks him. A comment decides nothing; the plan stays as it is, and so does its version.")
    first = await welmina.asks("CommentOnPlan", planId=plan_id, text=QUESTION)
    petrus = await stage.enter(cast.PETRUS, say)
    mine = await petrus.asks("Plan", id=plan_id)
    assert (mine["comments"]["totalCount"], mine["version"]) == (1, plan["version"])
    read = await petrus.asks("Comments", id=plan_id)
    (comment,) = [edge["node"] for edge in read["comments"]["edges"]]
    assert (comment["text"], comment["author"]["nama"]) == (QUESTION, "Welmina Contoh")
    say.answer(f"{comment['number']}. {comment['author']['nama']}: {comment['text']}")
    second = await petrus.asks("CommentOnPlan", planId=plan_id, text=ANSWER)
    assert (first["number"], second["number"]) == (1, 2)
    return petrus


async def _returned(stage: Stage, petrus: Person, waiting: Json, say: Transcript) -> None:
    say.tell("In the corridor she reads it on her phone, and returns the plan.")
    phone = await stage.enter(cast.WELMINA, say, app="mobile")
    told = (await phone.asks("Comments", id=waiting["id"]))["comments"]["edges"][-1]["node"]
    assert told["text"] == ANSWER
    say.answer(f"{told['number']}. {told['author']['nama']}: {told['text']}")
    await phone.asks("CommentOnPlan", planId=waiting["id"], text="Baik, saya kembalikan sekarang.")
    plan = await phone.does("ReturnPlan", waiting, note=NOTE)
    await petrus.is_told("banner.returned")
    plan = await petrus.does("SavePraktikKinerja", plan, then="NEXT", indikator="PK-PDP")
    await petrus.does("SubmitPlan", plan)


async def _approved_at_once(welmina: Person, morning: list[Json], say: Transcript) -> None:
    say.tell("Back at her desk the page of the morning is still open. She ticks all three: Setujui.")
    ticked = [{"planId": one["id"], "expectedVersion": one["version"]} for one in morning]
    ours, english = await welmina.asks_in_both("ApprovePlans", plans=ticked, idempotencyKey=KEY)
    assert (ours["approved"], english["approved"]) == (2, 2), "the second sending found them done"
    *approved, petrus = [one["result"] for one in ours["results"]]
    for one, plan in zip(morning, approved, strict=False):
        say.answer(f"{one['nama']}: {plan['state']['label']}")
    say.tell(
        "What she has not read is not approved. The answer explains it, and says how that plan stands now:"
    )
    same = english["results"][-1]["result"]
    assert [one["code"] for one in petrus["problems"]] == ["version.conflict"]
    say.refusal(petrus["problems"], same["problems"])
    say.answer(f"{morning[2]['nama']}: {petrus['plan']['state']['label']}")


async def _what_changed(welmina: Person, plan_id: str, say: Transcript) -> None:
    plan = await welmina.asks("ReviewPlan", id=plan_id)
    (change,) = plan["changesSinceLastSubmission"]
    assert (change["part"], change["kind"]) == ("PRAKTIK_KINERJA", "REPLACED")
    say.answer(f"the one change since she read it: {change['before']} → {change['after']}")
    plan = await welmina.does("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
