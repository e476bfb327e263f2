"""A teacher changes school within the period: both heads see the plan, an admin moves it to the new school."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import TUESDAY, import_file, show_history, submit_plan, wait_for_worker
from demo.services import ScenarioContext
from demo.session import Session

SUMMARY = "Dewi submitted her plan at the SMP. Now the SD is her sekolah induk, and its principal must decide the plan."
REASON = "Guru pindah tugas ke SD Negeri Contoh 01 sejak 12 Januari 2024."


async def run(context: ScenarioContext) -> None:
    """DOMAIN.md, "States": a plan keeps the school of its snapshot until an admin moves it."""
    await context.set_clock(TUESDAY, "WITA")
    plan = await submit_plan(context, people.DEWI)
    context.transcript.narrate(
        "In the new data of the SD it is her sekolah induk since 12 January. An operator imports them:"
    )
    await import_file(context, "dapodik", "99000001-sd.json")
    former_head = await _check_former_head(context)
    new_head = await _check_new_head(context, plan)
    dewi = await context.sign_in(people.DEWI_AT_SD, app="mobile")
    await dewi.expect_banners("banner.moved")
    laras = await context.sign_in(people.LARAS, app="admin")
    plan = await laras.plan_command("MovePlan", plan, reason=REASON)
    assert (plan["satuanPendidikan"]["npsn"], plan["state"]["phase"]) == ("99000001", "SUBMITTED")
    assert await _plans_of_dewi(former_head) == []
    context.transcript.answer("Dewi's plan has left this queue")
    plan = await new_head.plan_command("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
    await show_history(dewi, plan["id"], 2)


async def _check_former_head(context: ScenarioContext) -> Session:
    head = await context.sign_in(people.NORHAYATI, app="mobile")

    async def is_moved() -> bool:
        queue = await head.poll("ReviewQueue", filter={"name": "dewi"})
        return any(edge["node"]["currentSatuanPendidikan"] for edge in queue["edges"])

    await wait_for_worker(is_moved, "recorded the new school")
    ((plan, is_arriving),) = await _plans_of_dewi(head)
    school = plan["currentSatuanPendidikan"]["npsn"]
    assert (school, is_arriving) == ("99000001", False)
    context.transcript.answer(
        f"{plan['owner']['nama']}: {plan['state']['label']}, her sekolah induk is now {school}"
    )
    return head


async def _check_new_head(context: ScenarioContext, plan: Json) -> Session:
    head = await context.sign_in(people.HARTINI, app="mobile")
    ((entry, is_arriving),) = await _plans_of_dewi(head)
    assert (entry["id"], entry["satuanPendidikan"]["npsn"], is_arriving) == (plan["id"], "99000003", True)
    context.transcript.answer(
        f"{entry['owner']['nama']}: {entry['state']['label']}, still at {entry['satuanPendidikan']['npsn']}"
    )
    detail = await head.query("ReviewPlan", id=plan["id"])
    assert not any(button["isAllowed"] for button in detail["availableTransitions"])
    context.transcript.narrate("She may read the plan. She may not decide it while it belongs to the SMP:")
    await head.expect_refusal("ApprovePlan", plan, "actor.not_head")
    return head


async def _plans_of_dewi(head: Session) -> list[tuple[Json, bool]]:
    """Return Dewi's plans in the queue of a head, and whether each is still at another school."""
    queue = await head.query("ReviewQueue", filter={"name": "dewi"})
    return [(edge["node"], edge["isArriving"]) for edge in queue["edges"]]
