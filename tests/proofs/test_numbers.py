"""Live numbers at full size: 200,000 plans, more than a million events; the times are printed, not asserted."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable

import click
import pytest

from services.kit.database import Database
from services.planning.numbers.model import FIRST, Level, Numbers, Order, PageRequest, Scope
from services.planning.numbers.queries import count_numbers
from services.planning.plan.model import AutomaticStates
from services.planning.reconcile import store as reconcile_store
from services.planning.versions.store import WorkflowCache
from tests.conftest import Fresh
from tests.integration.planning.environment import connect_database, import_reference_data
from tests.proofs.season import Season
from tests.proofs.season_rows import plant

CODE = "2024-1"


@pytest.fixture(scope="module")
async def season(request: pytest.FixtureRequest, fresh_url: Fresh) -> AsyncIterator[tuple[Season, Database]]:
    season = Season(200_000 if request.config.getoption("--full") else 320)
    url = await fresh_url("services.planning")
    async with connect_database(url, "services.planning") as database:
        await import_reference_data(database)
        await _timed(f"{season.plans} plans made", plant(url, season))
        with database.active():
            yield season, database


async def _timed(what: str, work: Awaitable[object]) -> object:
    began = time.perf_counter()
    done = await work
    click.echo(f"{(time.perf_counter() - began) * 1000:>8.0f} ms  {what}")
    return done


async def test_numbers_of_every_kind_agree_and_take_so_long(season: tuple[Season, Database]) -> None:
    workflows = WorkflowCache()
    ways = {
        "all, by school": (Scope(CODE), Level.SCHOOL, Order.MOST_WAITING),
        "all, by school, longest first": (Scope(CODE), Level.SCHOOL, Order.LONGEST_WAITING),
        "all, by province": (Scope(CODE), Level.PROVINSI, Order.NAME),
        "all, by kabupaten": (Scope(CODE), Level.KABUPATEN_KOTA, Order.MOST_WAITING),
        "of a province": (Scope(CODE, provinsi="Prov. Bali"), Level.SCHOOL, Order.MOST_WAITING),
        "of a school": (Scope(CODE, npsn="97000005"), Level.SCHOOL, Order.NAME),
    }
    totals = {}
    for turn in ("first", "again"):
        for name, (scope, level, order) in ways.items():
            page = PageRequest(level, order, FIRST, 100)
            numbers = await _timed(
                f"{name}, {turn}", count_numbers(scope, [page], workflows, season[1].connection)
            )
            assert isinstance(numbers, Numbers)
            totals[name] = sum(state.plans for state in numbers.states)
    assert {total for name, total in totals.items() if "all" in name} == {season[0].plans}
    assert totals["of a school"] == season[0].teachers


async def test_a_sweep_finds_the_few_that_wait_among_many(season: tuple[Season, Database]) -> None:
    """Without an index in their order a page costs as much as the whole period does."""
    _, database = season
    connection = database.context.db()
    await connection.execute_query(
        "UPDATE plan SET state = 'approved' WHERE state = 'submitted' AND ptk_id NOT IN "
        "(SELECT ptk_id FROM plan WHERE state = 'submitted' ORDER BY ptk_id DESC LIMIT 5)"
    )
    waits = AutomaticStates.of(await WorkflowCache().list_supported(connection))
    for turn in ("first", "again"):
        sweep = reconcile_store.select_waiting_in_period(
            CODE, waits, reconcile_store.FIRST_PTK_ID, 200, connection
        )
        found = await _timed(f"a sweep of the period, {turn}", sweep)
        assert isinstance(found, list)
        assert len(found) == 5
