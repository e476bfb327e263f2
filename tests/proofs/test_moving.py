"""A whole season is tried, moved and taken back: how fast, with how much memory, and killed in the middle."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import click
import pytest

from tests.conftest import Fresh
from tests.integration.planning.house import connected, import_reference
from tests.integration.planning.publishing import SHIPPED, publish_text, shipped_with
from tests.proofs.moving import BATCH, ORDER, Desk, Ran
from tests.proofs.season import NOW, Season
from tests.proofs.season_rows import plant

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
async def desk(fresh_url: Fresh, plans: int, tmp_path: Path) -> AsyncIterator[Desk]:
    """A season by the shipped version, and the draft published beside it."""
    url = await fresh_url("services.planning")
    async with connected(url, "services.planning") as database:
        await import_reference(database)
        await plant(url, Season(plans))
        await publish_text(database, DRAFT)
        store = await asyncpg.connect(database.dsn)
        kept = {name: text for name, text in os.environ.items() if not name.startswith("RENCANA_")}
        environment = {
            **kept,
            "RENCANA_ENV": "dev",
            "RENCANA_NOW": NOW.isoformat(),
            "RENCANA_PLANNING_DATABASE_URL": url,
            "STORE": database.dsn,
        }
        try:
            yield Desk(environment, tmp_path, store)
        finally:
            await store.close()


async def whole(desk: Desk, plans: int) -> None:
    """`rencana verify` finds every plan whole."""
    told = (await desk.run("verify")).told
    found = WHOLE.search(told)
    assert found, told[-2000:]
    assert (int(found[1]), int(found[2])) == (plans, plans)


def shown(what: str, plans: int, ran: Ran) -> None:
    rate = re.findall(r"([\d,]+) plans a second", ran.told)
    click.echo(
        f"\n{what}: {plans} plans in {ran.seconds:.1f} s, {rate[-1]} a second, {ran.memory:.0f} MB at most"
    )
    assert ran.memory < MOST_MEMORY


@pytest.mark.timeout(7_200)
async def test_a_season_is_tried_moved_killed_resumed_and_taken_back(desk: Desk, plans: int) -> None:
    draft = next(sha for sha in await versions(desk) if sha != SHIPPED)
    tried = await desk.run(
        "workflow", "try", draft, "--period", "2024-1", "--first", "2", "--by", "Sari Contoh"
    )
    shown("tried", plans, tried)
    assert f"{plans} plans" in tried.told
    assert "cannot be told" in tried.told

    # Held: a plan of a batch in the middle. The batches before it are done as it is killed, that one is not.
    batches = plans // BATCH // 2
    held = await desk.store.fetchval(
        "SELECT ptk_id FROM plan ORDER BY ptk_id OFFSET $1 LIMIT 1", batches * BATCH + 7
    )
    order = ("workflow", "migrate", SHIPPED, draft, *ORDER)
    await desk.killed(str(held), batches * BATCH, *order)
    done = batches * BATCH
    assert await desk.by_version() == {draft: done, SHIPPED: plans - done}
    assert (await desk.outcomes(back=False), await desk.done()) == (done, done)

    rest = await desk.run("workflow", "continue", "1")
    shown("moved", plans, rest)
    assert await desk.by_version() == {draft: plans}
    assert await desk.outcomes(back=False) == plans
    await whole(desk, plans)

    await desk.killed(str(held), done, "workflow", "undo", "1", *ORDER)
    assert await desk.by_version() == {SHIPPED: done, draft: plans - done}
    back = await desk.run("workflow", "continue", "1")
    shown("taken back", plans, back)
    assert await desk.by_version() == {SHIPPED: plans}
    assert await desk.outcomes(back=True) == plans
    await whole(desk, plans)


async def versions(desk: Desk) -> list[str]:
    return [row["sha256"] for row in await desk.store.fetch("SELECT sha256 FROM workflow_version")]
