"""The stage: both services and the worker as real processes, at an instant of the story's choosing."""

from __future__ import annotations

import asyncio

from demo.cast import Somebody
from demo.client import Client
from demo.person import Person
from demo.service import Service
from demo.transcript import Transcript

MONDAY = "2024-01-15T02:00:00Z"


class Stage:
    """Both services and the worker on their databases. The clock stands; `at` moves it, by starting them anew."""

    def __init__(
        self, services: tuple[Service, Service, Service], client: Client, environment: dict[str, str]
    ) -> None:
        self.services, self.client, self.environment = services, client, environment
        self.now: str | None = None

    async def at(self, instant: str, zone: str, say: Transcript) -> None:
        """Let it be `instant`, told on the clock of a zone."""
        if instant != self.now:
            await self.stop()
            environment = self.environment | {"RENCANA_NOW": instant}
            identity, planning, worker = self.services
            # The worker asks identity as it begins. All are waited for, even where one fails: a half-started process
            # would outlive its stop.
            starts = (_one_after_the_other(environment, identity, worker), planning.start(environment))
            for outcome in await asyncio.gather(*starts, return_exceptions=True):
                if outcome is not None:
                    raise outcome
            self.now = instant
        say.when(instant, zone)

    async def enter(self, who: Somebody, say: Transcript, app: str = "web") -> Person:
        """Somebody signs in, at an app."""
        return await Person.enters(who, self.client, say, app)

    async def stop(self) -> None:
        """Stop all of them: what they have accepted is finished first."""
        await asyncio.gather(*(service.stop() for service in self.services))

    async def watch(self, seconds: float | None = None) -> None:
        """Wait as long as all of them serve, at most `seconds`; Died, with the end of its log, where one has ended."""
        waits = [asyncio.create_task(service.ended()) for service in self.services]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        for service in self.services:
            service.must_live()


async def _one_after_the_other(environment: dict[str, str], *services: Service) -> None:
    for service in services:
        await service.start(environment)
