"""Migrations and concurrent commands: no acknowledged command is lost, and each plan has one version."""

from __future__ import annotations

from datetime import datetime
from random import Random

import click
import pytest

from services.kit.clock import Clock
from services.planning.people.identity.client import IdentityClient
from services.planning.people.identity.credentials import Credentials
from services.planning.people.services import Services
from services.planning.plan_migration import batches
from tests.integration.planning.environment import connect_database
from tests.integration.planning.workflow_versions import OTHER_DEFINITION, publish_text
from tests.proofs.cluster import NOW, Cluster
from tests.proofs.conftest import Size
from tests.proofs.migration_races import run_rounds


@pytest.mark.timeout(3_600)
async def test_plans_migrate_and_return_during_commands(
    cluster: Cluster, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 2)  # so that commands run between and during several batches
    await cluster.set_heads("definitif")
    url = cluster.settings["RENCANA_PLANNING_DATABASE_URL"]
    async with connect_database(url, "services.planning") as database:
        other_version = await publish_text(database, OTHER_DEFINITION)
        clock = Clock(datetime.fromisoformat(NOW))
        credentials = Credentials("", "")  # migrations send nothing to identity
        services = Services(clock, IdentityClient(cluster.identity.url, credentials, clock))
        with database.active():
            result = await run_rounds(cluster, services, other_version, size.races, Random("crossing"))
    counts = ", ".join(f"{name}: {count}" for name, count in sorted(result.counts.items()))
    click.echo(
        f"\n{result.rounds} rounds, {result.repetitions} repeated: {counts}; {len(result.faults)} faults"
    )
    assert result.counts["migrated"] > 0
    assert not result.faults, "\n".join(result.faults[:20])
