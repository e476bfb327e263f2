"""`rencana worker`: what planning does without being asked to. Composition, and the loop around the rounds.

Who is on turn is right within a minute, with the settings as they are: identity records a head who came or went with
the date within 25 seconds of midnight, and any other change in its own commit; a round begins `follow_seconds` (5)
after the one before it, and a plan is decided in far less than a second. While identity or the database is away nothing
is skipped: the worker tries again within LONGEST_PAUSE, and goes on where it was.

It decides by what identity says now, and never by what it last said: its client keeps nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import Gauge
from starlette.applications import Starlette
from starlette.middleware import Middleware

from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.ending import ends_within
from services.kit.http import health_routes
from services.kit.security_headers import SecurityHeaders
from services.planning.identity.client import IdentityAway, IdentityClient
from services.planning.planning import Planning
from services.planning.settings import PlanningSettings
from services.planning.usecases.follow import Follower
from services.planning.usecases.follow_plans import Stopped

log = logging.getLogger(__name__)
ROUND = Gauge("rencana_worker_round_timestamp_seconds", "When the last round ended in which all went well")

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 15.0


@asynccontextmanager
async def following(settings: PlanningSettings) -> AsyncIterator[Follower]:
    """A follower on the current database."""
    clock = Clock(settings.now)
    identity = IdentityClient(settings.identity_url, settings.credentials, clock)
    await identity.start()
    try:
        yield Follower(Planning(clock, identity))
    finally:
        await identity.close()


async def follow_once(settings: PlanningSettings) -> bool:
    """Do what there is to do, and end; False where some of it is still owed. Raises IdentityAway."""
    async with following(settings) as follower:
        while await follower.round():
            pass
        return not follower.owed


class Rounds:
    """Round after round until the follower is told to stop. `well`: the last one ended as it should."""

    def __init__(self, follower: Follower, seconds: float) -> None:
        self.well = False
        self._follower, self._seconds = follower, seconds

    async def run(self) -> None:
        """Whatever a round raises, the next one follows."""
        failures, pause = 0, 0.0
        while not await ends_within(pause, self._follower.stopping):
            try:
                pause = 0.0 if await self._follower.round() else self._seconds
            except Stopped:
                continue
            except Exception as error:
                away = isinstance(error, IdentityAway)
                log.error(
                    "the round is begun again: %s", "identity is away" if away else error, exc_info=not away
                )
                longest = min(SHORTEST_PAUSE * 2**failures, LONGEST_PAUSE)
                self.well, failures, pause = (
                    False,
                    min(failures + 1, 10),
                    random.uniform(longest / 2, longest),
                )
            else:
                if not self.well:
                    log.info("following identity and the periods")
                self.well, failures = True, 0
                ROUND.set_to_current_time()


def create_worker(settings: PlanningSettings, database: Database) -> Starlette:
    """The worker on a connected, migrated database; over HTTP it tells only how it is.

    `/readyz` is well as long as its rounds are. At the end the plans at hand are finished.
    """
    rounds: Rounds | None = None

    async def ready() -> None:
        await database.ping()
        if rounds is None or not rounds.well:
            raise ConnectionError("the last round did not end as it should")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal rounds
        with database.active():
            async with following(settings) as follower:
                rounds = Rounds(follower, settings.follow_seconds)
                running = asyncio.create_task(rounds.run())
                yield
                follower.stopping.set()
                await running

    return Starlette(routes=health_routes(ready), middleware=[Middleware(SecurityHeaders)], lifespan=lifespan)
