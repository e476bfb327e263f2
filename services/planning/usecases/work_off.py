"""Long work that admins ordered, done batch by batch: migrations, their undoing, trials.

Any number of processes may do it: each run is held by one of them at a time, and goes on where the last batch ended.
"""

from __future__ import annotations

import asyncio

from services.planning.domain.run import Run, Work
from services.planning.planning import Planning
from services.planning.storage import run as runs
from services.planning.usecases import move_plans
from services.planning.usecases.replay_plans import Benches


class LongWork:
    """All that is open; `stopping` ends a round between two batches."""

    def __init__(self, planning: Planning) -> None:
        self.stopping = asyncio.Event()
        self._planning = planning
        self._batch = {
            Work.MIGRATE: move_plans.batch,
            Work.UNDO: move_plans.batch,
            Work.TRY: Benches().batch,
        }

    async def batch(self, work: Work, number: int) -> Run | None:
        """Do a batch; how far it is then. None where there is nothing to do, or another process is at it."""
        return await self._batch[work](self._planning, work, number)

    async def round(self) -> bool:
        """A batch of each, so that no long work keeps another waiting; whether there is more to do at once."""
        more = False
        for work, number in await runs.open_runs(self._batch):
            if self.stopping.is_set():
                return False
            run = await self.batch(work, number)
            more |= run is not None and run.ended_at is None
        return more
