"""The synthetic population has valid plans in every state, under every kind of head, in every region."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import asyncpg
import click

from services.planning.plan.queries import verify_plans
from tests.conftest import Fresh
from tests.integration.planning.environment import connect_database, import_reference_data
from tests.proofs.population.model import Population
from tests.proofs.population.rows import insert_population

PLANS = 1700  # enough for more than one inserting process
STATES = {"draft", "submitted", "approved", "auto_approved", "in_implementation"}


async def test_population_has_valid_plans_of_every_kind(fresh_url: Fresh) -> None:
    url = await fresh_url("services.planning")
    async with connect_database(url, "services.planning") as database:
        await import_reference_data(database)
        await insert_population(url, Population(PLANS))
        verdicts = [
            verdict async for verdict in verify_plans(None, None, datetime.now(UTC), database.connection)
        ]
        assert [verdict for verdict in verdicts if verdict.findings] == []
        connection = await asyncpg.connect(database.dsn)
        try:
            plans = await connection.fetch(
                "SELECT state, school->>'provinsi' AS provinsi, state_since, revision_due FROM plan"
            )
            heads = await connection.fetch(
                "SELECT DISTINCT body::jsonb->'on_behalf_of'->>'head' AS head FROM plan_event"
            )
        finally:
            await connection.close()
    states = Counter(plan["state"] for plan in plans)
    click.echo(
        f"\n{len(verdicts)} plans, {sum(verdict.events for verdict in verdicts)} events: {dict(states)}"
    )
    assert sum(states.values()) == len(verdicts) == PLANS
    assert set(states) == STATES
    assert min(states.values()) > PLANS / 100
    assert {None, "definitif"} <= {row["head"] for row in heads}
    assert len({plan["provinsi"] for plan in plans}) > 30
    assert any(plan["provinsi"] is None for plan in plans)
    assert any(plan["revision_due"] for plan in plans)
    assert max(plan["state_since"] for plan in plans) <= Population(PLANS).now
