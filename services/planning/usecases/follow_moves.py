"""Identity's changes that nobody waits for: who moved school, and who leads the schools that numbers tell of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from services.planning.planning import Planning
from services.planning.storage import followed
from services.planning.usecases.follow_owed import Owed
from services.planning.usecases.note_heads import note_heads
from services.planning.usecases.note_moves import note_moves

PAGE = 200  # of identity's feed in one round: each teacher and each school with a plan is asked for

Note = Callable[[Planning, Sequence[str]], Awaitable[None]]


class Moves:
    """How far the feed is read for these: an import of a whole country stands before no plan that waits."""

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
        for kind, note in (("teacher", note_moves), ("school", note_heads)):
            await self._note(kind, note, [change.key for change in page.changes if change.kind == kind])
        self.read = page.next
        return page.more

    async def _note(self, kind: str, note: Note, keys: Sequence[str]) -> None:
        """Together, for that is cheap; one by one where one of them fails."""
        if not keys:
            return
        try:
            await note(self._planning, keys)
        except Exception:  # noqa: BLE001 - it is told of those who fail alone, too
            for key in keys:
                await self._owed.attempt(f"change of {kind} {key}", partial(note, self._planning, [key]))
