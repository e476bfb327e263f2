"""Who does not plan here is told which rule failed and who can mend it (DOMAIN.md, "Facts to build on")."""

from __future__ import annotations

from demo import cast
from demo.stage import Stage
from demo.stories.tabs import TUESDAY
from demo.transcript import Transcript

GIST = "Tono runs the office, and Hartini the school. Neither plans here; both learn why, and who could change it."


async def play(stage: Stage, say: Transcript) -> None:
    """Signing in works, for an account says who one is; planning does not."""
    await stage.at(TUESDAY, "WIB", say)
    tono = await stage.enter(cast.TONO, say)
    refusal = await tono.is_refused("StartPlan", None, "access.jenis_ptk_not_listed")
    assert refusal["problems"][0]["whoCanFix"] == "OPERATOR_SEKOLAH"
    hartini = await stage.enter(cast.HARTINI, say)
    viewer = await hartini.asks("Viewer")
    assert viewer["roles"] == [{"role": "KEPALA_SEKOLAH", "npsn": "99000001"}]
    say.answer("knows her as kepala sekolah, whatever her address says")
    refusal = await hartini.is_refused("StartPlan", None, "access.kepala_sekolah")
    assert refusal["problems"][0]["whoCanFix"] == "DINAS"
