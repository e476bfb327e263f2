"""The stage: a private PostgreSQL, and both services as real processes at an instant of the story's choosing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from demo.cast import Somebody
from demo.client import Client
from demo.person import Person
from demo.reference import import_all
from demo.service import Service, free_port
from demo.transcript import Transcript
from services.kit.open_database import private_url
from services.kit.postgres import private_postgres

MONDAY = "2024-01-15T02:00:00Z"


class Stage:
    """Both services on their databases. The clock stands; `at` moves it, by starting them anew."""

    def __init__(
        self, services: tuple[Service, Service], client: Client, environment: dict[str, str]
    ) -> None:
        self.services, self.client, self.environment = services, client, environment
        self.now: str | None = None

    async def at(self, instant: str, zone: str, say: Transcript) -> None:
        """Let it be `instant`, told on the clock of a zone."""
        if instant != self.now:
            await self.stop()
            environment = self.environment | {"RENCANA_NOW": instant}
            await asyncio.gather(*(service.start(environment) for service in self.services))
            self.now = instant
        say.when(instant, zone)

    async def enter(self, who: Somebody, say: Transcript, app: str = "web") -> Person:
        """Somebody signs in, at an app."""
        return await Person.enters(who, self.client, say, app)

    async def stop(self) -> None:
        """Stop both: what they have accepted is finished first."""
        await asyncio.gather(*(service.stop() for service in self.services))

    async def until_one_ends(self) -> None:
        """Wait as long as both serve; then Died, with the reason."""
        waits = [asyncio.create_task(service.ended()) for service in self.services]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self.must_live()

    def must_live(self) -> None:
        """Died, with the end of its log, where a service has ended by itself."""
        for service in self.services:
            service.must_live()


@asynccontextmanager
async def staged(
    folder: Path, say: Transcript, *, ports: tuple[int, int] | None = None, durable: bool = False
) -> AsyncIterator[Stage]:
    """The stage with its data in `folder`, set and dark: `at` lights it. All of it is stopped at the end."""
    identity_port, planning_port = ports or (free_port(), free_port())
    with private_postgres(folder, durable=durable) as server:
        identity = Service("identity", identity_port, folder / "identity.log")
        planning = Service("planning", planning_port, folder / "planning.log")
        environment = {name: text for name, text in os.environ.items() if not name.startswith("RENCANA_")} | {
            "RENCANA_ENV": "dev",
            "RENCANA_IDENTITY_DATABASE_URL": await private_url(server, "services.identity"),
            "RENCANA_PLANNING_DATABASE_URL": await private_url(server, "services.planning"),
            "RENCANA_IDENTITY_URL": identity.url,
            "RENCANA_IDENTITY_PORT": str(identity_port),
            "RENCANA_PLANNING_PORT": str(planning_port),
        }
        await import_all(environment, say)
        async with aiohttp.ClientSession() as session:
            stage = Stage((identity, planning), Client(session, identity.url, planning.url), environment)
            try:
                yield stage
            except (aiohttp.ClientError, OSError):
                stage.must_live()  # if it has died, that is the reason
                raise
            finally:
                await stage.stop()
