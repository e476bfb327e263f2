from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.house import House, connected, house_at, import_reference
from tests.small_registry import import_registry


@pytest.fixture(scope="session")
async def registry(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry, for tests that only read it."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry()
        yield database


@pytest.fixture
async def planning(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Planning's database with the shipped catalogue and period, and no plan."""
    async with connected(await fresh_url("services.planning"), "services.planning") as database:
        await import_reference(database)
        yield database


@pytest.fixture
async def house(registry: Database, planning: Database) -> AsyncIterator[House]:
    """Both services on 15 January 2024, with an empty planning database."""
    async with house_at(registry, planning) as house:
        yield house
