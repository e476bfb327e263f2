"""What waiting plans wait for: a head who changes (identity's changes), values that change (a period's revisions).

A round looks at these, and no order of a change and a command leaves a plan waiting for what has happened:

- *Heads*, before all else: each waiting plan at a school that identity's feed names is decided again.
- *Revisions*: each waiting plan of a period, when another revision is in force than the one they were decided by.
- *Entries*: each plan that came to wait since the last round. Its command knew the facts from before its commit, in
  which the plan still was no waiting one; this look comes after it, so whatever it does not see is in the feed to come.
- *Moves*: teachers whom the feed names. For these nobody waits, and an import names very many.

Positions are stored at the end of a round, when everything up to them is done and nothing is owed. A worker that is
killed does some of it again; several workers do the same work: a decision is guarded by the plan's version, and the
second one finds nothing left to do. A plan that cannot be decided holds the positions, not the work: other plans go on,
and it is tried again, after a restart too.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from prometheus_client import Gauge

from services.planning.planning import Planning
from services.planning.storage import followed, waiting
from services.planning.storage.waiting import Waits
from services.planning.usecases.follow_moves import Moves
from services.planning.usecases.follow_owed import Owed
from services.planning.usecases.follow_plans import decide_each
from services.planning.usecases.follow_revisions import Revisions

READ = Gauge(
    "rencana_worker_changes_read", "Number of the last of identity's changes whose school was dealt with"
)

CHANGES, ENTRIES = 1000, 200  # of identity's feed, and of new entries in one round
# Longer than any command takes from its clock to its commit, and than clocks of servers differ.
OVERLAP = timedelta(minutes=2)
# What a worker that was away for days looks at together: the events of an hour are found in no time, all are not.
SLICE = timedelta(hours=1)


class Follower:
    """Follows in rounds; what it keeps in memory is lost without harm. `stopping` ends a round between two plans."""

    def __init__(self, planning: Planning) -> None:
        self.owed = Owed(planning.identity)
        self.stopping = asyncio.Event()
        self._planning = planning
        self._revisions = Revisions(planning, self.owed, self.stopping)
        self._moves = Moves(planning, self.owed)
        self._read: int | None = None
        self._looked: datetime | None = None
        self._entered: dict[tuple[str, str], int] = {}

    async def round(self) -> bool:
        """Look, and store how far it is done; whether there is more to do at once.

        Raises IdentityAway, Stopped, and whatever a database raises: then no position has moved.
        """
        now = self._planning.clock.now()
        more = not self.owed.is_full and await self._look(now)
        await self.owed.pay()
        await self._keep(now)
        return more

    async def _look(self, now: datetime) -> bool:
        waits = Waits.of(await self._planning.workflows.readable())
        if await self._heads(waits):
            return True
        # Each of them, also where one has more: no long work keeps another waiting.
        revisions = await self._revisions.follow(waits, now)
        entries = await self._entries(waits, now)
        moves = await self._moves.follow(self._read)
        return revisions or entries or moves

    async def _heads(self, waits: Waits) -> bool:
        before = await followed.handled(followed.HEADS) if self._read is None else self._read
        page = await self._planning.identity.changes(before, CHANGES)
        schools = {change.key: change.seq for change in page.changes if change.kind == "school"}
        plans = await waiting.at_schools(schools, waits) if schools else []
        await decide_each(
            self._planning, self.owed, plans, lambda plan: {"registry": schools[plan.npsn]}, self.stopping
        )
        self._read = page.next
        READ.set(page.next)
        return page.more

    async def _entries(self, waits: Waits, now: datetime) -> bool:
        since = min(self._looked or await followed.entries_handled() or now, now)
        until = since + SLICE if since + SLICE < now else None
        found = await waiting.entered(since - OVERLAP, until, waits)
        known = {(plan.ptk_id, plan.period): plan.version for plan in found}
        self._entered = {key: version for key, version in self._entered.items() if known.get(key) == version}
        new = [plan for plan in found if (plan.ptk_id, plan.period) not in self._entered]
        some = new[:ENTRIES]
        await decide_each(
            self._planning, self.owed, some, lambda plan: {"waits_since": plan.version}, self.stopping
        )
        self._entered |= {(plan.ptk_id, plan.period): plan.version for plan in some}
        if len(new) > len(some):
            return True
        self._looked = until or now
        return until is not None

    async def _keep(self, now: datetime) -> None:
        read = (0, 0) if self.owed else (self._read or 0, self._moves.read or 0)
        await followed.keep_handled(*read, now)
        if self.owed:
            return
        if self._looked:
            await followed.keep_entries_handled(self._looked, now)
        await self._revisions.keep(now)
