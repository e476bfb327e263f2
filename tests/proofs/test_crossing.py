"""A migration meets commands on the same plans: no acknowledged change is lost, every plan lives by one version."""

from __future__ import annotations

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
from tests.proofs.building import NOW
from tests.proofs.conftest import Size
from tests.proofs.crossing import cross_often
from tests.proofs.house import House
from tests.proofs.season import NOW as AT


@pytest.mark.timeout(3_600)
async def test_plans_cross_to_another_version_while_people_work_on_them(
    house: House, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert AT.isoformat().startswith(NOW.removesuffix("Z"))
    monkeypatch.setattr(
        batches, "BATCH_SIZE", 2
    )  # several batches, so that commands fall in between and among them
    await house.let_head("definitif")
    url = house.plannings[0].environment["RENCANA_PLANNING_DATABASE_URL"]
    async with connect_database(url, "services.planning") as database:
        other = await publish_text(database, OTHER_DEFINITION)
        clock = Clock(AT)
        nobody = Credentials("", "")  # moving plans asks identity nothing
        services = Services(clock, IdentityClient(house.identity.url, nobody, clock))
        with database.active():
            record = await cross_often(house, services, other, size.races, Random("crossing"))
    told = ", ".join(f"{what}: {n}" for what, n in sorted(record.counts.items()))
    click.echo(f"\n{record.rounds} rounds, {record.again} again: {told}; {len(record.faults)} faults")
    assert record.counts["migrated"] > 0
    assert not record.faults, "\n".join(record.faults[:20])
