"""A school that nobody heads: the plan waits, nobody else decides; a Plt comes, and it is decided by itself."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import TUESDAY, fill_tabs, import_file, show_history, wait_for_worker
from demo.services import Services
from demo.session import Session
from demo.transcript import Transcript

SUMMARY = (
    "Yosefina's school in Maluku has no principal, not even an acting one. Her plan waits until there is one; "
    "then nobody has to send anything again."
)


async def run(services: Services, transcript: Transcript) -> None:
    """DOMAIN.md, "States": under a vacant head a plan waits; when a head comes, it is decided again."""
    await services.restart_at(TUESDAY, "WIT", transcript)
    yosefina = await services.sign_in(people.YOSEFINA, transcript)
    plan = await yosefina.command("StartPlan")
    plan = await yosefina.command("ConfirmProfile", plan)
    plan = await fill_tabs(yosefina, plan, "PK-IAD", ["RHK-03"])
    plan = await yosefina.command("SubmitPlan", plan)
    assert plan["state"]["phase"] == "SUBMITTED"
    ours, english = await yosefina.query_in_both_languages("Plan", id=plan["id"])
    assert ours["turn"]["who"] == "DINAS"
    transcript.message(ours["turn"]["sentence"], english["turn"]["sentence"])
    transcript.narrate(
        "It is submitted, and no rule approves it. She can neither approve it herself nor begin:"
    )
    await yosefina.expect_refusal("ApprovePlan", plan, "actor.own_plan")
    await yosefina.expect_refusal("BeginImplementation", plan, "transition.not_from_here")
    transcript.narrate("The principal of another school does not even see that the plan exists.")
    hartini = await services.sign_in(people.HARTINI, transcript)
    await hartini.expect_refusal("ApprovePlan", plan, "plan.unknown")
    await _an_admin_sees(services, ours["satuanPendidikan"]["npsn"], transcript)
    await _a_head_comes(services, yosefina, plan, transcript)


async def _an_admin_sees(services: Services, npsn: str, transcript: Transcript) -> None:
    transcript.narrate("At the dinas Laras sees where plans wait, without a list of names:")
    laras = await services.sign_in(people.LARAS, transcript, app="admin")
    (school,) = (await laras.query("PlanNumbers", npsn=npsn))["parts"]["edges"]
    told = school["node"]
    assert (told["plans"], told["waiting"]) == (1, 1)
    transcript.answer(f"{told['nama']}, {told['provinsi']}: {told['waiting']} of {told['plans']} plans waits")


async def _a_head_comes(services: Services, yosefina: Session, plan: Json, transcript: Transcript) -> None:
    transcript.narrate(
        "The dinas makes the principal of the SMP beside it Plt. An operator imports the decree:"
    )
    await import_file(services, transcript, "tugas-tambahan", "tugas-tambahan.csv")

    async def approved() -> bool:
        now = await yosefina.client.send("web/Plan", yosefina.token, {"id": plan["id"]})
        return bool(now["state"]["phase"] == "AUTO_APPROVED")

    seconds = await wait_for_worker(approved, "decided the waiting plan")
    transcript.sign_in(yosefina.person)
    transcript.answer(
        f"{seconds:.1f} seconds later her plan is approved; she has sent nothing, and nothing was restarted"
    )
    (entry,) = await show_history(yosefina, plan["id"], 1, transcript)
    assert entry["actor"]["role"] == "SYSTEM"
    welmina = await services.sign_in(people.WELMINA, transcript)
    roles = (await welmina.query("Viewer"))["roles"]
    assert roles == [{"role": "KEPALA_SEKOLAH", "npsn": "99000005"}, {"role": "PLT", "npsn": "99000004"}]
    transcript.answer("kepala sekolah of her SMP, and Plt of the SMA")
