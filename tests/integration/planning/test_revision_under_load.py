"""Revisions that switch a value on and off while hundreds of teachers submit plans."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import cycle

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    Client,
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
    planning_at,
)
from tests.integration.planning.plans import complete_plan
from tests.integration.planning.revisions import OFF, ON, SWITCH, appoint_admins, change_values
from tests.small_registry import (
    PNS,
    fill_registry,
    import_more_teachers,
)

FEBRUARY = datetime(2024, 2, 5, 3, tzinfo=UTC)  # the window is open, and nothing is planned any more
FIRST, AT_A_TIME = 1_001, 20


@pytest.fixture
def numbers(request: pytest.FixtureRequest) -> range:
    return range(FIRST, FIRST + (1_000 if request.config.getoption("--full") else 200))


@pytest.fixture
async def crowd(fresh_url: Fresh, numbers: range) -> AsyncIterator[Database]:
    """The small registry with hundreds more at the SD, and more admins."""
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as registry:
        with registry.active():
            await import_more_teachers(numbers, FEBRUARY)
        await appoint_admins(registry)
        yield registry


@pytest.fixture
async def environments(crowd: Database, fresh_url: Fresh) -> AsyncIterator[tuple[Environment, Environment]]:
    """Two plannings on one database, each with what it keeps in memory for itself."""
    async with (
        connect_database(
            await fresh_url("services.planning", import_reference_data), "services.planning"
        ) as own,
        environment_at(crowd, own, FEBRUARY) as one,
        planning_at(own, FEBRUARY, str(one.identity._base_url)) as beside,
    ):
        yield one, Environment(one.now, one.identity, beside, own)


async def create_complete_drafts(environment: Environment, numbers: range) -> None:
    """Each has the complete draft that one teacher made, with its events."""
    await complete_plan(await environment.sign_in(PNS))
    for table in ("plan", "plan_event"):
        await environment.sql(
            f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('ptk_id', owner, "
            f"'id', gen_random_uuid()))).* FROM {table} t, unnest($1::uuid[]) AS owner WHERE ptk_id = $2",
            list(map(ptk, numbers)), ptk(PNS),
        )  # fmt: skip


@pytest.mark.timeout(600)
async def test_each_event_names_the_revision_that_decided_it(
    environments: tuple[Environment, Environment], numbers: range
) -> None:
    await create_complete_drafts(environments[0], numbers)
    people = [await environments[number % 2].sign_in(number) for number in numbers]
    limit, all_submitted = asyncio.Semaphore(AT_A_TIME), asyncio.Event()

    async def submit(person: Client) -> None:
        async with limit:
            await person.mutate_plan("submitPlan", 6)

    async def switch() -> None:
        for value in cycle((ON, OFF)):
            await change_values(environments[0], **{SWITCH: value})
            if all_submitted.is_set():
                return

    revisions = asyncio.create_task(switch())
    await asyncio.gather(*map(submit, people))
    all_submitted.set()
    await revisions

    rows = await environments[0].sql(
        "SELECT number, values::jsonb ->> $1 AS value FROM period_revision", SWITCH
    )
    is_switched_on = {row["number"]: row["value"] == "true" for row in rows}
    steps_by_plan: dict[str, list[tuple[str, int]]] = {}
    for row in await environments[0].sql("SELECT body FROM plan_event WHERE version > 6 ORDER BY version"):
        event = json.loads(row["body"])
        if event["trigger"] is None:  # the copies of one plan take the names of their owners first
            continue
        steps_by_plan.setdefault(event["ptk_id"], []).append((event["to"], event["parameters"]))
    assert steps_by_plan.keys() == {str(ptk(number)) for number in numbers}
    for steps in steps_by_plan.values():
        revision = steps[0][1]
        automatic_steps = [("auto_approved", revision)] if is_switched_on[revision] else []
        assert steps == [("submitted", revision), *automatic_steps]
    used_revisions = {steps[0][1] for steps in steps_by_plan.values()}
    assert {is_switched_on[number] for number in used_revisions} == {True, False}
    assert len(used_revisions) > 3
