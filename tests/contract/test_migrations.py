"""What the code says about its tables, some migration makes."""

from __future__ import annotations

import pytest

from services.kit.database import Database
from tests.conftest import Fresh


@pytest.mark.parametrize("package", ["services.identity", "services.planning"])
async def test_no_table_has_changed_without_a_migration(fresh_url: Fresh, package: str) -> None:
    database = Database(await fresh_url(package), package)
    await database.connect()
    try:
        assert await database.undeclared_changes() == []
    finally:
        await database.close()
