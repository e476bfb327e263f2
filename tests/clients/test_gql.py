"""A teacher's journey by `gql`, the GraphQL client of Python, with the shipped documents."""

from __future__ import annotations

from typing import Any

import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport

from demo import people
from demo.scenarios.steps import BEHAVIOURS
from devtools.client_documents import read_document
from tests.clients.conftest import Report
from tests.clients.services import Services
from tests.contract.sdl import SDL_FILE

pytestmark = pytest.mark.timeout(300)


class Person:
    """A person with a client that checks documents against the SDL file."""

    def __init__(self, services: Services, token: str, schema: str) -> None:
        headers = {"authorization": f"Bearer {token}"}
        self.client = Client(transport=AIOHTTPTransport(services.url, headers=headers), schema=schema)
        self.requests = 0

    async def send(self, operation: str, **variables: Any) -> dict[str, Any]:
        self.requests += 1
        request = gql(read_document(f"web/{operation}"))
        request.variable_values = variables
        async with self.client as session:
            answer: dict[str, Any] = await session.execute(request)
        (value,) = answer.values()
        return dict(value)

    async def command(
        self, operation: str, plan: dict[str, Any] | None = None, **arguments: Any
    ) -> dict[str, Any]:
        on_plan = {"planId": plan["id"], "expectedVersion": plan["version"]} if plan else {}
        answer = await self.send(operation, input=on_plan | arguments)
        assert "problems" not in answer, answer
        return dict(answer["plan"])


async def test_teacher_makes_the_journey_by_gql(services: Services, report: Report) -> None:
    schema = SDL_FILE.read_text()
    teacher = Person(services, await services.sign_in(people.DEWI), schema)
    head = Person(services, await services.sign_in(people.NORHAYATI), schema)

    assert (await teacher.send("Viewer"))["nama"] == people.DEWI.name
    plan = await teacher.command("StartPlan")
    plan = await teacher.command("ConfirmProfile", plan)
    plan = await teacher.command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-UBK")
    plan = await teacher.command("SavePengembanganKompetensi", plan, then="NEXT", rhk=["RHK-03"])
    plan = await teacher.command("SaveTugasTambahan", plan, then="NEXT", tugas=[])
    plan = await teacher.command("SavePerilakuKerja", plan, then="NEXT", pilihan=BEHAVIOURS)
    plan = await teacher.command("SubmitPlan", plan)
    await head.send("ReviewQueue", filter={"phase": "SUBMITTED"})
    assert (await head.send("ReviewPlan", id=plan["id"]))["version"] == plan["version"]
    await head.command("ApprovePlan", plan)
    plan = await teacher.send("Plan", id=plan["id"])
    assert plan["state"]["phase"] == "APPROVED"
    plan = await teacher.command("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"
    report(f"gql: a teacher's journey in {teacher.requests + head.requests} requests")
