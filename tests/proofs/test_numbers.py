"""Live numbers at full size: 200,000 plans, more than a million events; the times are printed, not asserted."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable

import click
import pytest

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.storage import waiting
from services.planning.storage.plan_numbers import FIRST, By, Chosen, Order
from services.planning.storage.waiting import Waits
from services.planning.storage.workflow import Workflows
from services.planning.usecases.period_revision import read_period
from services.planning.usecases.plan_numbers import Numbers, counting, page_of
from tests.conftest import Fresh
from tests.integration.planning.house import connected, import_reference
from tests.proofs.season import NOW, Season
from tests.proofs.season_rows import plant

CODE = "2024-1"


@pytest.fixture(scope="module")
async def season(request: pytest.FixtureRequest, fresh_url: Fresh) -> AsyncIterator[tuple[Season, Database]]:
    season = Season(200_000 if request.config.getoption("--full") else 320)
    url = await fresh_url("services.planning")
    async with connected(url, "services.planning") as database:
        await import_reference(database)
        await _timed(f"{season.plans} plans made", plant(url, season))
        with database.active():
            yield season, database


async def _timed(what: str, work: Awaitable[object]) -> object:
    began = time.perf_counter()
    done = await work
    click.echo(f"{(time.perf_counter() - began) * 1000:>8.0f} ms  {what}")
    return done


async def test_numbers_of_every_kind_agree_and_take_so_long(season: tuple[Season, Database]) -> None:
    workflows = Workflows()
    used, _ = await read_period(CODE, workflows)
    sha256 = used.workflow.sha256
    ways = {
        "all, by school": (Chosen(CODE), By.SCHOOL, Order.MOST_WAITING),
        "all, by school, longest first": (Chosen(CODE), By.SCHOOL, Order.LONGEST_WAITING),
        "all, by province": (Chosen(CODE), By.PROVINSI, Order.NAME),
        "all, by kabupaten": (Chosen(CODE), By.KABUPATEN_KOTA, Order.MOST_WAITING),
        "of a version": (Chosen(CODE, workflow=sha256), By.SCHOOL, Order.MOST_WAITING),
        "of a province": (Chosen(CODE, provinsi="Prov. Bali"), By.SCHOOL, Order.MOST_WAITING),
        "of a school": (Chosen(CODE, npsn="97000005"), By.SCHOOL, Order.NAME),
    }
    totals = {}
    for turn in ("first", "again"):
        for name, (chosen, by, order) in ways.items():
            asked = await counting(Clock(NOW), workflows, used, chosen)
            told = await _timed(f"{name}, {turn}", asked.numbers([page_of(by, order, FIRST, 100)]))
            assert isinstance(told, Numbers)
            totals[name] = sum(state.plans for state in told.states)
    assert {total for name, total in totals.items() if "all" in name} == {season[0].plans}
    assert totals["of a version"] == season[0].plans
    assert totals["of a school"] == season[0].teachers


async def test_a_sweep_finds_the_few_that_wait_among_many(season: tuple[Season, Database]) -> None:
    """Without an index in their order a page costs as much as the whole period does."""
    _, database = season
    connection = database.context.db()
    await connection.execute_query(
        "UPDATE plan SET state = 'approved' WHERE state = 'submitted' AND ptk_id NOT IN "
        "(SELECT ptk_id FROM plan WHERE state = 'submitted' ORDER BY ptk_id DESC LIMIT 5)"
    )
    waits = Waits.of(await Workflows().readable())
    for turn in ("first", "again"):
        sweep = waiting.of_period(CODE, waits, waiting.FIRST, 200)
        found = await _timed(f"a sweep of the period, {turn}", sweep)
        assert isinstance(found, list)
        assert len(found) == 5
