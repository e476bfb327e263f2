"""Both services for the tests of clients, and a token for each person."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from demo.people import Person
from demo.services import MONDAY, RunningServices, run_services, temporary_folder
from demo.transcript import Transcript

COST_PER_MINUTE = "100000000"  # a test sends more in a minute than a person may


@dataclass(frozen=True, slots=True)
class Services:
    """The running services. `url` is the endpoint of GraphQL."""

    running: RunningServices

    @property
    def url(self) -> str:
        """Where planning serves GraphQL."""
        return f"{self.running.client.planning}/graphql"

    async def sign_in(self, person: Person) -> str:
        """Return an access token, by the development sign-in."""
        return await self.running.client.sign_in(person.email)


@asynccontextmanager
async def start_services() -> AsyncIterator[Services]:
    """Start both services and the worker on Monday, 15 January 2024, with the data of the demo."""
    with temporary_folder() as folder:
        async with run_services(folder, Transcript(io.StringIO())) as running:
            running.settings["RENCANA_PERSON_COST_PER_MINUTE"] = COST_PER_MINUTE
            await running.restart_at(MONDAY)
            yield Services(running)
