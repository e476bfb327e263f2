"""A teacher at two schools: a plan is made at the SATMINKAL only, through the account of that school (Guide 1)."""

from __future__ import annotations

from demo import cast
from demo.stage import Stage
from demo.stories.tabs import TUESDAY
from demo.transcript import Transcript

GIST = "Dewi teaches at two schools and has an account of each. Her sekolah induk is the SMP; she signs in for the SD."


async def play(stage: Stage, say: Transcript) -> None:
    """The refusal names the school whose account it takes."""
    await stage.at(TUESDAY, "WITA", say)
    dewi = await stage.enter(cast.DEWI_AT_SD, say)
    viewer = await dewi.asks("Viewer")
    assert (viewer["satuanPendidikan"]["npsn"], viewer["mayPlan"]["allowed"]) == ("99000003", False)
    say.answer(f"knows her, and her sekolah induk: {viewer['satuanPendidikan']['nama']}")
    refusal = await dewi.is_refused("StartPlan", None, "access.account_of_other_school")
    assert "SMP NEGERI CONTOH 03 (NPSN 99000003)" in refusal["problems"][0]["message"]
    say.tell("With the account of the SMP it is the same Dewi, and she may plan.")
    dewi = await stage.enter(cast.DEWI, say)
    plan = await dewi.does("StartPlan")
    assert plan["satuanPendidikan"] == {"npsn": "99000003", "nama": "SMP NEGERI CONTOH 03"}
