"""What waiting plans wait for: a head who changes (identity's changes), values that change (a period's revisions).

A round looks at three things, and no order of a change and a command leaves a plan waiting for what has happened:

- *Changes*: each waiting plan at a school that identity's feed names is decided again.
- *Revisions*: each waiting plan of a period, when another revision is in force than the one they were decided by.
- *Entries*: each plan that came to wait since the last round. Its command knew the facts from before its commit, in
  which the plan still was no waiting one; this look comes after it, so whatever it does not see is in the feed to come.

Positions are stored at the end of a round, when everything up to them is done and nothing is owed. A worker that is
killed does some of it again; several workers do the same work: a decision is guarded by the plan's version, and the
second one finds nothing left to do. A plan that cannot be decided holds the positions, not the work: other plans go on,
and it is tried again, after a restart too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from prometheus_client import Gauge

from services.planning.planning import Planning
from services.planning.storage import followed, waiting
from services.planning.storage import period as periods
from services.planning.storage.waiting import Waits
from services.planning.usecases.follow_owed import Owed
from services.planning.usecases.follow_plans import decide_each
from services.planning.usecases.note_moves import note_moves

log = logging.getLogger(__name__)
READ = Gauge("rencana_worker_changes_read", "Number of the last of identity's changes that was dealt with")

CHANGES, PLANS = 1000, 200  # of identity's feed, of a period's plans and of new entries in one round
# Longer than any command takes from its clock to its commit, and than clocks of servers differ.
OVERLAP = timedelta(minutes=2)


@dataclass(slots=True)
class _Sweep:
    """How far the waiting plans of a period are decided by a revision; `after` None: all of them."""

    number: int
    after: str | None = waiting.FIRST
    seen: int = 0


class Follower:
    """Follows in rounds; what it keeps in memory is lost without harm. `stopping` ends a round between two plans."""

    def __init__(self, planning: Planning) -> None:
        self.owed = Owed(planning.identity)
        self.stopping = asyncio.Event()
        self._planning = planning
        self._read: int | None = None
        self._sweeps: dict[str, _Sweep] = {}
        self._entered: dict[tuple[str, str], int] = {}

    async def round(self) -> bool:
        """Look at everything once, and store how far it is done; whether there is more to do at once.

        Raises IdentityAway, Stopped, and whatever a database raises: then no position has moved.
        """
        now = self._planning.clock.now()
        waits = Waits.of(await self._planning.workflows.readable())
        since = await followed.entries_handled()
        # Each of them, also where one has more: no long work keeps a head waiting.
        changes = await self._changes(waits)
        revisions = await self._revisions(waits, now)
        entries = await self._entries(waits, min(since or now, now) - OVERLAP)
        await self.owed.pay()
        await self._store(now, entries_done=not entries)
        return (changes or revisions or entries) and not self.owed.is_full

    async def _changes(self, waits: Waits) -> bool:
        before = await followed.changes_handled() if self._read is None else self._read
        page = await self._planning.identity.changes(before, CHANGES)
        if self.owed.is_full:
            return True
        schools = {change.key: change.seq for change in page.changes if change.kind == "school"}
        plans = await waiting.at_schools(schools, waits) if schools else []
        await decide_each(
            self._planning, self.owed, plans, lambda plan: {"registry": schools[plan.npsn]}, self.stopping
        )
        await self._moves([change.key for change in page.changes if change.kind == "teacher"])
        self._read = page.next
        READ.set(page.next)
        return page.more

    async def _moves(self, ptk_ids: Sequence[str]) -> None:
        """Together, for that is cheap; one by one where one of them fails."""
        if not ptk_ids:
            return
        try:
            await note_moves(self._planning, ptk_ids)
        except Exception:  # noqa: BLE001 - it is told of those who fail alone, too
            for ptk_id in ptk_ids:
                name = f"sekolah induk of {ptk_id}"
                await self.owed.attempt(name, partial(note_moves, self._planning, [ptk_id]))

    async def _entries(self, waits: Waits, since: datetime) -> bool:
        found = await waiting.entered_since(since, waits)
        known = {(plan.ptk_id, plan.period): plan.version for plan in found}
        self._entered = {key: version for key, version in self._entered.items() if known.get(key) == version}
        new = [plan for plan in found if (plan.ptk_id, plan.period) not in self._entered]
        some = new[:PLANS]
        await decide_each(
            self._planning, self.owed, some, lambda plan: {"waits_since": plan.version}, self.stopping
        )
        self._entered |= {(plan.ptk_id, plan.period): plan.version for plan in some}
        return len(new) > len(some)

    async def _revisions(self, waits: Waits, now: datetime) -> bool:
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

    async def _sweep(self, period: str, sweep: _Sweep, after: str, waits: Waits) -> None:
        plans = await waiting.of_period(period, waits, after, PLANS)
        await decide_each(
            self._planning, self.owed, plans, lambda _: {"parameters": sweep.number}, self.stopping
        )
        sweep.seen += len(plans)
        sweep.after = plans[-1].ptk_id if len(plans) == PLANS else None
        log.info(
            "period %s, revision %d: %d waiting plans decided again%s",
            period, sweep.number, sweep.seen, "" if sweep.after else ", that is all",
        )  # fmt: skip

    async def _store(self, now: datetime, *, entries_done: bool) -> None:
        await followed.keep_changes_handled(0 if self.owed else self._read or 0, now)
        if self.owed:
            return
        if entries_done:
            await followed.keep_entries_handled(now, now)
        for period, sweep in list(self._sweeps.items()):
            if sweep.after is None:
                await followed.keep_revision_handled(period, sweep.number, now)
                del self._sweeps[period]
