"""A TK teacher under a Plt: automatic approval, the confirmation of the Plt (Guide 10 and 11)."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import FEBRUARY_16, TUESDAY, fill_tabs, submit_plan
from demo.services import RunningServices
from demo.transcript import Transcript

SUMMARY = (
    "The Plt of Aminah's TK is Syahrani, a teacher of the SMP. The system approves her plan when she submits it. "
    "She can begin after the confirmation of the Plt."
)
FEBRUARY_15 = "2024-02-15T08:00:00Z"


async def run(services: RunningServices, transcript: Transcript) -> None:
    """Submit in January, confirm and begin in February."""
    await services.restart_at(TUESDAY, "WITA", transcript)
    syahrani = await services.sign_in(people.SYAHRANI, transcript)
    roles = (await syahrani.query("Viewer"))["roles"]
    assert roles == [{"role": "TEACHER", "npsn": "99000003"}, {"role": "PLT", "npsn": "99000002"}]
    transcript.answer("teacher at his sekolah induk, the SMP; Plt at the TK")
    own = await submit_plan(services, people.SYAHRANI, transcript)
    await (await services.sign_in(people.NORHAYATI, transcript)).command("ApprovePlan", own)
    aminah = await services.sign_in(people.AMINAH, transcript)
    plan = await aminah.command("StartPlan")
    plan = await aminah.command("ConfirmProfile", plan)
    transcript.narrate(
        "A TK teacher chooses a sub indikator. The indikator of an SD are not in her catalogue."
    )
    await aminah.expect_refusal("SavePraktikKinerja", plan, "choice.not_offered", indikator="PK-UBK")
    plan = await fill_tabs(aminah, plan, "PAUD-PAU", ["RHK-01", "RHK-03"])
    plan = await aminah.command("SubmitPlan", plan)
    assert plan["state"]["phase"] == "AUTO_APPROVED"
    transcript.narrate("The system has approved the plan. She cannot begin yet.")
    await aminah.expect_refusal("BeginImplementation", plan, "plt.confirmation_not_open")
    await aminah.expect_banners()
    transcript.answer("no banner yet")
    await _confirm_and_begin(services, transcript)


async def _confirm_and_begin(services: RunningServices, transcript: Transcript) -> None:
    await services.restart_at(FEBRUARY_15, "WITA", transcript)
    aminah = await services.sign_in(people.AMINAH, transcript)
    transcript.narrate(
        "Since 1 February banners say what to do: one for her, and one for each role of Syahrani."
    )
    await aminah.expect_banners("banner.tell_plt")
    syahrani = await services.sign_in(people.SYAHRANI, transcript)
    await syahrani.expect_banners("banner.may_begin", "banner.confirm_as_plt")
    await syahrani.expect_refusal("ConfirmAsPlt", None, "plt.too_early", npsn="99000002")
    await services.restart_at(FEBRUARY_16, "WITA", transcript)
    syahrani = await services.sign_in(people.SYAHRANI, transcript, app="mobile")
    confirmation = await syahrani.query("ConfirmAsPlt", npsn="99000002")
    assert (confirmation["npsn"], confirmation["replayed"]) == ("99000002", False)
    transcript.answer("confirmed for the TK and this period, also for plans that are submitted later")
    aminah = await services.sign_in(people.AMINAH, transcript)
    await aminah.expect_banners("banner.may_begin")
    plan = (await aminah.query("Viewer"))["plan"]
    plan = await aminah.command("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"
