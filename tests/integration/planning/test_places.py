"""Time and place: a day begins and ends where the school stands, and a plan follows its teacher until confirmed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.usecases.reference import import_catalog, import_period, keep_shipped_workflow
from tests.conftest import Fresh
from tests.integration.planning.composing import INDIKATOR, SUB_INDIKATOR, complete
from tests.integration.planning.house import PERIOD_CODE, codes, connected, house_at
from tests.small_registry import (
    OF_SMA,
    OF_TK,
    PNS,
    TK,
    import_one_school,
    import_registry,
)
from tests.unit.planning.reference import CATALOG, PERIOD, spoiled

BEFORE_ALL = datetime(2023, 12, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# 1 February 2024, 00:00, where each of the three stands.
MIDNIGHT = {
    "WIB": (PNS, INDIKATOR, datetime(2024, 1, 31, 17, tzinfo=UTC)),
    "WITA": (OF_TK, SUB_INDIKATOR, datetime(2024, 1, 31, 16, tzinfo=UTC)),
    "WIT": (OF_SMA, INDIKATOR, datetime(2024, 1, 31, 15, tzinfo=UTC)),
}
everywhere = pytest.mark.parametrize(("who", "indikator", "midnight"), MIDNIGHT.values(), ids=MIDNIGHT)


@pytest.fixture(scope="module")
async def country(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry, whose TK stands in WITA."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry(BEFORE_ALL)
            await import_one_school(TK, BEFORE_ALL, school={"provinsi": "Prov. Bali"})
        yield database


@pytest.fixture
async def before_the_extension(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Planning's database with the first revision of the period only, which closes on 31 January."""
    async with connected(await fresh_url("services.planning"), "services.planning") as database:
        with database.active():
            clock = Clock(BEFORE_ALL)
            await keep_shipped_workflow(clock)
            await import_catalog(CATALOG.read_bytes(), clock)
            await import_period(spoiled(PERIOD, lambda data: data["revisions"].pop()))
        yield database


async def test_in_papua_the_year_has_begun_while_it_is_still_new_years_eve_in_jakarta(
    country: Database, planning: Database
) -> None:
    half_past_midnight_in_wit = datetime(2023, 12, 31, 15, 30, tzinfo=UTC)
    async with house_at(country, planning, half_past_midnight_in_wit) as house:
        assert (await (await house.person(OF_SMA)).start())["period"] == PERIOD_CODE
        answer = await (await house.person(PNS)).do("startPlan", {})
        assert codes(answer) == ["period.none_now"]


@everywhere
async def test_the_last_day_of_mulai_ends_at_midnight_where_the_school_stands(
    country: Database, before_the_extension: Database, who: int, indikator: Any, midnight: datetime
) -> None:
    async with house_at(country, before_the_extension, midnight) as house:
        assert codes(await (await house.person(who)).do("startPlan", {})) == ["window.closed"]
    async with house_at(country, before_the_extension, midnight - MINUTE) as house:
        assert (await (await house.person(who)).start())["version"] == 1


@everywhere
async def test_the_last_day_of_the_first_submission_ends_at_midnight_where_the_school_stands(
    country: Database, before_the_extension: Database, who: int, indikator: Any, midnight: datetime
) -> None:
    async with house_at(country, before_the_extension, midnight - MINUTE) as house:
        last_minute = await house.person(who)
        await complete(last_minute, indikator=indikator)
        async with house_at(country, before_the_extension, midnight) as later:
            assert await (await later.person(who)).refused("submitPlan", 6) == ["window.closed"]
        await last_minute.done("submitPlan", 6)
