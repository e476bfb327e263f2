"""Noticing teachers who moved school within the period: both heads are shown their plans until these follow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.planning.planning import Planning
from services.planning.storage import moved_teacher
from services.planning.usecases.few_at_once import few_at_once
from services.planning.usecases.period import today_in


async def note_moves(planning: Planning, ptk_ids: Sequence[str]) -> None:
    """Compare the sekolah induk of today with the schools of these teachers' plans, and keep what differs.

    Periods that have ended are left as they are. Raises IdentityAway where it cannot be asked; then nothing is kept.
    """
    today = today_in(planning, None)
    planned = await moved_teacher.select_with_plans(ptk_ids, today, planning.connection)
    induk = await few_at_once(partial(_induk, planning), planned)
    if planned:
        found = dict(zip(planned, induk, strict=True))
        await moved_teacher.update_moves(found, today, planning.clock.now(), planning.connection)


async def _induk(planning: Planning, ptk_id: str) -> str | None:
    known = await planning.identity.teacher(ptk_id)
    return known.facts.sekolah_induk.value if known else None
