"""Days begin in the time zone of the school."""

from __future__ import annotations

from datetime import UTC, datetime

from services.kit.database import Database
from tests.integration.planning.environment import PERIOD_CODE, environment_at, problem_codes
from tests.small_registry import OF_SMA, PNS


async def test_period_begins_at_midnight_of_each_time_zone(
    registry: Database, empty_planning_database: Database
) -> None:
    half_past_midnight_in_wit = datetime(2023, 12, 31, 15, 30, tzinfo=UTC)
    async with environment_at(registry, empty_planning_database, half_past_midnight_in_wit) as environment:
        assert (await (await environment.sign_in(OF_SMA)).start_plan())["period"]["code"] == PERIOD_CODE
        answer = await (await environment.sign_in(PNS)).mutate("startPlan", {})
        assert problem_codes(answer) == ["period.none_now"]
