"""A teacher at two schools can plan only with the account of the sekolah induk (Guide 1)."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import TUESDAY
from demo.services import RunningServices
from demo.transcript import Transcript

SUMMARY = "Dewi teaches at two schools and has an account of each. Her sekolah induk is the SMP; she uses the other."


async def run(services: RunningServices, transcript: Transcript) -> None:
    """Sign in with either account; the refusal names the right school."""
    await services.restart_at(TUESDAY, "WITA", transcript)
    dewi = await services.sign_in(people.DEWI_AT_SD, transcript)
    viewer = await dewi.query("Viewer")
    assert (viewer["satuanPendidikan"]["npsn"], viewer["mayPlan"]["allowed"]) == ("99000003", False)
    transcript.answer(f"her sekolah induk: {viewer['satuanPendidikan']['nama']}")
    refusal = await dewi.expect_refusal("StartPlan", None, "access.account_of_other_school")
    assert "SMP NEGERI CONTOH 03 (NPSN 99000003)" in refusal["problems"][0]["message"]
    transcript.narrate("With the account of the SMP she may plan.")
    dewi = await services.sign_in(people.DEWI, transcript)
    plan = await dewi.command("StartPlan")
    assert plan["satuanPendidikan"] == {"npsn": "99000003", "nama": "SMP NEGERI CONTOH 03"}
