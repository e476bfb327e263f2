"""Noticing teachers who moved school within the period: both heads are shown their plans until these follow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from services.planning.planning import Planning
from services.planning.storage import moved_teacher
from services.planning.usecases.period import UNKNOWN_ZONE

AT_ONCE = 8  # questions to identity on the way together


async def note_moves(planning: Planning, ptk_ids: Sequence[str]) -> None:
    """Compare the sekolah induk of today with the schools of these teachers' plans, and keep what differs.

    Periods that have ended are left as they are. Raises IdentityAway where it cannot be asked; then nothing is kept.
    """
    now = planning.clock.now()
    today = now.astimezone(ZoneInfo(UNKNOWN_ZONE)).date()
    planned = await moved_teacher.with_plans(ptk_ids, today)
    induk: dict[str, str | None] = {}
    for first in range(0, len(planned), AT_ONCE):
        some = planned[first : first + AT_ONCE]
        induk.update(zip(some, await asyncio.gather(*(_induk(planning, one) for one in some)), strict=True))
    if induk:
        await moved_teacher.keep(induk, today, now)


async def _induk(planning: Planning, ptk_id: str) -> str | None:
    known = await planning.identity.teacher(ptk_id)
    return known.facts.sekolah_induk.value if known else None
