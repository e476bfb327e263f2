"""Admins switch automatic approval on and off and move the closing date, while a population of plans is alive.

The services and the worker run as processes. No plan is lost or left waiting, and the counts before and after agree.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import click
import pytest

from devtools.client_documents import read_document
from devtools.service_process import ServiceProcess, free_port
from services.identity.accounts.commands import grant_scope
from services.kit.database import Database
from services.planning.plan.queries import verify_plans
from tests.conftest import Fresh
from tests.integration.planning.environment import (
    Client,
    Environment,
    connect_database,
    import_reference_data,
    sql,
)
from tests.integration.planning.revisions import SECOND_ADMIN, close_proposal, list_revisions, propose
from tests.proofs.cluster import run_processes, service_settings
from tests.proofs.population.model import FIRST_TEACHER, NOW, Population, ptk_of, schools_of
from tests.proofs.population.registry import import_people, mark_reconciled
from tests.proofs.population.rows import insert_population
from tests.small_registry import ADMIN, AS_OF, email_of, import_account_rows
from tests.until import until
from workflows.model.facts import HeadKind

PLAN_STATISTICS = read_document("admin/PlanStatistics")
TURN = "query Q($id: ID!) { plan(id: $id) { turn { assignee closesOn } } }"
NEW_CLOSING_DATE = "2024-05-31"  # two months after the present one
ON, OFF = {"bool": True}, {"bool": False}
SMALL, FULL = 320, 10_000
SAMPLE_SIZE = 5


@dataclass(frozen=True)
class PopulatedServices:
    """A population in both databases, and the services that use them."""

    population: Population
    environment: Environment

    async def count_plans(self) -> Counter[str]:
        """Return the number of plans by state; their sum must be the size of the population."""
        admin = await self.environment.sign_in(ADMIN)
        numbers = (await admin.execute(PLAN_STATISTICS, filter={"period": "2024-1"}))["planStatistics"]
        states = Counter({state["name"]: state["planCount"] for state in numbers["states"]})
        assert numbers["planCount"] == states.total() == self.population.plan_count
        return states

    async def sign_in_teacher(self, number: int) -> Client:
        """Sign in the teacher of a plan, by the number of the plan."""
        client = await self.environment.sign_in(email_of(FIRST_TEACHER + number))
        return replace(client, ptk_id=ptk_of(FIRST_TEACHER + number))

    async def put_into_force(self, **values: object) -> int:
        """Propose values as one admin and approve them as another. Returns the number of the revision."""
        proposal = await propose(await self.environment.sign_in(ADMIN), **values)
        second_admin = await self.environment.sign_in(SECOND_ADMIN)
        answer = await close_proposal(second_admin, "approveChangeRequest", proposal)
        return list_revisions(answer)[0]

    async def sample_plans(self, state: str, head_kind: HeadKind) -> list[int]:
        """Return numbers of complete plans in a state that were never returned, at schools with this kind of head."""
        rows = await self.environment.sql(
            "SELECT ptk_id::text FROM plan WHERE state = $1 AND revision_due IS NULL "
            "AND content #> '{perilaku_kerja,pilihan,KL}' IS NOT NULL",
            state,
        )
        complete = {row["ptk_id"] for row in rows}
        return [
            number
            for school in schools_of(self.population)
            if school.head_kind is head_kind
            for number in self.population.plan_numbers(school.number)
            if ptk_of(FIRST_TEACHER + number) in complete
        ][:SAMPLE_SIZE]

    async def wait_until_none_is_submitted(self) -> None:
        async def none_is_submitted() -> bool:
            return not await self.environment.sql("SELECT FROM plan WHERE state = 'submitted' LIMIT 1")

        await until(none_is_submitted, 600)


@pytest.fixture
async def services(
    request: pytest.FixtureRequest, fresh_url: Fresh, tmp_path: Path
) -> AsyncIterator[PopulatedServices]:
    population = Population(FULL if request.config.getoption("--full") else SMALL)
    identity_url, planning_url = await fresh_url("services.identity"), await fresh_url("services.planning")
    identity, planning, worker = (
        ServiceProcess(name, free_port(), tmp_path / f"{name}.log")
        for name in ("identity", "planning", "worker")
    )
    settings = service_settings(identity_url, planning_url, NOW.isoformat()) | {
        "RENCANA_IDENTITY_URL": identity.url,
        "RENCANA_WORKER_INTERVAL_SECONDS": "0.2",
    }
    start = time.monotonic()
    async with (
        connect_database(identity_url, "services.identity") as identity_database,
        connect_database(planning_url, "services.planning") as planning_database,
    ):
        await fill_databases(identity_database, planning_database, population)
        size = f"{population.plan_count} plans, {population.school_count} schools"
        click.echo(f"\n{size} after {time.monotonic() - start:.0f} s")
        async with (
            run_processes(settings, identity, planning, worker),
            aiohttp.ClientSession(identity.url) as identity_client,
            aiohttp.ClientSession(planning.url) as planning_client,
        ):
            environment = Environment(NOW, identity_client, planning_client, planning_database)
            yield PopulatedServices(population, environment)


async def fill_databases(
    identity_database: Database, planning_database: Database, population: Population
) -> None:
    with identity_database.active():
        await import_people(population)
        await import_account_rows(f"{ADMIN},,,,", f"{SECOND_ADMIN},,,,")
        for email in (ADMIN, SECOND_ADMIN):
            await grant_scope(email, "admin", "test", AS_OF)
    await import_reference_data(planning_database)
    await insert_population(planning_database.url, population)
    await sql(identity_database, "ANALYZE")
    await mark_reconciled(identity_database, planning_database)


async def submit(teacher: Client) -> str:
    """Submit a plan and return its phase."""
    plan = await teacher.mutate_plan("submitPlan", acknowledge=["points.below_minimum"])
    return str(plan["state"]["phase"])


async def begin(teacher: Client) -> str:
    """Begin the implementation of a plan and return its phase."""
    return str((await teacher.mutate_plan("beginImplementation"))["state"]["phase"])


async def test_automatic_approval_is_switched_on_and_off_and_no_plan_is_left_waiting(
    services: PopulatedServices,
) -> None:
    environment = services.environment
    before, start = await services.count_plans(), time.monotonic()
    submitted = before["submitted"]

    revision = await services.put_into_force(
        approve_automatically=ON, planning_closes={"date": NEW_CLOSING_DATE}
    )
    await services.wait_until_none_is_submitted()
    click.echo(f"{submitted} plans approved after {time.monotonic() - start:.1f} s")

    expected = Counter(before)
    expected["auto_approved"] += expected.pop("submitted")
    assert await services.count_plans() == expected
    # each approval is one event of the system that names the revision, and no other plan has a new event
    (events,) = await environment.sql(
        "SELECT count(*) AS events, count(DISTINCT ptk_id) AS plans, "
        "count(*) FILTER (WHERE body::jsonb @> $2::jsonb) AS with_revision FROM plan_event WHERE at >= $1",
        NOW, json.dumps({"detail": {"cause": {"parameters": revision}}, "parameters": revision}),
    )  # fmt: skip
    assert events["events"] == events["plans"] == events["with_revision"] == submitted

    first, second = (await services.sample_plans("draft", HeadKind.DEFINITIF))[:2]
    teacher = await services.sign_in_teacher(first)
    turn = (await teacher.execute(TURN, id=teacher.plan_id))["plan"]["turn"]
    assert turn == {"assignee": "OWNER", "closesOn": NEW_CLOSING_DATE}
    assert await submit(teacher) == "AUTO_APPROVED"
    assert await begin(teacher) == "IN_IMPLEMENTATION"

    await services.put_into_force(approve_automatically=OFF)
    assert await submit(await services.sign_in_teacher(second)) == "SUBMITTED"
    (under_plt, *_) = await services.sample_plans("draft", HeadKind.PLT)
    assert await submit(await services.sign_in_teacher(under_plt)) == "AUTO_APPROVED"
    assert (await services.count_plans())["submitted"] == 1

    # teachers whose plans were approved automatically can begin
    for number in await services.sample_plans("auto_approved", HeadKind.DEFINITIF):
        assert await begin(await services.sign_in_teacher(number)) == "IN_IMPLEMENTATION"
    verdicts = verify_plans(None, None, environment.now, environment.database.connection)
    assert [verdict async for verdict in verdicts if verdict.findings] == []
