"""One house for all proofs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from tests.conftest import Fresh
from tests.proofs.building import house_of
from tests.proofs.house import House
from tests.proofs.starts import make_starts


@dataclass(frozen=True)
class Size:
    """How often is enough: for every run of the suite, and for `make prove`."""

    races: int
    kills: int
    lanes: int
    plannings: int
    offices: int
    timed: int


@pytest.fixture(scope="session")
def size(request: pytest.FixtureRequest) -> Size:
    return (
        Size(500, 200, 20, 3, 2, 200_000)
        if request.config.getoption("--full")
        else Size(6, 4, 6, 2, 1, 2_000)
    )


@pytest.fixture(scope="session")
async def house(
    size: Size, fresh_url: Fresh, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("proofs")
    started = time.monotonic()
    async with house_of(fresh_url, folder, size.lanes, size.plannings, size.offices) as house:
        await make_starts(house)
        click.echo(f"\n{size}, the house stands after {time.monotonic() - started:.0f} s")
        yield house
