"""Identity's changes of teachers: who moved school is noticed, after all that keeps somebody waiting."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.planning.planning import Planning
from services.planning.storage import followed
from services.planning.usecases.follow_owed import Owed
from services.planning.usecases.note_moves import note_moves

PAGE = 200  # of identity's feed in one round: each teacher with a plan is asked for


class Moves:
    """How far the feed is read for teachers: an import of a whole country stands before no head."""

    def __init__(self, planning: Planning, owed: Owed) -> None:
        self._planning, self._owed = planning, owed
        self.read: int | None = None

    async def follow(self, until: int | None) -> bool:
        """Read one page, unless everything up to `until` is read; whether there is more."""
        if self.read is None:
            self.read = await followed.handled(followed.MOVES)
        if self.read == until:
            return False
        page = await self._planning.identity.changes(self.read, PAGE)
        await self._note([change.key for change in page.changes if change.kind == "teacher"])
        self.read = page.next
        return page.more

    async def _note(self, ptk_ids: Sequence[str]) -> None:
        """Together, for that is cheap; one by one where one of them fails."""
        if not ptk_ids:
            return
        try:
            await note_moves(self._planning, ptk_ids)
        except Exception:  # noqa: BLE001 - it is told of those who fail alone, too
            for ptk_id in ptk_ids:
                name = f"sekolah induk of {ptk_id}"
                await self._owed.attempt(name, partial(note_moves, self._planning, [ptk_id]))
