"""A teacher's journey by `gql`, the GraphQL client of Python, with the shipped documents."""

from __future__ import annotations

import pytest

from demo import people
from demo.scenarios.steps import BEHAVIOURS
from tests.clients.conftest import Report
from tests.clients.gql_person import Person
from tests.clients.services import Services

pytestmark = pytest.mark.timeout(300)


async def test_teacher_makes_the_journey_by_gql(services: Services, report: Report) -> None:
    teacher = Person(services.url, await services.sign_in(people.DEWI))
    head = Person(services.url, await services.sign_in(people.NORHAYATI))

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
