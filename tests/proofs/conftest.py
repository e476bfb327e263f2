"""The size of the proofs, and one cluster for all of them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import click
import pytest

from tests.conftest import Fresh
from tests.proofs.cluster import Cluster, run_cluster
from tests.proofs.start_states import create_start_states


@dataclass(frozen=True)
class Size:
    """How many races of each pair, kills, schools, processes and plans with timers a run has."""

    races: int
    kills: int
    schools: int
    planning_processes: int
    decree_importers: int
    plans_with_timers: int


@pytest.fixture(scope="session")
def size(request: pytest.FixtureRequest) -> Size:
    return (
        Size(500, 200, 20, 3, 2, 200_000)
        if request.config.getoption("--full")
        else Size(6, 4, 6, 2, 1, 2_000)
    )


@pytest.fixture(scope="session")
async def cluster(
    size: Size, fresh_url: Fresh, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Cluster]:
    folder, start = tmp_path_factory.mktemp("proofs"), time.monotonic()
    async with run_cluster(
        fresh_url, folder, size.schools, size.planning_processes, size.decree_importers
    ) as cluster:
        await create_start_states(cluster)
        click.echo(f"\n{size}, the cluster is ready after {time.monotonic() - start:.0f} s")
        yield cluster
