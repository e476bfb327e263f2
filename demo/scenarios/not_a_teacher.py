"""Users who may not plan learn which rule forbids it and who can fix it (DOMAIN.md, "Facts to build on")."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import TUESDAY
from demo.services import RunningServices
from demo.transcript import Transcript

SUMMARY = (
    "Tono is an administrator, Hartini the principal. Neither may plan; both learn why, and who can fix it."
)


async def run(services: RunningServices, transcript: Transcript) -> None:
    """Sign in and try to start a plan."""
    await services.restart_at(TUESDAY, "WIB", transcript)
    tono = await services.sign_in(people.TONO, transcript)
    refusal = await tono.expect_refusal("StartPlan", None, "access.jenis_ptk_not_listed")
    assert refusal["problems"][0]["whoCanFix"] == "OPERATOR_SEKOLAH"
    hartini = await services.sign_in(people.HARTINI, transcript)
    viewer = await hartini.query("Viewer")
    assert viewer["roles"] == [{"role": "KEPALA_SEKOLAH", "npsn": "99000001"}]
    transcript.answer("her role is kepala sekolah, according to the decrees")
    refusal = await hartini.expect_refusal("StartPlan", None, "access.kepala_sekolah")
    assert refusal["problems"][0]["whoCanFix"] == "DINAS"
