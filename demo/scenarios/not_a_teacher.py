"""Who does not plan here is told which rule failed and who can mend it (DOMAIN.md, "Facts to build on")."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import TUESDAY
from demo.services import Services
from demo.transcript import Transcript

SUMMARY = "Tono runs the office, and Hartini the school. Neither plans here; both learn why, and who could change it."


async def run(services: Services, transcript: Transcript) -> None:
    """Signing in works, for an account says who one is; planning does not."""
    await services.restart_at(TUESDAY, "WIB", transcript)
    tono = await services.sign_in(people.TONO, transcript)
    refusal = await tono.expect_refusal("StartPlan", None, "access.jenis_ptk_not_listed")
    assert refusal["problems"][0]["whoCanFix"] == "OPERATOR_SEKOLAH"
    hartini = await services.sign_in(people.HARTINI, transcript)
    viewer = await hartini.query("Viewer")
    assert viewer["roles"] == [{"role": "KEPALA_SEKOLAH", "npsn": "99000001"}]
    transcript.answer("knows her as kepala sekolah, whatever her address says")
    refusal = await hartini.expect_refusal("StartPlan", None, "access.kepala_sekolah")
    assert refusal["problems"][0]["whoCanFix"] == "DINAS"
