"""A PPPK with fewer points than the minimum: warned, not blocked (DOMAIN.md, journey 4)."""

from __future__ import annotations

from demo import cast
from demo.stage import Stage
from demo.stories.tabs import TUESDAY, fill
from demo.transcript import Transcript

GIST = "Bima teaches under a contract (PPPK). He may correct his jenjang jabatan only, and plans 16 points of 32."


async def play(stage: Stage, say: Transcript) -> None:
    """Guide 5 and tab 2."""
    await stage.at(TUESDAY, "WIB", say)
    bima = await stage.enter(cast.BIMA, say)
    plan = await bima.does("StartPlan")
    assert plan["profile"]["editableFields"] == ["jenjangJabatan"]
    say.tell("A PPPK has no ruang to correct; the jenjang jabatan he may.")
    await bima.is_refused("CorrectProfile", plan, "profile.field_not_editable", ruang="b")
    plan = await bima.does("CorrectProfile", plan, jenjangJabatan="AHLI_PERTAMA")
    plan = await fill(bima, plan, "PK-AIN", ["RHK-01", "RHK-02"])
    say.tell(
        "Ajukan: two rencana hasil kerja are 16 points. That is a warning; he has spoken with his principal."
    )
    refusal = await bima.is_refused("SubmitPlan", plan, "points.below_minimum")
    assert refusal["problems"][0]["__typename"] == "UnacknowledgedWarning"
    plan = await bima.does("SubmitPlan", plan, acknowledge=["points.below_minimum"])
    assert plan["state"]["phase"] == "SUBMITTED"
