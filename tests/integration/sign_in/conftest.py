from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conftest import Fresh
from tests.integration.sign_in.environment import Environment, open_environment
from tests.table import Table


@pytest.fixture(scope="session")
def refusals() -> Iterator[Table]:
    """The table of refusals for `pytest -s`."""
    table = Table("who or what", "answer", "left behind")
    yield table
    print(table)  # noqa: T201 - it is meant to be read


@pytest.fixture(scope="session")
async def environment(fresh_url: Fresh) -> AsyncIterator[Environment]:
    """Provider, identity and planning. Each test uses other people, or changes nothing."""
    async with open_environment(fresh_url) as environment:
        yield environment
