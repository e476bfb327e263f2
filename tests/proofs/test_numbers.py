"""Counts of 200,000 plans with more than a million events; the test prints the times and asserts the counts."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

import click
import pytest

from services.kit.database import Database
from services.planning.numbers.model import AreaLevel, AreaOrderField, PageRequest, Scope
from services.planning.numbers.queries import count_numbers
from services.planning.plan.model import AutomaticStates
from services.planning.reconcile import store as reconcile_store
from services.planning.versions.store import WorkflowCache
from tests.conftest import Fresh
from tests.integration.planning.environment import PERIOD_CODE, connect_database, import_reference_data
from tests.proofs.population.model import Population
from tests.proofs.population.rows import insert_population

T = TypeVar("T")


@pytest.fixture(scope="module")
def population(request: pytest.FixtureRequest) -> Population:
    return Population(200_000 if request.config.getoption("--full") else 320)


@pytest.fixture(scope="module")
async def database(fresh_url: Fresh, population: Population) -> AsyncIterator[Database]:
    url = await fresh_url("services.planning")
    async with connect_database(url, "services.planning") as database:
        await import_reference_data(database)
        await _print_time(f"{population.plan_count} plans inserted", insert_population(url, population))
        with database.active():
            yield database


async def _print_time(name: str, work: Awaitable[T]) -> T:
    start = time.perf_counter()
    result = await work
    click.echo(f"{(time.perf_counter() - start) * 1000:>8.0f} ms  {name}")
    return result


async def test_totals_of_all_breakdowns_agree(population: Population, database: Database) -> None:
    workflows = WorkflowCache()
    breakdowns = {
        "all, by school": (Scope(PERIOD_CODE), AreaLevel.SCHOOL, AreaOrderField.WAITING_PLAN_COUNT),
        "all, by school, longest first": (Scope(PERIOD_CODE), AreaLevel.SCHOOL, AreaOrderField.WAITING_SINCE),
        "all, by province": (Scope(PERIOD_CODE), AreaLevel.PROVINSI, AreaOrderField.NAME),
        "all, by kabupaten": (
            Scope(PERIOD_CODE),
            AreaLevel.KABUPATEN_KOTA,
            AreaOrderField.WAITING_PLAN_COUNT,
        ),
        "of a province": (
            Scope(PERIOD_CODE, provinsi="Prov. Bali"),
            AreaLevel.SCHOOL,
            AreaOrderField.WAITING_PLAN_COUNT,
        ),
        "of a school": (Scope(PERIOD_CODE, npsn="97000005"), AreaLevel.SCHOOL, AreaOrderField.NAME),
    }
    totals = {}
    for run in ("first", "second"):
        for name, (scope, level, field) in breakdowns.items():
            is_descending = field is AreaOrderField.WAITING_PLAN_COUNT
            page = PageRequest(level, field, is_descending, None, 100)
            numbers = await _print_time(
                f"{name}, {run} run", count_numbers(scope, [page], workflows, database.connection)
            )
            totals[name] = sum(state.plans for state in numbers.states)
    assert {total for name, total in totals.items() if "all" in name} == {population.plan_count}
    assert totals["of a school"] == population.teachers_per_school


async def test_page_of_waiting_plans_finds_the_few_that_wait(database: Database) -> None:
    """Without an index in their order, a page costs as much as reading the whole period."""
    connection = database.context.db()
    await connection.execute_query(
        "UPDATE plan SET state = 'approved' WHERE state = 'submitted' AND ptk_id NOT IN "
        "(SELECT ptk_id FROM plan WHERE state = 'submitted' ORDER BY ptk_id DESC LIMIT 5)"
    )
    automatic_states = AutomaticStates.of(await WorkflowCache().list_supported(connection))
    for run in ("first", "second"):
        query = reconcile_store.select_waiting_in_period(
            PERIOD_CODE, automatic_states, reconcile_store.FIRST_PTK_ID, 200, connection
        )
        plans = await _print_time(f"a page of waiting plans, {run} run", query)
        assert len(plans) == 5
