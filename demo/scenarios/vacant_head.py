"""A school with a vacant head: the plan waits until a decree names a Plt, then the system approves it."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import TUESDAY, fill_tabs, import_file, list_roles, show_history, wait_for_worker
from demo.services import ScenarioContext
from demo.session import Session

SUMMARY = (
    "Yosefina's school in Maluku has neither a principal nor a Plt. Her plan waits until there is one. "
    "She need not submit it again."
)


async def run(context: ScenarioContext) -> None:
    """Submit, then import the decree (DOMAIN.md, "States")."""
    await context.set_clock(TUESDAY, "WIT")
    yosefina = await context.sign_in(people.YOSEFINA)
    plan = await yosefina.plan_command("StartPlan")
    plan = await yosefina.plan_command("ConfirmProfile", plan)
    plan = await fill_tabs(yosefina, plan, "PK-IAD", ["RHK-03"])
    plan = await yosefina.plan_command("SubmitPlan", plan)
    assert plan["state"]["phase"] == "SUBMITTED"
    indonesian, english = await yosefina.query_in_both_languages("Plan", id=plan["id"])
    assert indonesian["turn"]["assignee"] == "DINAS"
    context.transcript.message(indonesian["turn"]["sentence"], english["turn"]["sentence"])
    context.transcript.narrate("No rule approves the plan. She can neither approve it herself nor begin:")
    await yosefina.expect_refusal("ApprovePlan", plan, "actor.own_plan")
    await yosefina.expect_refusal("BeginImplementation", plan, "transition.not_from_here")
    context.transcript.narrate("For the principal of another school the plan does not exist.")
    hartini = await context.sign_in(people.HARTINI)
    await hartini.expect_refusal("ApprovePlan", plan, "plan.unknown")
    await _read_counts(context, indonesian["satuanPendidikan"]["npsn"])
    await _import_head(context, yosefina, plan)


async def _read_counts(context: ScenarioContext, npsn: str) -> None:
    context.transcript.narrate("At the dinas Laras sees how many plans wait at which school, without names:")
    laras = await context.sign_in(people.LARAS, app="admin")
    (area,) = (await laras.query("PlanStatistics", filter={"npsn": npsn}))["areas"]["nodes"]
    assert (area["planCount"], area["waitingPlanCount"]) == (1, 1)
    context.transcript.answer(
        f"{area['satuanPendidikan']['nama']}, {area['provinsi']}: {area['waitingPlanCount']} of {area['planCount']} "
        "plans waiting"
    )
    context.transcript.narrate("The same for every school where plans wait:")
    schools = (await laras.query("Schools", filter={"hasWaitingPlans": True}))["edges"]
    assert npsn in {edge["node"]["npsn"] for edge in schools}
    assert all(edge["waitingPlanCount"] for edge in schools)
    context.transcript.answer(*(f"{edge['node']['nama']}: {edge['waitingPlanCount']}" for edge in schools))


async def _import_head(context: ScenarioContext, yosefina: Session, plan: Json) -> None:
    context.transcript.narrate(
        "The dinas appoints the principal of a nearby SMP as Plt. An operator imports the decree:"
    )
    await import_file(context, "tugas-tambahan", "tugas-tambahan.csv")

    async def is_approved() -> bool:
        current = await yosefina.poll("Plan", id=plan["id"])
        return bool(current["state"]["phase"] == "AUTO_APPROVED")

    seconds = await wait_for_worker(is_approved, "decided the waiting plan")
    context.transcript.sign_in(yosefina.person)
    context.transcript.answer(
        f"{seconds:.1f} seconds later the worker has approved her plan; she has sent nothing"
    )
    (entry,) = await show_history(yosefina, plan["id"], 1)
    assert entry["actor"]["role"] == "SYSTEM"
    welmina = await context.sign_in(people.WELMINA)
    roles = list_roles(await welmina.query("Viewer"))
    assert roles == [("KEPALA_SEKOLAH", "99000005"), ("PLT", "99000004")]
    context.transcript.answer("kepala sekolah of her SMP, and Plt of the SMA")
