"""A teacher at two schools can plan only with the account of the sekolah induk (Guide 1)."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import TUESDAY
from demo.services import ScenarioContext

SUMMARY = "Dewi teaches at two schools and has an account of each. Her sekolah induk is the SMP; she uses the other."


async def run(context: ScenarioContext) -> None:
    """Sign in with either account; the refusal names the right school."""
    await context.set_clock(TUESDAY, "WITA")
    dewi = await context.sign_in(people.DEWI_AT_SD)
    viewer = await dewi.query("Viewer")
    assert (viewer["satuanPendidikan"]["npsn"], viewer["planningEligibility"]["isAllowed"]) == (
        "99000003",
        False,
    )
    context.transcript.answer(f"her sekolah induk: {viewer['satuanPendidikan']['nama']}")
    refusal = await dewi.expect_refusal("StartPlan", None, "access.account_of_other_school")
    assert "SMP NEGERI CONTOH 03 (NPSN 99000003)" in refusal["problems"][0]["message"]
    context.transcript.narrate("With the account of the SMP she may plan.")
    dewi = await context.sign_in(people.DEWI)
    plan = await dewi.plan_command("StartPlan")
    school = plan["satuanPendidikan"]
    assert (school["npsn"], school["nama"]) == ("99000003", "SMP NEGERI CONTOH 03")
