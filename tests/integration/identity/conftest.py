from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.identity.environment import open_filled, serve_identity_at


@pytest.fixture
async def database(fresh_url: Fresh) -> AsyncIterator[Database]:
    """An empty identity database, current in the test."""
    database = Database(await fresh_url("services.identity"), "services.identity")
    await database.connect()
    with database.active():
        yield database
    await database.close()


@pytest.fixture
async def filled_database(fresh_url: Fresh) -> AsyncIterator[Database]:
    """An identity database with an imported registry, current in the test."""
    async with open_filled(await fresh_url("services.identity")) as database:
        yield database


@pytest.fixture
async def client(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    """Identity on the database of the test module, and an HTTP client of it."""
    async with serve_identity_at(database) as client:
        yield client
