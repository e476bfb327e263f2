"""One registry, one planning database and one pair of servers for all; every test begins without a plan.

A test that changes the registry or a period takes a database of its own: `changing`, `own`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.kit.database import Database
from services.planning.people.identity import answers as questions
from services.planning.people.identity import wire
from tests.conftest import Fresh
from tests.integration.planning.audit import unread_events
from tests.integration.planning.house import TABLES, House, connected, house_at, import_reference, sql
from tests.small_registry import import_registry


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test machine under load is no outage: clients that start in this test give identity more time."""
    monkeypatch.setattr(wire, "REQUEST_SECONDS", 10.0)
    monkeypatch.setattr(questions, "QUESTION_SECONDS", 20.0)


@pytest.fixture(scope="session")
async def registry(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry, for tests that only read it."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry()
        yield database


@pytest.fixture(scope="session")
async def shared(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Planning's database with the shipped catalogue and period."""
    async with connected(await fresh_url("services.planning"), "services.planning") as database:
        await import_reference(database)
        yield database
        assert await unread_events(database) == []


@pytest.fixture(scope="session")
async def january(registry: Database, shared: Database) -> AsyncIterator[House]:
    """Both services on 15 January 2024."""
    async with house_at(registry, shared) as house:
        yield house


@pytest.fixture
async def planning(shared: Database) -> Database:
    """Planning's database without a plan, and without anything that identity once said."""
    await sql(shared, f"TRUNCATE {', '.join(TABLES)}, registry_answer")
    return shared


@pytest.fixture
async def house(january: House, planning: Database) -> AsyncIterator[House]:
    """Both services on 15 January 2024, and no plan. A test leaves no event that is of no kind."""
    yield january
    assert await unread_events(planning) == []


@pytest.fixture
async def changing(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry, which the test may change."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry()
        yield database


@pytest.fixture
async def own(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Planning's database with the shipped catalogue and period, which the test may change; no event is of no kind."""
    async with connected(await fresh_url("services.planning"), "services.planning") as database:
        await import_reference(database)
        yield database
        assert await unread_events(database) == []
