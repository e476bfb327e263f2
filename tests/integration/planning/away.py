"""Identity behind a door that misbehaves, and planning before it, at any time of one day in February."""

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
from services.planning.people.identity import wire
from tests.identity_samples import ptk
from tests.integration.planning.composing import complete, submitted
from tests.integration.planning.front import OPEN, Door, door_before
from tests.integration.planning.house import PERIOD_CODE, House, Person, identity_at, planning_at
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PLT_OF_TK, PNS, TK

# The period is extended, the Plt may confirm, and facts may be 60 minutes old.
MORNING = datetime(2024, 2, 20, 1, tzinfo=UTC)
STILL_FRESH, TOO_OLD = MORNING + timedelta(minutes=30), MORNING + timedelta(hours=2)

VIEWER = "{ viewer { nama banners { code message } } }"
CONFIRM = f"""mutation {{ answer: confirmAsPlt(input: {{npsn: "{TK}", period: "{PERIOD_CODE}"}}) {{ __typename
  ... on PltConfirmation {{ npsn }} ... on Refused {{ problems {{ __typename code message }} }}
}} }}"""


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planning gives up soon and tries again soon, so that the tests need not wait."""
    monkeypatch.setattr(wire, "REQUEST_SECONDS", 0.4)
    monkeypatch.setattr(questions, "QUESTION_SECONDS", 1.0)
    monkeypatch.setattr(wire, "OPEN_SECONDS", 0.2)


@dataclass
class Town:
    """The registry, planning's database, and the door between the services."""

    registry: Database
    database: Database
    door: Door

    @asynccontextmanager
    async def at(self, now: datetime) -> AsyncIterator[House]:
        """Both services, freshly started at an instant, the door open."""
        async with identity_at(self.registry, now) as identity:
            self.open_to(identity)
            async with planning_at(self.database, now, self.door.url) as session:
                yield House(now, identity, session, self.database)

    def open_to(self, identity: aiohttp.ClientSession) -> None:
        """Have the door stand open before this identity."""
        place = urlsplit(str(identity._base_url))
        self.door.host, self.door.port = str(place.hostname), int(place.port or 0)
        self.door.set(OPEN)


@asynccontextmanager
async def town(registry: Database, database: Database) -> AsyncIterator[Town]:
    """A door before nothing yet."""
    async with door_before("", 0) as door:
        yield Town(registry, database, door)


@dataclass
class People:
    """A teacher ready to submit, a colleague who has, the principal of both, and the Plt of another school."""

    teacher: Person
    colleague: Person
    head: Person
    plt: Person

    @classmethod
    async def of(cls, house: House) -> People:
        """Everybody signed in."""
        return cls(*[await house.person(who) for who in (PNS, COLLEAGUE, HEAD_OF_SD, PLT_OF_TK)])

    async def all_seen(self) -> None:
        """Everybody's facts have been asked for."""
        for person in (self.teacher, self.colleague, self.head, self.plt):
            await person.ask(VIEWER)


async def prepared(house: House) -> People:
    """The plans as everybody finds them before identity fails."""
    await complete(await house.person(PNS))
    await submitted(house, COLLEAGUE)
    people = await People.of(house)
    await people.all_seen()
    return people


async def seen(person: Person, what: str, language: str = "id") -> tuple[str, str]:
    """A code for the test and the sentence that the person sees, for any of the things one can do."""
    teacher, colleague = (Person(person.session, {}, str(ptk(who))).plan_id for who in (PNS, COLLEAGUE))
    version = await _version(person, teacher) if what == "submits" else 1
    reading = "query Q($id: ID!) { answer: plan(id: $id) { __typename version } }"
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "viewer": (VIEWER, {}),
        "reads own plan": (reading, {"id": teacher}),
        "reads colleague's plan": (reading, {"id": colleague}),
        "review queue": ("{ answer: reviewQueue { __typename edges { node { nama } } } }", {}),
        "goes on": (_mutation("startPlan", "StartPlan"), {"input": {}}),
        "saves": (
            _mutation("savePraktikKinerja", "SavePraktikKinerja"),
            {"input": {"planId": teacher, "expectedVersion": 6, "indikator": "PK-PDP"}},
        ),
        "submits": (
            _mutation("submitPlan", "Transition"),
            {"input": {"planId": teacher, "expectedVersion": version}},
        ),
        "approves": (
            _mutation("approvePlan", "Transition"),
            {"input": {"planId": colleague, "expectedVersion": 7}},
        ),
        "confirms as Plt": (CONFIRM, {}),
    }
    query, variables = asked[what]
    _, told = await person.send({"query": query, "variables": variables}, language)
    if "errors" in told:
        (error,) = told["errors"]
        return error["extensions"]["problem"]["code"], error["message"]
    if what == "viewer":
        banners = {one["code"]: one["message"] for one in told["data"]["viewer"]["banners"]}
        return "kept" if "banner.registry_away" in banners else "now", banners.get("banner.registry_away", "")
    answered = told["data"]["answer"]
    if answered is None or answered["__typename"] != "Refused":
        return ("done", "") if answered else ("nothing", "")
    (problem,) = answered["problems"]
    assert problem["__typename"] == "TemporaryProblem", problem
    return problem["code"], problem["message"]


def _mutation(name: str, kind: str) -> str:
    return (
        f"mutation M($input: {kind}Input!) {{ answer: {name}(input: $input) {{ __typename "
        "... on Refused { problems { __typename code message } } } }"
    )


async def _version(person: Person, plan: str) -> int:
    answer = await person.ask("query Q($id: ID!) { plan(id: $id) { version } }", id=plan)
    return int(answer["plan"]["version"])


async def healed(person: Person) -> None:
    """Wait until planning has found out that identity answers."""
    async with asyncio.timeout(20):
        while await seen(person, "viewer") != ("now", ""):  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.05)
