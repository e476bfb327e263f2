"""A TK teacher under a Plt: automatic approval, the confirmation of the Plt (Guide 10 and 11)."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import FEBRUARY_16, TUESDAY, fill_tabs, list_roles, submit_plan
from demo.services import ScenarioContext

SUMMARY = (
    "The Plt of Aminah's TK is Syahrani, a teacher of the SMP. The system approves her plan when she submits it. "
    "She can begin after the confirmation of the Plt."
)
FEBRUARY_15 = "2024-02-15T08:00:00Z"


async def run(context: ScenarioContext) -> None:
    """Submit in January, confirm and begin in February."""
    await context.set_clock(TUESDAY, "WITA")
    syahrani = await context.sign_in(people.SYAHRANI)
    roles = list_roles(await syahrani.query("Viewer"))
    assert roles == [("TEACHER", "99000003"), ("PLT", "99000002")]
    context.transcript.answer("teacher at his sekolah induk, the SMP; Plt at the TK")
    own = await submit_plan(context, people.SYAHRANI)
    await (await context.sign_in(people.NORHAYATI)).plan_command("ApprovePlan", own)
    aminah = await context.sign_in(people.AMINAH)
    plan = await aminah.plan_command("StartPlan")
    plan = await aminah.plan_command("ConfirmProfile", plan)
    context.transcript.narrate(
        "A TK teacher chooses a sub indikator. The indikator of an SD are not in her catalogue."
    )
    await aminah.expect_refusal("SavePraktikKinerja", plan, "choice.not_offered", indikator="PK-UBK")
    plan = await fill_tabs(aminah, plan, "PAUD-PAU", ["RHK-01", "RHK-03"])
    plan = await aminah.plan_command("SubmitPlan", plan)
    assert plan["state"]["phase"] == "AUTO_APPROVED"
    context.transcript.narrate("The system has approved the plan. She cannot begin yet.")
    await aminah.expect_refusal("BeginImplementation", plan, "plt.confirmation_not_open")
    await aminah.expect_banners()
    context.transcript.answer("no banner yet")
    await _confirm_and_begin(context)


async def _confirm_and_begin(context: ScenarioContext) -> None:
    await context.set_clock(FEBRUARY_15, "WITA")
    aminah = await context.sign_in(people.AMINAH)
    context.transcript.narrate(
        "Since 1 February banners say what to do: one for her, and one for each role of Syahrani."
    )
    await aminah.expect_banners("banner.tell_plt")
    syahrani = await context.sign_in(people.SYAHRANI)
    await syahrani.expect_banners("banner.may_begin", "banner.confirm_as_plt")
    await syahrani.expect_refusal("ConfirmAsPlt", None, "plt.too_early", npsn="99000002")
    await context.set_clock(FEBRUARY_16, "WITA")
    syahrani = await context.sign_in(people.SYAHRANI, app="mobile")
    confirmation = await syahrani.command("ConfirmAsPlt", npsn="99000002")
    assert (confirmation["satuanPendidikan"]["npsn"], confirmation["replayed"]) == ("99000002", False)
    context.transcript.answer("confirmed for the TK and this period, also for plans that are submitted later")
    aminah = await context.sign_in(people.AMINAH)
    await aminah.expect_banners("banner.may_begin")
    plan = (await aminah.query("Viewer"))["plan"]
    plan = await aminah.plan_command("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"
