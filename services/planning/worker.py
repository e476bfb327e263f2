"""`rencana worker`: what planning does without being asked to. Composition, and the loop around the rounds.

Who is on turn is right within a minute, with the settings as they are: heads who come or go with the date are known
before, and identity records any other change in its own commit; a round begins `follow_seconds` (5) after the one
before it, and a plan is decided in far less than a second. While identity or the database is away nothing
is skipped: the worker tries again within LONGEST_PAUSE, and goes on where it was.

Timers are fired, and what admins ordered is worked off, in rounds of their own: none of these keeps another waiting.

It decides by what identity says now, and never by what it last said: its client keeps nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from prometheus_client import Gauge
from starlette.applications import Starlette
from starlette.middleware import Middleware

from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import SecurityHeaders, health_routes
from services.kit.process import wait_for_shutdown
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.people.identity.client import IdentityClient
from services.planning.people.services import Services
from services.planning.plan_migration.batches import LongWork
from services.planning.reconcile.changes import Follower
from services.planning.reconcile.replan_timers import Timers
from services.planning.reconcile.waiting import Stopped
from services.planning.settings import PlanningSettings

log = logging.getLogger(__name__)
ROUND = Gauge(
    "rencana_worker_round_timestamp_seconds", "When the last round ended in which all went well", ["work"]
)

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 15.0


class Work(Protocol):
    """What is done in rounds, until it is told to stop."""

    stopping: asyncio.Event

    async def round(self) -> bool:
        """Do some; whether there is more to do at once."""
        ...


@asynccontextmanager
async def working(settings: PlanningSettings) -> AsyncIterator[tuple[Follower, Timers, LongWork]]:
    """What the worker does on the current database: it follows, fires timers, and works off what admins ordered."""
    clock = Clock(settings.now)
    identity = IdentityClient(settings.identity_url, settings.credentials, clock)
    await identity.start()
    try:
        services = Services(clock, identity)
        yield Follower(services), Timers(services), LongWork(services)
    finally:
        await identity.close()


async def follow_once(settings: PlanningSettings) -> bool:
    """Do what there is to do, and end; False where some of it is still owed. Raises IdentityAway."""
    async with working(settings) as (follower, timers, long_work):
        while await long_work.round():
            pass
        while await follower.round():
            pass
        while await timers.round():
            pass
        return not follower.owed


class Rounds:
    """Round after round until the work is told to stop. `well`: the last one ended as it should."""

    def __init__(self, work: Work, seconds: float, name: str = "following") -> None:
        self.well = False
        self._work, self._seconds, self._name = work, seconds, name

    async def run(self) -> None:
        """Whatever a round raises, the next one follows."""
        failures, pause = 0, 0.0
        while not await wait_for_shutdown(pause, self._work.stopping):
            try:
                pause = 0.0 if await self._work.round() else self._seconds
            except Stopped:
                continue
            except Exception as error:
                away = isinstance(error, IdentityUnavailable)
                why = "identity is away" if away else error
                log.error("%s: the round is begun again: %s", self._name, why, exc_info=not away)
                longest = min(SHORTEST_PAUSE * 2**failures, LONGEST_PAUSE)
                self.well, failures, pause = (
                    False,
                    min(failures + 1, 10),
                    random.uniform(longest / 2, longest),
                )
            else:
                if not self.well:
                    log.info("%s: all is well", self._name)
                self.well, failures = True, 0
                ROUND.labels(self._name).set_to_current_time()


def create_worker(settings: PlanningSettings, database: Database) -> Starlette:
    """The worker on a connected, migrated database; over HTTP it tells only how it is.

    `/readyz` is well as long as its rounds are. At the end the plans at hand are finished.
    """
    rounds: list[Rounds] = []

    async def ready() -> None:
        await database.ping()
        if not rounds or not all(one.well for one in rounds):
            raise ConnectionError("the last round did not end as it should")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with database.active():
            async with working(settings) as (follower, timers, long_work):
                works: dict[str, Work] = {"following": follower, "timers": timers, "long work": long_work}
                rounds.extend(Rounds(work, settings.follow_seconds, name) for name, work in works.items())
                running = [asyncio.create_task(one.run()) for one in rounds]
                yield
                for work in works.values():
                    work.stopping.set()
                await asyncio.gather(*running)

    return Starlette(routes=health_routes(ready), middleware=[Middleware(SecurityHeaders)], lifespan=lifespan)
