"""The turn of the day: duties begin and end on local days, and no import tells the day on which they do.

Whoever follows the changes learns of a head who came or went with the date within half a minute of local midnight.
(Accounts open and close with the day too; of them the days themselves are told, so nothing told changes.)
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.identity.people import store as changes
from services.identity.people import store as schools
from services.identity.people import store as zones
from services.identity.people.heads import KEPALA_JENIS
from services.identity.people.model import ZONES
from services.identity.people.queries import HEAD_JABATAN
from services.identity.storage import turned_days
from services.identity.storage.turned_days import Turn
from services.kit.clock import Clock
from services.kit.database import in_unit_of_work
from services.kit.process import ends_within
from services.kit.region import province_key

log = logging.getLogger(__name__)
EVERY_SECONDS = 20
# Who hears of a new day asks at once, perhaps another process, whose clock may be behind: by then it has the day, too.
BEHIND = timedelta(seconds=5)


def local_days(now: datetime) -> dict[str, date]:
    """The calendar day in each zone."""
    return {zone: now.astimezone(ZoneInfo(zone)).date() for zone in ZONES.values()}


async def turn_days(now: datetime) -> int:
    """Record what changed with the days since the last turn, once, whoever else tries; how many things that were.

    A clock that was moved back turns the days back. The first turn ever has nothing to compare with.
    """
    today = local_days(now)

    async def work(_: object) -> int:
        await changes.lock_keys(["turn of the day"])
        last = await turned_days.last()
        if last == today:
            return 0
        days = {zone: sorted((last.get(zone, day), day)) for zone, day in today.items()}
        turns = [Turn(zone, since, until) for zone, (since, until) in days.items() if since != until]
        touched = await _touched(turns) if turns else set()
        await turned_days.save(today, now)
        await changes.insert_changes(touched, now)
        return len(touched)

    return await in_unit_of_work(work)


async def _touched(turns: list[Turn]) -> set[changes.Touched]:
    keys = {name: province_key(name) for name in await schools.load_province_names()}
    known = await zones.load_zones(set(keys.values()))
    by_province = {name: known[key].facts.zone for name, key in keys.items() if key in known}
    return await turned_days.touched(turns, by_province, ZONES["WIB"], HEAD_JABATAN, KEPALA_JENIS)


@asynccontextmanager
async def turning(clock: Clock) -> AsyncIterator[None]:
    """Turn the days now, and whenever one ends while the body runs; what is under way at the end is finished."""
    done, ending = local_days(clock.now()), asyncio.Event()
    await turn_days(clock.now())
    watching = asyncio.create_task(_watch(clock, done, ending))
    try:
        yield
    finally:
        ending.set()
        await watching


async def _watch(clock: Clock, done: Mapping[str, date], ending: asyncio.Event) -> None:
    while not await ends_within(EVERY_SECONDS, ending):
        now = clock.now() - BEHIND
        if all(day <= done[zone] for zone, day in local_days(now).items()):
            continue
        try:
            log.info("the day turned: %d changes", await turn_days(now))
            done = local_days(now)
        except Exception:  # the days that were missed are turned when it works again
            log.exception("the day could not be turned")
