"""Publication of a version while hundreds of teachers start and submit plans."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    JANUARY,
    Client,
    Environment,
    connect_database,
    environment_at,
    expect_plan,
    import_reference_data,
    planning_at,
)
from tests.integration.planning.plans import complete_plan
from tests.integration.planning.verification import find_faults
from tests.integration.planning.workflow_versions import SHIPPED_SHA256, approve_version, expect_version
from tests.small_registry import (
    ADMIN,
    fill_registry,
    import_more_teachers,
)

FIRST = 1_001  # the first of them, by number
AT_A_TIME = 12  # clients, two plannings and identity share one loop, and identity has its time to answer


@pytest.fixture(scope="module")
def numbers(request: pytest.FixtureRequest) -> range:
    """Half of them start a plan, half of them hand one in: a thousand each with `--full`."""
    return range(FIRST, FIRST + (2_000 if request.config.getoption("--full") else 300))


@pytest.fixture
async def crowded_registry(fresh_url: Fresh, numbers: range) -> AsyncIterator[Database]:
    """The small registry with hundreds more at the SD, and two admins."""
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as registry:
        with registry.active():
            await import_more_teachers(numbers, JANUARY)
        yield registry


@pytest.fixture
async def environments(
    crowded_registry: Database, fresh_url: Fresh
) -> AsyncIterator[tuple[Environment, Environment]]:
    """Two plannings on one database, each with what it keeps in memory for itself."""
    async with (
        connect_database(
            await fresh_url("services.planning", import_reference_data), "services.planning"
        ) as own,
        environment_at(crowded_registry, own) as first_environment,
        planning_at(own, JANUARY, str(first_environment.identity._base_url)) as beside,
    ):
        yield (
            first_environment,
            Environment(first_environment.now, first_environment.identity, beside, own),
        )


class Clockwork:
    """What was acknowledged; `before` and `after` are what surely came before and after the publishing."""

    def __init__(self, middle: int) -> None:
        self.middle, self.halfway = middle, asyncio.Event()
        self.before, self.after = set[int](), set[int]()
        self.done: dict[int, dict[str, Any]] = {}
        self.sending = self.published = False

    async def run(self, user: int, work: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        """Do somebody's part, and note when it was acknowledged."""
        begun_after = self.published
        self.done[user] = await work()
        if begun_after:
            self.after.add(user)
        if not self.sending:
            self.before.add(user)
        if len(self.done) >= self.middle:
            self.halfway.set()


async def few_at_a_time(works: list[Awaitable[None]]) -> None:
    """All of them, never more than AT_A_TIME at once."""
    turn = asyncio.Semaphore(AT_A_TIME)

    async def run_limited(work: Awaitable[None]) -> None:
        async with turn:
            await work

    await asyncio.gather(*map(run_limited, works))


async def handed_in(person: Client) -> dict[str, Any]:
    answer = await person.mutate("submitPlan", {"planId": person.plan_id, "expectedVersion": 6})
    return expect_plan(answer)


@pytest.mark.timeout(1800)
async def test_every_plan_uses_one_version_and_no_acknowledged_change_is_lost(
    environments: tuple[Environment, Environment], numbers: range
) -> None:
    half = len(numbers) // 2
    submitting, starting = numbers[:half], numbers[half:]
    people = {user: await environments[user % 2].sign_in(user) for user in numbers}

    async def compose(user: int) -> None:
        await complete_plan(people[user])

    await few_at_a_time([compose(who) for who in submitting])
    sha, clockwork = await approve_version(environments[0]), Clockwork(half)

    async def publish() -> None:
        await clockwork.halfway.wait()
        clockwork.sending = True
        await expect_version(environments[0], ADMIN, "publishWorkflowVersion", sha256=sha)
        clockwork.published = True

    works: dict[int, Callable[[], Awaitable[dict[str, Any]]]] = {
        who: people[who].start_plan for who in starting
    }
    works |= {who: partial(handed_in, people[who]) for who in submitting}
    mixed_users = [who for pair in zip(submitting, starting, strict=True) for who in pair]
    await asyncio.gather(publish(), few_at_a_time([clockwork.run(who, works[who]) for who in mixed_users]))

    assert clockwork.done.keys() == set(numbers)
    assert min(len(clockwork.before), len(clockwork.after)) > half // 4
    stored_plans = {row["ptk_id"]: row for row in await environments[0].sql("SELECT * FROM plan")}
    assert len(stored_plans) == len(numbers)
    for who in numbers:
        row, answer = stored_plans[UUID(str(ptk(who)))], clockwork.done[who]
        assert (row["version"], row["state"]) == (answer["version"], answer["state"]["name"])
        if who in submitting or who in clockwork.before:
            assert row["workflow"] == SHIPPED_SHA256
        elif who in clockwork.after:
            assert row["workflow"] == sha
    assert {row["workflow"] for row in stored_plans.values()} == {SHIPPED_SHA256, sha}
    for event in await environments[0].sql("SELECT ptk_id, body FROM plan_event"):
        assert json.loads(event["body"])["workflow"] == stored_plans[event["ptk_id"]]["workflow"]
    assert await find_faults(environments[0]) == []
