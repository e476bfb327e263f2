"""One registry, one planning database and one pair of servers for all; every test begins without a plan.

A test that changes identity's data or a period takes its own database: `own_registry`, `own_planning_database`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.bad_input import create_plans
from tests.integration.planning.environment import (
    TABLES,
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
    sql,
)
from tests.integration.planning.revisions import appoint_admins
from tests.integration.planning.statements import StatementCounter
from tests.integration.planning.verification import find_unreadable_events
from tests.small_registry import fill_registry


@pytest.fixture(scope="session")
async def registry(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry, for tests that only read it."""
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as database:
        yield database


@pytest.fixture(scope="session")
async def registry_with_admins(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry and more admins, for tests that only read it."""
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as database:
        await appoint_admins(database)
        yield database


@pytest.fixture(scope="session")
async def shared_planning_database(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Planning's database with the shipped catalogue and period."""
    async with connect_database(
        await fresh_url("services.planning", import_reference_data), "services.planning"
    ) as database:
        yield database
        assert await find_unreadable_events(database) == []


@pytest.fixture(scope="session")
async def shared_environment(
    registry: Database, shared_planning_database: Database
) -> AsyncIterator[Environment]:
    """Both services on 15 January 2024."""
    async with environment_at(registry, shared_planning_database) as environment:
        yield environment


@pytest.fixture
async def empty_planning_database(shared_planning_database: Database) -> Database:
    """Planning's database without a plan, and without anything that identity once said."""
    await sql(shared_planning_database, f"TRUNCATE {', '.join(TABLES)}, identity_answer")
    return shared_planning_database


@pytest.fixture
async def environment(
    shared_environment: Environment, empty_planning_database: Database
) -> AsyncIterator[Environment]:
    """Both services on 15 January 2024, and no plan. A test leaves no event that is of no kind."""
    yield shared_environment
    assert await find_unreadable_events(empty_planning_database) == []


@pytest.fixture
async def own_registry(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry, which the test may change."""
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as database:
        yield database


@pytest.fixture
async def own_planning_database(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Planning's database with the shipped catalogue and period, which the test may change; no event is of no kind."""
    async with connect_database(
        await fresh_url("services.planning", import_reference_data), "services.planning"
    ) as database:
        yield database
        assert await find_unreadable_events(database) == []


@pytest.fixture
async def environment_of_own_database(
    registry: Database, own_planning_database: Database
) -> AsyncIterator[Environment]:
    """Both services on 15 January 2024, with a planning database that the test may change."""
    async with environment_at(registry, own_planning_database) as environment:
        yield environment


@pytest.fixture
async def environment_with_admins(
    registry_with_admins: Database, own_planning_database: Database
) -> AsyncIterator[Environment]:
    """Both services on 15 January 2024, with more admins and a planning database that the test may change."""
    async with environment_at(registry_with_admins, own_planning_database) as environment:
        yield environment


@pytest.fixture(scope="module")
async def environment_with_plans(shared_environment: Environment) -> Environment:
    """Plans in every state, of which no test of the module changes one."""
    await create_plans(shared_environment)
    return shared_environment


@pytest.fixture
async def counter_and_database(fresh_url: Fresh) -> AsyncIterator[tuple[StatementCounter, Database]]:
    counter, database = (
        StatementCounter(),
        Database(await fresh_url("services.planning"), "services.planning"),
    )
    database.config["connections"]["default"]["credentials"]["init"] = counter.listen
    await database.connect()
    await import_reference_data(database)
    yield counter, database
    await database.close()
