"""A TK teacher under a Plt: a sub indikator, automatic approval, the banner, the confirmation (Guide 10 and 11)."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import TUESDAY, fill_tabs, submit_plan
from demo.services import Services
from demo.transcript import Transcript

SUMMARY = (
    "Aminah's TK is led by Syahrani, who teaches at the SMP next door. Her plan is approved by the system as she "
    "submits it; Pelaksanaan waits for the confirmation of the Plt."
)
EVE, FEBRUARY_16 = "2024-02-15T08:00:00Z", "2024-02-16T00:30:00Z"


async def run(services: Services, transcript: Transcript) -> None:
    """From January into February."""
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
    transcript.narrate("A TK teacher chooses a sub indikator; the indikator of an SD is not on her list.")
    await aminah.expect_refusal("SavePraktikKinerja", plan, "choice.not_offered", indikator="PK-UBK")
    plan = await fill_tabs(aminah, plan, "PAUD-PAU", ["RHK-01", "RHK-03"])
    plan = await aminah.command("SubmitPlan", plan)
    assert plan["state"]["phase"] == "AUTO_APPROVED"
    transcript.narrate("No discussion: the system has approved. She cannot begin yet.")
    await aminah.expect_refusal("BeginImplementation", plan, "plt.confirmation_not_open")
    await aminah.expect_banners()
    transcript.answer("no banner yet")
    await _confirmation(services, transcript)


async def _confirmation(services: Services, transcript: Transcript) -> None:
    await services.restart_at(EVE, "WITA", transcript)
    aminah = await services.sign_in(people.AMINAH, transcript)
    transcript.narrate(
        "Since 1 February her first page tells her what to do; his tells him apart what he is as whom."
    )
    await aminah.expect_banners("banner.tell_plt")
    syahrani = await services.sign_in(people.SYAHRANI, transcript)
    await syahrani.expect_banners("banner.may_begin", "banner.confirm_as_plt")
    await syahrani.expect_refusal("ConfirmAsPlt", None, "plt.too_early", npsn="99000002")
    await services.restart_at(FEBRUARY_16, "WITA", transcript)
    syahrani = await services.sign_in(people.SYAHRANI, transcript, app="mobile")
    stands = await syahrani.query("ConfirmAsPlt", npsn="99000002")
    assert (stands["npsn"], stands["replayed"]) == ("99000002", False)
    transcript.answer("confirmed for the TK and this period; plans submitted later are covered too")
    aminah = await services.sign_in(people.AMINAH, transcript)
    await aminah.expect_banners("banner.may_begin")
    plan = (await aminah.query("Viewer"))["plan"]
    plan = await aminah.command("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"
