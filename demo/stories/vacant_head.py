"""A school that nobody heads: the plan waits, nobody else decides; a Plt comes, and it is decided by itself."""

from __future__ import annotations

from demo import cast
from demo.client import Json
from demo.person import Person
from demo.stage import Stage
from demo.stories.meanwhile import history_read, imported, worker_has
from demo.stories.tabs import TUESDAY, fill
from demo.transcript import Transcript

GIST = (
    "Yosefina's school in Maluku has no principal, not even an acting one. Her plan waits until there is one; "
    "then nobody has to send anything again."
)


async def play(stage: Stage, say: Transcript) -> None:
    """DOMAIN.md, "States": under a vacant head a plan waits; when a head comes, it is decided again."""
    await stage.at(TUESDAY, "WIT", say)
    yosefina = await stage.enter(cast.YOSEFINA, say)
    plan = await yosefina.does("StartPlan")
    plan = await yosefina.does("ConfirmProfile", plan)
    plan = await fill(yosefina, plan, "PK-IAD", ["RHK-03"])
    plan = await yosefina.does("SubmitPlan", plan)
    assert plan["state"]["phase"] == "SUBMITTED"
    ours, english = await yosefina.asks_in_both("Plan", id=plan["id"])
    assert ours["turn"]["who"] == "DINAS"
    say.message(ours["turn"]["sentence"], english["turn"]["sentence"])
    say.tell("It is submitted, and no rule approves it. She can neither approve it herself nor begin:")
    await yosefina.is_refused("ApprovePlan", plan, "actor.own_plan")
    await yosefina.is_refused("BeginImplementation", plan, "transition.not_from_here")
    say.tell("The principal of another school does not even see that the plan exists.")
    hartini = await stage.enter(cast.HARTINI, say)
    await hartini.is_refused("ApprovePlan", plan, "plan.unknown")
    await _an_admin_sees(stage, ours["satuanPendidikan"]["npsn"], say)
    await _a_head_comes(stage, yosefina, plan, say)


async def _an_admin_sees(stage: Stage, npsn: str, say: Transcript) -> None:
    say.tell("At the dinas Laras sees where plans wait, without a list of names:")
    laras = await stage.enter(cast.LARAS, say, app="admin")
    (school,) = (await laras.asks("PlanNumbers", npsn=npsn))["parts"]["edges"]
    told = school["node"]
    assert (told["plans"], told["waiting"]) == (1, 1)
    say.answer(f"{told['nama']}, {told['provinsi']}: {told['waiting']} of {told['plans']} plans waits")


async def _a_head_comes(stage: Stage, yosefina: Person, plan: Json, say: Transcript) -> None:
    say.tell("The dinas makes the principal of the SMP beside it Plt. An operator imports the decree:")
    await imported(stage, say, "tugas-tambahan", "tugas-tambahan.csv")

    async def approved() -> bool:
        now = await yosefina.client.send("web/Plan", yosefina.token, {"id": plan["id"]})
        return bool(now["state"]["phase"] == "AUTO_APPROVED")

    seconds = await worker_has(approved, "decided the waiting plan")
    say.speaks(yosefina.who)
    say.answer(
        f"{seconds:.1f} seconds later her plan is approved; she has sent nothing, and nothing was restarted"
    )
    (entry,) = await history_read(yosefina, plan["id"], 1, say)
    assert entry["actor"]["role"] == "SYSTEM"
    welmina = await stage.enter(cast.WELMINA, say)
    roles = (await welmina.asks("Viewer"))["roles"]
    assert roles == [{"role": "KEPALA_SEKOLAH", "npsn": "99000005"}, {"role": "PLT", "npsn": "99000004"}]
    say.answer("kepala sekolah of her SMP, and Plt of the SMA")
