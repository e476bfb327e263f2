from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.house import connected, import_reference
from tests.integration.sign_in.house import House, close_accounts, house_at
from tests.small_registry import import_registry
from tests.table import Table


@pytest.fixture(scope="session")
async def registry(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry()
            await close_accounts()
        yield database


@pytest.fixture(scope="session")
def refusals() -> Iterator[Table]:
    """Every attempt that was refused, for `pytest -s`."""
    table = Table("who or what", "answer", "left behind")
    yield table
    print(table)  # noqa: T201 - it is meant to be read


@pytest.fixture(scope="session")
async def house(registry: Database, fresh_url: Fresh) -> AsyncIterator[House]:
    """Provider, identity and planning; each test uses people of its own, or changes nothing."""
    async with connected(await fresh_url("services.planning"), "services.planning") as planning:
        await import_reference(planning)
        async with house_at(registry, planning) as house:
            yield house
