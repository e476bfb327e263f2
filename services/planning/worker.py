"""The worker process (`rencana worker`): its tasks, and the loop around their rounds.

The worker runs three tasks beside each other: it decides waiting plans again, fires timers, and runs the batches of
migrations and dry runs. A round begins `worker_interval_seconds` after the one before it.

A plan waits for the right person within a minute of a change. Changes of head by date are known beforehand, and
identity records any other change in the commit that makes it. While identity or the database is unavailable the worker
skips nothing: it repeats the round within MAX_PAUSE_SECONDS.

The worker decides by current answers of identity, never by cached ones.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Protocol

from prometheus_client import Gauge
from starlette.applications import Starlette
from starlette.middleware import Middleware

from services.kit.availability import DatabaseUnavailable
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import SecurityHeaders, health_routes
from services.kit.process import wait_for_shutdown
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.people.identity.client import IdentityClient
from services.planning.people.services import Services
from services.planning.plan_migration.batches import BatchRounds
from services.planning.reconcile.replan_timers import TimerRounds
from services.planning.reconcile.retry import WorkerStopped
from services.planning.reconcile.rounds import FeedRewritten, Reconciler
from services.planning.settings import PlanningSettings

log = logging.getLogger(__name__)
LAST_ROUND = Gauge(
    "rencana_worker_round_timestamp_seconds", "When the last successful round of a task ended", ["task"]
)

MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.2, 15.0  # after failed rounds
MAX_DATABASE_PAUSE_SECONDS = (
    1.0  # a failed attempt costs nothing, and the worker is ready soon after the database
)
STOP_SECONDS = 10.0  # for what is under way when the worker stops; what takes longer is done again later


class WorkerTask(Protocol):
    """Work that is done in rounds. `stopping` ends the current round early."""

    stopping: asyncio.Event

    async def run_round(self) -> bool:
        """Run one round. Returns whether the next round has work already."""
        ...


@asynccontextmanager
async def open_tasks(
    settings: PlanningSettings,
) -> AsyncIterator[tuple[Reconciler, TimerRounds, BatchRounds]]:
    """Yield the tasks of the worker on the current database, with a client of identity."""
    clock = Clock(settings.now)
    identity = IdentityClient(settings.identity_url, settings.credentials, clock)
    await identity.start()
    try:
        services = Services(clock, identity)
        max_key_age = timedelta(days=settings.command_key_days)
        yield Reconciler(services, max_key_age), TimerRounds(services), BatchRounds(services)
    finally:
        await identity.close()


async def run_once(settings: PlanningSettings) -> bool:
    """Run rounds until no work is left. Returns False if jobs remain in the retry queue. Raises IdentityUnavailable."""
    async with open_tasks(settings) as (reconciler, timers, batches):
        for task in (batches, reconciler, timers):
            while await task.run_round():
                pass
        return not reconciler.retry_queue


class TaskLoop:
    """Runs the rounds of a task until the task is stopping. `is_healthy`: the last round succeeded."""

    def __init__(self, task: WorkerTask, interval_seconds: float, name: str) -> None:
        self.is_healthy = False
        self._task, self._interval_seconds, self._name = task, interval_seconds, name

    async def run(self) -> None:
        """Run rounds. A round that raises is logged and repeated after a pause that grows with each failure."""
        failures, pause = 0, 0.0
        while not await wait_for_shutdown(pause, self._task.stopping):
            try:
                pause = 0.0 if await self._task.run_round() else self._interval_seconds
            except WorkerStopped:
                continue
            except Exception as error:
                is_database = isinstance(error, DatabaseUnavailable)
                is_identity = isinstance(error, IdentityUnavailable)
                is_known = is_database or is_identity or isinstance(error, FeedRewritten)
                if self.is_healthy or not is_database:  # an outage of the database is one line
                    reason = "identity is unavailable" if is_identity else error
                    log.error("%s: round failed: %s", self._name, reason, exc_info=not is_known)
                self.is_healthy = False
                longest = MAX_DATABASE_PAUSE_SECONDS if is_database else MAX_PAUSE_SECONDS
                max_pause = min(MIN_PAUSE_SECONDS * 2**failures, longest)
                pause = random.uniform(max_pause / 2, max_pause)
                failures = min(failures + 1, 10)
            else:
                if not self.is_healthy:
                    log.info("%s: healthy", self._name)
                self.is_healthy, failures = True, 0
                LAST_ROUND.labels(self._name).set_to_current_time()


def create_worker(settings: PlanningSettings, database: Database) -> Starlette:
    """Return the worker as an ASGI app on a connected, migrated database. Over HTTP it serves health and metrics only.

    `/readyz` fails while the last round of a task failed. Shutdown finishes what is under way, within STOP_SECONDS.
    """
    loops: list[TaskLoop] = []

    async def check_readiness() -> None:
        await database.ping()
        if not loops or not all(loop.is_healthy for loop in loops):
            raise ConnectionError("the last round of a task failed")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with database.active():
            async with open_tasks(settings) as (reconciler, timers, batches):
                tasks: dict[str, WorkerTask] = {"reconcile": reconciler, "timers": timers, "batches": batches}
                loops.extend(
                    TaskLoop(task, settings.worker_interval_seconds, name) for name, task in tasks.items()
                )
                running_loops = [asyncio.create_task(loop.run()) for loop in loops]
                yield
                for task in tasks.values():
                    task.stopping.set()
                waits = await asyncio.wait(running_loops, timeout=STOP_SECONDS)
                for late_loop in waits[1]:
                    late_loop.cancel()
                await asyncio.gather(*running_loops, return_exceptions=True)

    return Starlette(
        routes=health_routes(check_readiness), middleware=[Middleware(SecurityHeaders)], lifespan=lifespan
    )
