"""A whole season is tried, moved and taken back: how fast, with how much memory, and killed in the middle."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import click
import pytest

from services.kit.database import Database
from services.planning.reconcile import store as reconcile_store
from tests.conftest import Fresh
from tests.contract.sdl import GRAPHQL
from tests.integration.planning.environment import (
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
    sql,
)
from tests.integration.planning.workflow_versions import SHIPPED, publish_text, shipped_with
from tests.proofs.moving import BATCH, Desk, Ran
from tests.proofs.season import NOW, Season
from tests.proofs.season_rows import plant
from tests.serving import free_port
from tests.small_registry import ADMIN, import_registry

# Where an appointed principal leads, the system approves as well: every submission is held against it.
DRAFT = shipped_with("all: [{head_is: {kind: plt}}, {not: head_is_owner}]", "not: {head_is: {kind: kosong}}")
MOST_MEMORY = (
    256  # MB, whatever there is to move: an interpreter with all that planning imports is half of it
)
WHOLE = re.compile(r"(\d+) plans, \d+ events checked: (\d+) whole, 0 with findings")


@pytest.fixture(scope="module")
def plans(request: pytest.FixtureRequest) -> int:
    return 200_000 if request.config.getoption("--full") else 1_200


@pytest.fixture
async def registry(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry: the admin is in it, the season's teachers are not."""
    async with connect_database(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry()
        yield database


@dataclass(frozen=True)
class Country:
    """A season in planning's database: an admin's way in over GraphQL, and a place to run workers."""

    house: Environment
    desk: Desk

    async def send(self, document: str, **given: object) -> dict[str, Any]:
        """What the one root field of a document of graphql/operations/admin answers."""
        text = (GRAPHQL / "operations" / "admin" / f"{document}.graphql").read_text()
        variables = {"input": given} if "($input:" in text else given
        (answer,) = (await (await self.house.sign_in(ADMIN)).execute(text, **variables)).values()
        assert "problems" not in answer, answer
        return dict(answer)


@pytest.fixture
async def country(registry: Database, fresh_url: Fresh, plans: int, tmp_path: Path) -> AsyncIterator[Country]:
    """A season by the shipped version, and the draft published beside it."""
    url = await fresh_url("services.planning")
    async with connect_database(url, "services.planning") as database:
        await import_reference_data(database)
        await plant(url, Season(plans))
        await publish_text(database, DRAFT)
        (last,) = await sql(registry, "SELECT max(seq) AS seq FROM changes")
        with database.active():  # the worker has followed all this while
            await reconcile_store.advance_feed_positions(last["seq"], last["seq"], NOW, database.connection)
            await reconcile_store.store_decided_revision("2024-1", 2, NOW, database.connection)
        store = await asyncpg.connect(database.dsn)
        kept = {name: text for name, text in os.environ.items() if not name.startswith("RENCANA_")}
        try:
            async with environment_at(registry, database, NOW) as house:
                environment = {
                    **kept,
                    "RENCANA_ENV": "dev",
                    "RENCANA_NOW": NOW.isoformat(),
                    "RENCANA_PLANNING_DATABASE_URL": url,
                    "RENCANA_WORKER_PORT": str(free_port()),
                    "RENCANA_IDENTITY_URL": str(house.identity._base_url).rstrip("/"),
                    "STORE": database.dsn,
                }
                yield Country(house, Desk(environment, tmp_path, store))
        finally:
            await store.close()


async def whole(desk: Desk, plans: int) -> None:
    """`rencana verify` finds every plan whole."""
    told = (await desk.run("verify")).told
    found = WHOLE.search(told)
    assert found, told[-2000:]
    assert (int(found[1]), int(found[2])) == (plans, plans)


def shown(what: str, plans: int, ran: Ran, progress: dict[str, Any]) -> None:
    click.echo(
        f"\n{what}: {plans} plans in {ran.seconds:.1f} s, {progress['perSecond']:,.0f} a second, "
        f"{ran.memory:.0f} MB at most"
    )
    assert ran.memory < MOST_MEMORY


@pytest.mark.timeout(7_200)
async def test_a_season_is_tried_moved_killed_resumed_and_taken_back(country: Country, plans: int) -> None:
    desk = country.desk
    draft = next(sha for sha in await versions(desk) if sha != SHIPPED)
    trial = await country.send("TryWorkflow", sha256=draft, period="2024-1")
    tried = await desk.work_off()
    found = (await country.send("Trial", id=trial["id"]))["progress"]
    shown("tried", plans, tried, found)
    assert found["done"] == plans
    assert found["unknown"] > 0

    # Held: a plan of a batch in the middle. The batches before it are done as it is killed, that one is not.
    batches = plans // BATCH // 2
    held = await desk.store.fetchval(
        "SELECT ptk_id FROM plan ORDER BY ptk_id OFFSET $1 LIMIT 1", batches * BATCH + 7
    )
    migration = await country.send("MigratePlans", **{"from": SHIPPED, "to": draft, "reason": "Bukti."})
    done = batches * BATCH
    await desk.killed(str(held), done)
    assert await desk.by_version() == {draft: done, SHIPPED: plans - done}
    assert (await desk.outcomes(back=False), await desk.done()) == (done, done)

    rest = await desk.work_off()
    shown("moved", plans, rest, (await country.send("Migration", id=migration["id"]))["there"])
    assert await desk.by_version() == {draft: plans}
    assert await desk.outcomes(back=False) == plans
    await whole(desk, plans)

    await country.send("UndoMigration", id=migration["id"], reason="Bukti.")
    await desk.killed(str(held), done)
    assert await desk.by_version() == {SHIPPED: done, draft: plans - done}
    back = await desk.work_off()
    shown("taken back", plans, back, (await country.send("Migration", id=migration["id"]))["back"])
    assert await desk.by_version() == {SHIPPED: plans}
    assert await desk.outcomes(back=True) == plans
    await whole(desk, plans)


async def versions(desk: Desk) -> list[str]:
    return [row["sha256"] for row in await desk.store.fetch("SELECT sha256 FROM workflow_version")]
