"""A TK teacher under a Plt: a sub indikator, automatic approval, the banner, the confirmation (Guide 10 and 11)."""

from __future__ import annotations

from demo import cast
from demo.stage import Stage
from demo.stories.meanwhile import handed_in
from demo.stories.tabs import TUESDAY, fill
from demo.transcript import Transcript

GIST = (
    "Aminah's TK is led by Syahrani, who teaches at the SMP next door. Her plan is approved by the system as she "
    "submits it; Pelaksanaan waits for the confirmation of the Plt."
)
EVE, SIXTEENTH = "2024-02-15T08:00:00Z", "2024-02-16T00:30:00Z"


async def play(stage: Stage, say: Transcript) -> None:
    """From January into February."""
    await stage.at(TUESDAY, "WITA", say)
    syahrani = await stage.enter(cast.SYAHRANI, say)
    roles = (await syahrani.asks("Viewer"))["roles"]
    assert roles == [{"role": "TEACHER", "npsn": "99000003"}, {"role": "PLT", "npsn": "99000002"}]
    say.answer("teacher at his sekolah induk, the SMP; Plt at the TK")
    own = await handed_in(stage, cast.SYAHRANI, say)
    await (await stage.enter(cast.NORHAYATI, say)).does("ApprovePlan", own)
    aminah = await stage.enter(cast.AMINAH, say)
    plan = await aminah.does("StartPlan")
    plan = await aminah.does("ConfirmProfile", plan)
    say.tell("A TK teacher chooses a sub indikator; the indikator of an SD is not on her list.")
    await aminah.is_refused("SavePraktikKinerja", plan, "choice.not_offered", indikator="PK-UBK")
    plan = await fill(aminah, plan, "PAUD-PAU", ["RHK-01", "RHK-03"])
    plan = await aminah.does("SubmitPlan", plan)
    assert plan["state"]["phase"] == "AUTO_APPROVED"
    say.tell("No discussion: the system has approved. She cannot begin yet.")
    await aminah.is_refused("BeginImplementation", plan, "plt.confirmation_not_open")
    await aminah.is_told()
    say.answer("no banner yet")
    await _confirmation(stage, say)


async def _confirmation(stage: Stage, say: Transcript) -> None:
    await stage.at(EVE, "WITA", say)
    aminah = await stage.enter(cast.AMINAH, say)
    say.tell("Since 1 February her first page tells her what to do; his tells him apart what he is as whom.")
    await aminah.is_told("banner.tell_plt")
    syahrani = await stage.enter(cast.SYAHRANI, say)
    await syahrani.is_told("banner.may_begin", "banner.confirm_as_plt")
    await syahrani.is_refused("ConfirmAsPlt", None, "plt.too_early", npsn="99000002")
    await stage.at(SIXTEENTH, "WITA", say)
    syahrani = await stage.enter(cast.SYAHRANI, say, app="mobile")
    stands = await syahrani.asks("ConfirmAsPlt", npsn="99000002")
    assert (stands["npsn"], stands["replayed"]) == ("99000002", False)
    say.answer("confirmed for the TK and this period; plans submitted later are covered too")
    aminah = await stage.enter(cast.AMINAH, say)
    await aminah.is_told("banner.may_begin")
    plan = (await aminah.asks("Viewer"))["plan"]
    plan = await aminah.does("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"
