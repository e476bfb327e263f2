"""A clock that ran ahead or was put back leaves a history in order, and is reported."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.kit.database import Database
from tests.integration.planning.environment import JANUARY, environment_at, sql
from tests.integration.planning.plans import complete_plan, decide_as_head, submit_plan
from tests.integration.planning.verification import find_faults, run_command
from tests.small_registry import ADMIN, HEAD_OF_SD, PNS

STAYS = "{ planStatistics { states { name oldestSince completedStays { medianDuration } } } }"
HOURS_BACK = JANUARY - timedelta(hours=36)


async def test_events_stay_in_order_after_the_clock_was_put_back(
    registry: Database, own_planning_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with environment_at(registry, own_planning_database) as environment:
        await submit_plan(environment, PNS)
    async with environment_at(registry, own_planning_database, HOURS_BACK) as environment:
        owner = await environment.sign_in(PNS)
        answer = await decide_as_head(environment, HEAD_OF_SD, owner, "approvePlan")
        assert answer["state"]["phase"] == "APPROVED", answer
        assert answer["updatedAt"] == JANUARY.isoformat()
        (submitted,) = [
            state
            for state in (await (await environment.sign_in(ADMIN)).execute(STAYS))["planStatistics"]["states"]
            if state["name"] == "submitted"
        ]
        assert submitted["completedStays"] == {"medianDuration": "PT0S"}
        # the events of the 15th are later than this clock: the first of them is reported
        assert await find_faults(environment) == [("ahead", 1)]
        found = await run_command(environment, monkeypatch, "verify", "--language", "en")
        assert found.exit_code == 2
        assert "[verify.ahead]" in found.output
    async with environment_at(registry, own_planning_database) as environment:
        assert await find_faults(environment) == []


async def test_step_back_between_events_is_found(registry: Database, own_planning_database: Database) -> None:
    async with environment_at(registry, own_planning_database) as environment:
        await complete_plan(await environment.sign_in(PNS))
        await sql(
            own_planning_database, "UPDATE plan_event SET at = at + interval '1 minute' WHERE version = 3"
        )
        assert await find_faults(environment) == [("step_back", 4), ("columns_differ", 3)]
