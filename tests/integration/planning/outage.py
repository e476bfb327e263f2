"""Planning and identity with a faulty proxy between them, at any time of one day in February."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from services.kit.database import Database
from services.planning.people.identity import answers as questions
from services.planning.people.identity import connections
from tests.identity_samples import ptk
from tests.integration.planning.environment import PERIOD_CODE, Client, Environment, identity_at, planning_at
from tests.integration.planning.faulty_proxy import FORWARD, FaultyProxy, open_proxy
from tests.integration.planning.plans import complete_plan, submit_plan
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PLT_OF_TK, PNS, TK
from tests.until import PATIENCE

# The period is extended, the Plt may confirm, and facts may be 60 minutes old.
MORNING = datetime(2024, 2, 20, 1, tzinfo=UTC)
STILL_FRESH, TOO_OLD = MORNING + timedelta(minutes=30), MORNING + timedelta(hours=2)

VIEWER = "{ viewer { nama banners { code message } } }"
CONFIRM = f"""mutation {{ answer: confirmAsPlt(input: {{npsn: "{TK}", period: "{PERIOD_CODE}"}}) {{ __typename
  ... on ConfirmAsPltPayload {{ replayed }} ... on Failure {{ problems {{ code message retryAfterSeconds }} }}
}} }}"""


def shorten_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the timeouts of planning, so that tests need not wait."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.4)
    monkeypatch.setattr(questions, "QUESTION_SECONDS", 1.0)
    monkeypatch.setattr(connections, "OPEN_SECONDS", 0.2)


@dataclass
class ProxiedServices:
    """The registry, the database of planning, and the proxy between the services."""

    registry: Database
    database: Database
    proxy: FaultyProxy

    @asynccontextmanager
    async def serve_at(self, now: datetime) -> AsyncIterator[Environment]:
        """Start both services at an instant, with an open proxy."""
        async with identity_at(self.registry, now) as identity:
            self.forward_to(identity)
            async with planning_at(self.database, now, self.proxy.url) as session:
                yield Environment(now, identity, session, self.database)

    def forward_to(self, identity: aiohttp.ClientSession) -> None:
        """Open the proxy to this identity."""
        place = urlsplit(str(identity._base_url))
        self.proxy.host, self.proxy.port = str(place.hostname), int(place.port or 0)
        self.proxy.set_mode(FORWARD)


@asynccontextmanager
async def open_proxied_services(registry: Database, database: Database) -> AsyncIterator[ProxiedServices]:
    """A proxy without a server."""
    async with open_proxy("", 0) as proxy:
        yield ProxiedServices(registry, database, proxy)


@dataclass
class OutageClients:
    """A teacher who can submit, a colleague who has submitted, their principal, and the Plt of another school."""

    teacher: Client
    colleague: Client
    head: Client
    plt: Client

    @classmethod
    async def sign_in(cls, environment: Environment) -> OutageClients:
        """Sign everybody in."""
        return cls(*[await environment.sign_in(user) for user in (PNS, COLLEAGUE, HEAD_OF_SD, PLT_OF_TK)])

    async def load_all_facts(self) -> None:
        """Ask for the facts about everybody."""
        for person in (self.teacher, self.colleague, self.head, self.plt):
            await person.execute(VIEWER)


async def prepare_plans(environment: Environment) -> OutageClients:
    """Prepare the plans before identity fails."""
    await complete_plan(await environment.sign_in(PNS))
    await submit_plan(environment, COLLEAGUE)
    people = await OutageClients.sign_in(environment)
    await people.load_all_facts()
    return people


async def try_action(client: Client, action: str, language: str = "id") -> tuple[str, str]:
    """Try an action. Returns a code for the test and the message that the person sees."""
    teacher, colleague = (Client(client.session, {}, str(ptk(user))).plan_id for user in (PNS, COLLEAGUE))
    version = await _version(client, teacher) if action == "submits" else 1
    reading = "query Q($id: ID!) { answer: plan(id: $id) { __typename version } }"
    requests: dict[str, tuple[str, dict[str, Any]]] = {
        "viewer": (VIEWER, {}),
        "reads own plan": (reading, {"id": teacher}),
        "reads colleague's plan": (reading, {"id": colleague}),
        "review queue": ("{ answer: reviewQueue { __typename edges { node { version } } } }", {}),
        "goes on": (_mutation("startPlan"), {"input": {}}),
        "saves": (
            _mutation("savePraktikKinerja"),
            {"input": {"planId": teacher, "expectedVersion": 6, "indikator": "PK-PDP"}},
        ),
        "submits": (
            _mutation("submitPlan"),
            {"input": {"planId": teacher, "expectedVersion": version}},
        ),
        "approves": (
            _mutation("approvePlan"),
            {"input": {"planId": colleague, "expectedVersion": 7}},
        ),
        "confirms as Plt": (CONFIRM, {}),
    }
    query, variables = requests[action]
    _, answer = await client.post({"query": query, "variables": variables}, language)
    if "errors" in answer:
        (error,) = answer["errors"]
        return error["extensions"]["problem"]["code"], error["message"]
    if action == "viewer":
        banners = {one["code"]: one["message"] for one in answer["data"]["viewer"]["banners"]}
        return "kept" if "banner.registry_away" in banners else "now", banners.get("banner.registry_away", "")
    result = answer["data"]["answer"]
    if result is None or not result["__typename"].endswith("Rejection"):
        return ("done", "") if result else ("nothing", "")
    (problem,) = result["problems"]
    assert problem["retryAfterSeconds"], problem
    return problem["code"], problem["message"]


def _mutation(name: str) -> str:
    kind = name[0].upper() + name[1:]
    return (
        f"mutation M($input: {kind}Input!) {{ answer: {name}(input: $input) {{ __typename "
        "... on Failure { problems { code message retryAfterSeconds } } } }"
    )


async def _version(person: Client, plan: str) -> int:
    answer = await person.execute("query Q($id: ID!) { plan(id: $id) { version } }", id=plan)
    return int(answer["plan"]["version"])


async def wait_until_recovered(client: Client) -> None:
    """Wait until planning gets answers from identity again."""
    async with asyncio.timeout(PATIENCE):
        while await try_action(client, "viewer") != ("now", ""):  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.05)
