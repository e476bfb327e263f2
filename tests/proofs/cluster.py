"""Both services as processes, several of planning, on one PostgreSQL; and the requests that proofs send to them."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp
import asyncpg

from devtools.service_process import ServiceProcess, free_port
from services.kit.database import Database
from services.planning.api.ids import plan_id
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import PERIOD_CODE, connect_database, import_reference_data
from tests.proofs import decree_importer
from tests.proofs.schools import SampleSchool, import_schools, make_schools, set_heads
from tests.small_registry import ADMIN, email_of
from tests.until import PATIENCE

NOW = "2024-02-20T03:00:00Z"  # a second planning window is open, and a Plt may confirm
IDENTITY_UNAVAILABLE = (
    "identity.unavailable"  # a busy machine; nothing was stored, so the request is repeated
)
CACHED_ANSWERS = re.compile(r'rencana_identity_questions_total{[^}]*outcome="cached"[^}]*} (\d+)')


@dataclass
class Cluster:
    """The processes, their databases and an HTTP session. A person signs in once, and `tokens` keeps the token."""

    schools: list[SampleSchool]
    settings: Mapping[str, str]
    identity: ServiceProcess
    planning: list[ServiceProcess]
    decree_importers: list[ServiceProcess]
    session: aiohttp.ClientSession
    identity_database: Database
    connection: asyncpg.Connection  # to the database of planning
    tokens: dict[str, str] = field(default_factory=dict)
    connection_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def set_heads(self, head_kind: str) -> None:
        """Make the principal (`definitif`) or the Plt (`plt`) the head of every school."""
        with self.identity_database.active():
            await set_heads(self.schools, head_kind)

    async def token(self, email: str) -> str:
        """Return an access token of an account."""
        if email not in self.tokens:
            async with self.session.post(f"{self.identity.url}/dev/token", json={"email": email}) as response:
                assert response.status == 200, await response.text()
                self.tokens[email] = (await response.json())["access_token"]
        return self.tokens[email]

    async def send(
        self, planning: ServiceProcess, sender: int | None, mutation: str, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Send a mutation as a person, by number, or as the admin (None). Returns the answer.

        An error of the service becomes a refusal that no oracle allows. Raises ClientError if no response arrives.
        """
        token = await self.token(ADMIN if sender is None else email_of(sender))
        body = {"query": _document(mutation), "variables": {"input": arguments}}
        headers = {"authorization": f"Bearer {token}"}
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.session.post(
                    f"{planning.url}/graphql", json=body, headers=headers
                ) as response:
                    text = await response.text()
                if IDENTITY_UNAVAILABLE not in text:
                    break
                await asyncio.sleep(0.2)
        payload = json.loads(text)
        if "errors" in payload:
            return {
                "__typename": "Rejection",
                "problems": [{"code": str(payload["errors"][0]["extensions"])}],
            }
        answer: dict[str, Any] = payload["data"]["answer"]
        return answer

    async def change_head(self, importer: ServiceProcess, school: SampleSchool) -> None:
        """End the decree of a school's principal, and decide the plan of its teacher again."""
        async with self.session.post(f"{importer.url}/change-head", json=asdict(school)) as response:
            assert response.status == 204, response.status

    async def reconcile(self) -> None:
        """Run the worker's rounds: a plan may have been submitted with the facts from before the head changed."""
        async with self.session.post(f"{self.decree_importers[0].url}/reconcile") as response:
            assert response.status == 204, response.status

    async def count_cached_answers(self) -> int:
        """Return how often planning used a cached answer because identity did not respond in time."""
        count = 0
        for planning in self.planning:
            async with self.session.get(f"{planning.url}/metrics") as response:
                count += sum(map(int, CACHED_ANSWERS.findall(await response.text())))
        return count


@asynccontextmanager
async def run_cluster(
    fresh_url: Fresh,
    folder: Path,
    school_count: int,
    planning_count: int,
    importer_count: int,
    more_settings: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Cluster]:
    """Run a cluster with this many sample schools, without plans. Logs go to `folder`."""
    identity_url, planning_url = await fresh_url("services.identity"), await fresh_url("services.planning")
    schools = make_schools(school_count)
    identity = ServiceProcess("identity", free_port(), folder / "identity.log")
    planning = [
        ServiceProcess("planning", free_port(), folder / f"planning-{n}.log") for n in range(planning_count)
    ]
    command = (sys.executable, "-m", decree_importer.__name__)
    importers = [
        ServiceProcess("importer", free_port(), folder / f"importer-{n}.log", command)
        for n in range(importer_count)
    ]
    settings = service_settings(identity_url, planning_url, NOW) | {"RENCANA_IDENTITY_URL": identity.url}
    settings |= more_settings
    async with (
        connect_database(identity_url, "services.identity") as identity_database,
        connect_database(planning_url, "services.planning") as planning_database,
    ):
        with identity_database.active():
            await import_schools(schools)
        await import_reference_data(planning_database)
        connection = await asyncpg.connect(planning_database.dsn)
        try:
            async with run_processes(settings, identity, *planning, *importers):
                # shorter than the timeout of the servers, which could close a connection as a request is sent
                connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
                async with aiohttp.ClientSession(connector=connector) as session:
                    yield Cluster(schools, settings, identity, planning, importers, session, identity_database,
                                  connection)  # fmt: skip
        finally:
            await connection.close()


def service_settings(identity_database_url: str, planning_database_url: str, now: str) -> dict[str, str]:
    """Return the settings of services on these databases, whose clock is fixed at `now`."""
    return {name: text for name, text in os.environ.items() if not name.startswith("RENCANA_")} | {
        "RENCANA_ENV": "dev",
        "RENCANA_NOW": now,
        "RENCANA_IDENTITY_DATABASE_URL": identity_database_url,
        "RENCANA_PLANNING_DATABASE_URL": planning_database_url,
        # a head who approves lists in hundreds of races spends more than a person's budget
        "RENCANA_PERSON_COST_PER_MINUTE": "1000000000",
    }


@asynccontextmanager
async def run_processes(settings: Mapping[str, str], *processes: ServiceProcess) -> AsyncIterator[None]:
    """Start the processes at the same time; stop all of them afterwards."""
    try:
        starts = (process.start(settings) for process in processes)
        for outcome in await asyncio.gather(*starts, return_exceptions=True):
            if outcome is not None:
                raise outcome
        yield
    finally:
        await asyncio.gather(*(process.stop() for process in processes))


def plan_id_of(school: SampleSchool) -> str:
    """Return the id of the plan of the school's teacher."""
    return plan_id(str(ptk(school.teacher)), PERIOD_CODE)


def _document(mutation: str) -> str:
    name = mutation[0].upper() + mutation[1:]
    failure = "... on Failure { problems { code } }"
    fields = {
        "confirmAsPlt": "replayed",
        "approvePlans": "results { __typename ... on ApprovePlanPayload { replayed plan { version } } "
        f"{failure} }}",
    }.get(mutation, "replayed plan { version }")
    return (
        f"mutation M($input: {name}Input!) {{ answer: {mutation}(input: $input) "
        f"{{ __typename ... on {name}Payload {{ {fields} }} {failure} }} }}"
    )
