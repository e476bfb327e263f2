"""The season that proofs at full size work on is one that could have been: whole, and of every kind."""

from __future__ import annotations

from collections import Counter

import asyncpg
import click

from services.planning.plan.queries import verify_plans
from tests.conftest import Fresh
from tests.integration.planning.environment import connect_database, import_reference_data
from tests.proofs.season import Season
from tests.proofs.season_rows import plant

PLANS = 1700  # enough for more than one worker process
STATES = {"draft", "submitted", "approved", "auto_approved", "in_implementation"}


async def test_a_planted_season_is_whole_and_has_plans_of_every_kind(fresh_url: Fresh) -> None:
    url = await fresh_url("services.planning")
    async with connect_database(url, "services.planning") as database:
        await import_reference_data(database)
        await plant(url, Season(PLANS))
        found = [verdict async for verdict in verify_plans(None, None, database.connection)]
        assert [one for one in found if one.findings] == []
        store = await asyncpg.connect(database.dsn)
        try:
            plans = await store.fetch(
                "SELECT state, school->>'provinsi' AS provinsi, state_since, revision_due FROM plan"
            )
            heads = await store.fetch(
                "SELECT DISTINCT body::jsonb->'on_behalf_of'->>'head' AS head FROM plan_event"
            )
        finally:
            await store.close()
    states = Counter(plan["state"] for plan in plans)
    click.echo(f"\n{len(found)} plans, {sum(one.events for one in found)} events: {dict(states)}")
    assert sum(states.values()) == len(found) == PLANS
    assert set(states) == STATES
    assert min(states.values()) > PLANS / 100
    assert {None, "definitif"} <= {row["head"] for row in heads}
    assert len({plan["provinsi"] for plan in plans}) > 30
    assert any(plan["provinsi"] is None for plan in plans)
    assert any(plan["revision_due"] for plan in plans)
    assert max(plan["state_since"] for plan in plans) <= Season(PLANS).now
