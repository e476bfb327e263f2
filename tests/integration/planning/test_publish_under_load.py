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
from tests.identity_samples import gtk, ptk
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
from tests.integration.planning.workflow_versions import SHIPPED, approve_version, expect_version
from tests.small_registry import (
    ADMIN,
    SCHOOLS,
    SD,
    email_of,
    import_account_rows,
    import_registry,
    import_school_people,
)

FIRST = 1_001  # the first of them, by number
AT_A_TIME = 12  # clients, two plannings and identity share one loop, and identity has its time to answer


@pytest.fixture(scope="module")
def numbers(request: pytest.FixtureRequest) -> range:
    """Half of them start a plan, half of them hand one in: a thousand each with `--full`."""
    return range(FIRST, FIRST + (2_000 if request.config.getoption("--full") else 300))


@pytest.fixture
async def crowded(fresh_url: Fresh, numbers: range) -> AsyncIterator[Database]:
    """The small registry with hundreds more at the SD, and two admins."""
    fields, people = SCHOOLS[SD]
    rows = [f"{email_of(number)},{ptk(number)},{SD},," for number in numbers]
    async with connect_database(await fresh_url("services.identity"), "services.identity") as registry:
        with registry.active():
            await import_registry()
            await import_school_people(SD, [*people, *map(gtk, numbers)], JANUARY, **fields)
            await import_account_rows(*rows)
        yield registry


@pytest.fixture
async def houses(crowded: Database, fresh_url: Fresh) -> AsyncIterator[tuple[Environment, Environment]]:
    """Two plannings on one database, each with what it keeps in memory for itself."""
    async with connect_database(await fresh_url("services.planning"), "services.planning") as own:
        await import_reference_data(own)
        async with (
            environment_at(crowded, own) as one,
            planning_at(own, JANUARY, str(one.identity._base_url)) as beside,
        ):
            yield one, Environment(one.now, one.identity, beside, own)


class Clockwork:
    """What was acknowledged; `before` and `after` are what surely came before and after the publishing."""

    def __init__(self, middle: int) -> None:
        self.middle, self.halfway = middle, asyncio.Event()
        self.before, self.after = set[int](), set[int]()
        self.done: dict[int, dict[str, Any]] = {}
        self.sending = self.published = False

    async def run(self, who: int, work: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        """Do somebody's part, and note when it was acknowledged."""
        begun_after = self.published
        self.done[who] = await work()
        if begun_after:
            self.after.add(who)
        if not self.sending:
            self.before.add(who)
        if len(self.done) >= self.middle:
            self.halfway.set()


async def few_at_a_time(works: list[Awaitable[None]]) -> None:
    """All of them, never more than AT_A_TIME at once."""
    turn = asyncio.Semaphore(AT_A_TIME)

    async def one(work: Awaitable[None]) -> None:
        async with turn:
            await work

    await asyncio.gather(*map(one, works))


async def handed_in(person: Client) -> dict[str, Any]:
    answer = await person.mutate("submitPlan", {"planId": person.plan_id, "expectedVersion": 6})
    return expect_plan(answer)


@pytest.mark.timeout(1800)
async def test_every_plan_uses_one_version_and_no_acknowledged_change_is_lost(
    houses: tuple[Environment, Environment], numbers: range
) -> None:
    half = len(numbers) // 2
    submitting, starting = numbers[:half], numbers[half:]
    people = {who: await houses[who % 2].sign_in(who) for who in numbers}

    async def composed(who: int) -> None:
        await complete_plan(people[who])

    await few_at_a_time([composed(who) for who in submitting])
    sha, told = await approve_version(houses[0]), Clockwork(half)

    async def publish() -> None:
        await told.halfway.wait()
        told.sending = True
        await expect_version(houses[0], ADMIN, "publishWorkflow", sha256=sha)
        told.published = True

    works: dict[int, Callable[[], Awaitable[dict[str, Any]]]] = {
        who: people[who].start_plan for who in starting
    }
    works |= {who: partial(handed_in, people[who]) for who in submitting}
    mixed = [who for pair in zip(submitting, starting, strict=True) for who in pair]
    await asyncio.gather(publish(), few_at_a_time([told.run(who, works[who]) for who in mixed]))

    assert told.done.keys() == set(numbers)
    assert min(len(told.before), len(told.after)) > half // 4
    stored = {row["ptk_id"]: row for row in await houses[0].sql("SELECT * FROM plan")}
    assert len(stored) == len(numbers)
    for who in numbers:
        row, answer = stored[UUID(str(ptk(who)))], told.done[who]
        assert (row["version"], row["state"]) == (answer["version"], answer["state"]["name"])
        if who in submitting or who in told.before:
            assert row["workflow"] == SHIPPED
        elif who in told.after:
            assert row["workflow"] == sha
    assert {row["workflow"] for row in stored.values()} == {SHIPPED, sha}
    for event in await houses[0].sql("SELECT ptk_id, body FROM plan_event"):
        assert json.loads(event["body"])["workflow"] == stored[event["ptk_id"]]["workflow"]
    assert await find_faults(houses[0]) == []
