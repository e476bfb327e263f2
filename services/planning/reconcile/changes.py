"""What waiting plans wait for: changes of identity and revisions of a period."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from prometheus_client import Gauge

from services.kit.concurrency import map_concurrently
from services.planning.people import store as people_store
from services.planning.people.services import Services
from services.planning.period.queries import local_today
from services.planning.plan.event_kinds import HeadChange, RegistryChange, StateEntry
from services.planning.plan.waiting import AutomaticStates
from services.planning.reconcile import store
from services.planning.reconcile.retry import Owed
from services.planning.reconcile.store import WaitingPlan
from services.planning.reconcile.waiting import Revisions, decide_each, name_of


async def note_head_changes(services: Services, npsns: Sequence[str], after: datetime) -> None:
    """Store when the head of these schools changes after an instant. Raises IdentityAway where it does not answer."""
    asked = await map_concurrently(services.identity.school, npsns)
    changes = [(known.facts.npsn, at) for known in asked if known for at in known.facts.head_changes(after)]
    await store.insert_head_changes(changes, services.connection)


async def note_moves(services: Services, ptk_ids: Sequence[str]) -> None:
    """Compare the sekolah induk of today with the schools of these teachers' plans, and keep what differs.

    Periods that have ended are left as they are. Raises IdentityAway where it cannot be asked; then nothing is kept.
    """
    today = local_today(services, None)
    planned = await people_store.list_with_plans(ptk_ids, today, services.connection)
    induk = await map_concurrently(partial(_induk, services), planned)
    if planned:
        found = dict(zip(planned, induk, strict=True))
        await people_store.store_moves(found, today, services.clock.now(), services.connection)


async def _induk(services: Services, ptk_id: str) -> str | None:
    known = await services.identity.teacher(ptk_id)
    return known.facts.sekolah_induk.value if known else None


PAGE = 200  # of identity's feed in one round: each teacher with a plan is asked for


class Moves:
    """How far the feed is read for these: an import of a whole country stands before no plan that waits."""

    def __init__(self, services: Services, owed: Owed) -> None:
        self._services, self._owed = services, owed
        self.read: int | None = None

    async def follow(self, until: int | None) -> bool:
        """Read one page, unless everything up to `until` is read; whether there is more."""
        if self.read is None:
            self.read = await store.handled(store.MOVES, self._services.connection)
        if self.read == until:
            return False
        page = await self._services.identity.changes(self.read, PAGE)
        teachers = [change.key for change in page.changes if change.kind == "teacher"]
        await self._owed.attempt_all("change of teacher", partial(note_moves, self._services), teachers)
        self.read = page.next
        return page.more


READ = Gauge(
    "rencana_worker_changes_read", "Number of the last of identity's changes whose school was dealt with"
)

# Of identity's feed, new entries, and schools whose head changed with the date, in one round.
CHANGES, ENTRIES, SCHOOLS = 1000, 200, 1000
# Longer than any command takes from its clock to its commit, and than clocks of servers differ.
OVERLAP = timedelta(minutes=2)
# What a worker that was away for days looks at together: the events of an hour are found in no time, all are not.
SLICE = timedelta(hours=1)


class Follower:
    """Follows in rounds; what it keeps in memory is lost without harm. `stopping` ends a round between two plans."""

    def __init__(self, services: Services) -> None:
        self.owed = Owed(services.identity)
        self.stopping = asyncio.Event()
        self._services = services
        self._revisions = Revisions(services, self.owed, self.stopping)
        self._moves = Moves(services, self.owed)
        self._read: int | None = None
        self._looked: datetime | None = None
        self._entered: dict[tuple[str, str], int] = {}

    async def round(self) -> bool:
        """Look, and store how far it is done; whether there is more to do at once.

        Raises IdentityAway, Stopped, and whatever a database raises: then no position has moved.
        """
        now = self._services.clock.now()
        more = not self.owed.is_full and await self._look(now)
        await self.owed.pay()
        await self._keep(now)
        return more

    async def _look(self, now: datetime) -> bool:
        waits = AutomaticStates.of(await self._services.workflows.list_supported(self._services.connection))
        dates = await self._dates(waits, now)
        if await self._heads(waits, now):
            return True
        # Each of them, also where one has more: no long work keeps another waiting.
        revisions = await self._revisions.follow(waits, now)
        entries = await self._entries(waits, now)
        moves = await self._moves.follow(self._read)
        return dates or revisions or entries or moves

    async def _dates(self, waits: AutomaticStates, now: datetime) -> bool:
        connection = self._services.connection
        due = await store.find_due_schools(now, SCHOOLS, connection)
        if not due:
            return False
        plans = await store.select_waiting_at_schools(due, waits, connection)
        await decide_each(
            self._services, self.owed, plans, lambda plan: HeadChange(due[plan.npsn]), self.stopping
        )
        # What is owed is kept in memory only: the school stays due until its plans are decided.
        failed = {plan.npsn for plan in plans if name_of(plan) in self.owed}
        await store.delete_head_changes(due.keys() - failed, now, connection)
        return len(due) == SCHOOLS and not failed

    async def _note_head_changes(self, plans: Iterable[WaitingPlan], after: datetime) -> None:
        npsns = sorted({plan.npsn for plan in plans})
        note = partial(note_head_changes, self._services, after=after)
        await self.owed.attempt_all("head of school", note, npsns)

    async def _heads(self, waits: AutomaticStates, now: datetime) -> bool:
        before = self._read
        if before is None:
            before = await store.handled(store.HEADS, self._services.connection)
        page = await self._services.identity.changes(before, CHANGES)
        schools = {change.key: change.seq for change in page.changes if change.kind == "school"}
        plans = (
            await store.select_waiting_at_schools(schools, waits, self._services.connection)
            if schools
            else []
        )
        await decide_each(
            self._services, self.owed, plans, lambda plan: RegistryChange(schools[plan.npsn]), self.stopping
        )
        await self._note_head_changes(plans, now)
        self._read = page.next
        READ.set(page.next)
        return page.more

    async def _entries(self, waits: AutomaticStates, now: datetime) -> bool:
        since = min(self._looked or await store.entries_handled(self._services.connection) or now, now)
        until = since + SLICE if since + SLICE < now else None
        found = await store.select_entered(since - OVERLAP, until, waits, self._services.connection)
        known = {(plan.ptk_id, plan.period): plan.version for plan in found}
        self._entered = {key: version for key, version in self._entered.items() if known.get(key) == version}
        new = [plan for plan in found if (plan.ptk_id, plan.period) not in self._entered]
        some = new[:ENTRIES]
        await decide_each(
            self._services, self.owed, some, lambda plan: StateEntry(plan.version), self.stopping
        )
        await self._note_head_changes(some, now)
        self._entered |= {(plan.ptk_id, plan.period): plan.version for plan in some}
        if len(new) > len(some):
            return True
        self._looked = until or now
        return until is not None

    async def _keep(self, now: datetime) -> None:
        read = (0, 0) if self.owed else (self._read or 0, self._moves.read or 0)
        await store.keep_handled(*read, now, self._services.connection)
        if self.owed:
            return
        if self._looked:
            await store.keep_entries_handled(self._looked, now, self._services.connection)
        await self._revisions.keep(now)
