"""Users who may not plan learn which rule forbids it and who can fix it (DOMAIN.md, "Facts to build on")."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import TUESDAY, list_roles
from demo.services import ScenarioContext

SUMMARY = (
    "Tono is an administrator, Hartini the principal. Neither may plan; both learn why, and who can fix it."
)


async def run(context: ScenarioContext) -> None:
    """Sign in and try to start a plan."""
    await context.set_clock(TUESDAY, "WIB")
    tono = await context.sign_in(people.TONO)
    refusal = await tono.expect_refusal("StartPlan", None, "access.jenis_ptk_not_listed")
    assert refusal["problems"][0]["whoCanFix"] == "OPERATOR_SEKOLAH"
    hartini = await context.sign_in(people.HARTINI)
    viewer = await hartini.query("Viewer")
    assert list_roles(viewer) == [("KEPALA_SEKOLAH", "99000001")]
    context.transcript.answer("her role is kepala sekolah, according to the decrees")
    refusal = await hartini.expect_refusal("StartPlan", None, "access.kepala_sekolah")
    assert refusal["problems"][0]["whoCanFix"] == "DINAS"
