from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.kit.database import Database
from tests.conftest import Fresh


@pytest.fixture
async def database(fresh_url: Fresh) -> AsyncIterator[Database]:
    """An empty identity database, current in the test."""
    database = Database(await fresh_url("services.identity"), "services.identity")
    await database.connect()
    with database.active():
        yield database
    await database.close()
