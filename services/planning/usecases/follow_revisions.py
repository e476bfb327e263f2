"""Revisions of periods that took effect: the waiting plans of the period are decided again, some in each round."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from services.planning.planning import Planning
from services.planning.storage import followed, waiting
from services.planning.storage import period as periods
from services.planning.storage.waiting import Waits
from services.planning.usecases.follow_owed import Owed
from services.planning.usecases.follow_plans import decide_each

log = logging.getLogger(__name__)

PLANS = 200  # of a period in one round


@dataclass(slots=True)
class _Sweep:
    """How far the waiting plans of a period are decided by a revision; `after` None: all of them."""

    number: int
    after: str | None = waiting.FIRST
    seen: int = 0


class Revisions:
    """By which revision the waiting plans of each period were last decided."""

    def __init__(self, planning: Planning, owed: Owed, stopping: asyncio.Event) -> None:
        self._planning, self._owed, self._stopping = planning, owed, stopping
        self._sweeps: dict[str, _Sweep] = {}

    async def follow(self, waits: Waits, now: datetime) -> bool:
        """Decide some plans, where another revision is in force than the last one; whether there may be more."""
        for code, handled in (await followed.revisions_handled()).items():
            used = await periods.load(code, self._planning.workflows)
            number = used.period.parameters_at(now).number if used else handled
            sweep = self._sweeps.get(code)
            if number is None or (sweep is None and number == handled):
                continue
            if sweep is None or sweep.number != number:
                sweep = self._sweeps[code] = _Sweep(number)
            if sweep.after is not None:
                await self._sweep(code, sweep, sweep.after, waits)
                return True
        return False

    async def keep(self, now: datetime) -> None:
        """Store which periods are done with."""
        for period, sweep in list(self._sweeps.items()):
            if sweep.after is None:
                await followed.keep_revision_handled(period, sweep.number, now)
                del self._sweeps[period]

    async def _sweep(self, period: str, sweep: _Sweep, after: str, waits: Waits) -> None:
        plans = await waiting.of_period(period, waits, after, PLANS)
        await decide_each(
            self._planning, self._owed, plans, lambda _: {"parameters": sweep.number}, self._stopping
        )
        sweep.seen += len(plans)
        sweep.after = plans[-1].ptk_id if len(plans) == PLANS else None
        log.info(
            "period %s, revision %d: %d waiting plans decided again%s",
            period, sweep.number, sweep.seen, "" if sweep.after else ", that is all",
        )  # fmt: skip
