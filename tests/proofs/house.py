"""Rencana as it runs: identity, planning processes side by side, two offices, all of them on one PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from services.kit.database import Database
from services.planning.api.ids import plan_id
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.house import connected, import_reference
from tests.proofs import office
from tests.proofs.processes import RENCANA, Serving
from tests.proofs.registry import Lane, import_lanes, lanes, let_head
from tests.small_registry import ADMIN, email_of

NOW = "2024-02-20T03:00:00Z"  # the window is open again, and a Plt may confirm
PATIENCE = aiohttp.ClientTimeout(total=60)


@dataclass
class House:
    """`lanes` are the teachers that races are run with; tokens are kept, so that a person signs in once."""

    lanes: list[Lane]
    identity: Serving
    plannings: list[Serving]
    offices: list[Serving]
    session: aiohttp.ClientSession
    registry: Database
    store: asyncpg.Connection
    tokens: dict[str, str] = field(default_factory=dict)

    async def let_head(self, kind: str) -> None:
        """Every school is headed by its principal (`definitif`) or by its Plt."""
        with self.registry.active():
            await let_head(self.lanes, kind)

    async def token(self, email: str) -> str:
        """A token of an account."""
        if email not in self.tokens:
            async with self.session.post(f"{self.identity.url}/dev/token", json={"email": email}) as answer:
                assert answer.status == 200, await answer.text()
                self.tokens[email] = (await answer.json())["access_token"]
        return self.tokens[email]

    async def ask(
        self, planning: Serving, who: int | None, mutation: str, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What a mutation answered to a person by number, or to the admin (None); ClientError without an answer."""
        token = await self.token(ADMIN if who is None else email_of(who))
        body = {"query": document(mutation), "variables": {"input": given}}
        headers = {"authorization": f"Bearer {token}"}
        async with self.session.post(f"{planning.url}/graphql", json=body, headers=headers) as response:
            told = await response.json()
        if "errors" in told:  # a fault of the service, which no oracle allows
            return {"__typename": "Refused", "problems": [{"code": str(told["errors"][0]["extensions"])}]}
        answer: dict[str, Any] = told["data"]["answer"]
        return answer

    async def change_head(self, office: Serving, lane: Lane) -> None:
        """An office imports the end of the principal's decree, and has the plan decided again."""
        async with self.session.post(f"{office.url}/head", json=asdict(lane)) as response:
            assert response.status == 204, response.status

    async def follow(self) -> None:
        """A worker catches up: a plan may have been submitted by what was known before the head changed."""
        async with self.session.post(f"{self.offices[0].url}/follow") as response:
            assert response.status == 204, response.status


def document(mutation: str) -> str:
    """A mutation that asks for as little as can be told."""
    kind = mutation[0].upper() + mutation[1:]
    if mutation in ("submitPlan", "approvePlan", "beginImplementation"):
        kind = "Transition"
    plan, refused = "... on Plan { version replayed }", "... on Refused { problems { code } }"
    told = {
        "confirmAsPlt": "... on PltConfirmation { replayed }",
        "approvePlans": f"... on ApprovedPlans {{ results {{ result {{ __typename {plan} {refused} }} }} }}",
    }.get(mutation, plan)
    return (
        f"mutation M($input: {kind}Input!) {{ answer: {mutation}(input: $input) "
        f"{{ __typename {told} {refused} }} }}"
    )


def plan_of(lane: Lane) -> str:
    """The id of the plan of a lane's teacher."""
    return plan_id(str(ptk(lane.teacher)), office.PERIOD)


@asynccontextmanager
async def house_of(
    fresh_url: Fresh, folder: Path, width: int, planning_processes: int, office_processes: int
) -> AsyncIterator[House]:
    """The house with so many lanes, nobody having a plan; every process is stopped at the end."""
    known, plans = await fresh_url("services.identity"), await fresh_url("services.planning")
    common = {name: text for name, text in os.environ.items() if not name.startswith("RENCANA_")} | {
        "RENCANA_ENV": "dev",
        "RENCANA_NOW": NOW,
        "RENCANA_IDENTITY_DATABASE_URL": known,
        "RENCANA_PLANNING_DATABASE_URL": plans,
    }
    identity = Serving(
        (RENCANA, "identity", "serve"), "RENCANA_IDENTITY_PORT", common, folder / "identity.log"
    )
    common["RENCANA_IDENTITY_URL"] = identity.url
    identity.environment["RENCANA_IDENTITY_URL"] = identity.url
    plannings = [
        Serving((RENCANA, "planning", "serve"), "RENCANA_PLANNING_PORT", common, folder / f"planning-{n}.log")
        for n in range(planning_processes)
    ]
    offices = [
        Serving((sys.executable, "-m", office.__name__), office.PORT, common, folder / f"office-{n}.log")
        for n in range(office_processes)
    ]
    everybody = [identity, *plannings, *offices]
    async with connected(known, "services.identity") as registry, connected(plans, "services.planning") as db:
        with registry.active():
            await import_lanes(lanes(width))
        await import_reference(db)
        store = await asyncpg.connect(db.dsn)
        try:
            for outcome in await asyncio.gather(*(one.start() for one in everybody), return_exceptions=True):
                if outcome is not None:
                    raise outcome
            # shorter than the servers' own: else one is closed now and then as a command goes out on it
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
            async with aiohttp.ClientSession(timeout=PATIENCE, connector=connector) as session:
                yield House(lanes(width), identity, plannings, offices, session, registry, store)
        finally:
            await asyncio.gather(*(one.stop() for one in everybody))
            await store.close()
