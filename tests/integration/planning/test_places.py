"""A day begins where the school stands: in the east of the country two hours before it does in the west."""

from __future__ import annotations

from datetime import UTC, datetime

from services.kit.database import Database
from tests.integration.planning.house import PERIOD_CODE, codes, house_at
from tests.small_registry import OF_SMA, PNS


async def test_in_papua_the_year_has_begun_while_it_is_still_new_years_eve_in_jakarta(
    registry: Database, planning: Database
) -> None:
    half_past_midnight_in_wit = datetime(2023, 12, 31, 15, 30, tzinfo=UTC)
    async with house_at(registry, planning, half_past_midnight_in_wit) as house:
        assert (await (await house.person(OF_SMA)).start())["period"] == PERIOD_CODE
        answer = await (await house.person(PNS)).do("startPlan", {})
        assert codes(answer) == ["period.none_now"]
