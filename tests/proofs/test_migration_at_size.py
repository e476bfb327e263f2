"""A dry run, a migration and its rollback with all plans of the country: speed, memory, and killed workers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import click
import pytest

from devtools.client_documents import read_document
from devtools.service_process import free_port
from services.kit.database import Database
from services.planning.api.ids import workflow_version_id
from tests.conftest import Fresh
from tests.integration.planning.environment import (
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
)
from tests.integration.planning.plan_migrations import versions_input
from tests.integration.planning.workflow_versions import SHIPPED_SHA256, publish_text, shipped_with
from tests.proofs.cluster import service_settings
from tests.proofs.population.model import NOW, Population
from tests.proofs.population.registry import mark_reconciled
from tests.proofs.population.rows import insert_population
from tests.proofs.worker_runs import BATCH, CommandRun, CommandRunner
from tests.small_registry import ADMIN, fill_registry

# Plans are also approved automatically under an appointed principal, so the dry run has a finding for each submission.
DRAFT = shipped_with(
    "all: [{head_is: {kind: plt}}, {not: head_is_owner}]",
    "all: [{not: {head_is: {kind: kosong}}}, {not: head_is_owner}]",
)
MAX_MEMORY = 256  # MB, for any number of plans: the imports of planning alone take half of it
VERIFY_OUTPUT = re.compile(r"(\d+) plans, \d+ events checked: (\d+) intact, 0 with findings")


@pytest.fixture(scope="module")
def plan_count(request: pytest.FixtureRequest) -> int:
    return 200_000 if request.config.getoption("--full") else 1_200


@pytest.fixture
async def identity_database(fresh_url: Fresh) -> AsyncIterator[Database]:
    """The small registry, with an admin but without the teachers of the population."""
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as database:
        yield database


@pytest.fixture
async def environment(
    identity_database: Database, fresh_url: Fresh, plan_count: int
) -> AsyncIterator[Environment]:
    """A population whose plans have the shipped workflow version; DRAFT is published too."""
    url = await fresh_url("services.planning")
    async with connect_database(url, "services.planning") as database:
        await import_reference_data(database)
        await insert_population(url, Population(plan_count))
        await publish_text(database, DRAFT)
        await mark_reconciled(identity_database, database)
        async with environment_at(identity_database, database, NOW) as environment:
            yield environment


@pytest.fixture
async def runner(
    environment: Environment, identity_database: Database, tmp_path: Path
) -> AsyncIterator[CommandRunner]:
    database = environment.database
    settings = service_settings(identity_database.url, database.url, NOW.isoformat()) | {
        "RENCANA_WORKER_PORT": str(free_port()),
        "RENCANA_IDENTITY_URL": str(environment.identity._base_url).rstrip("/"),
    }
    connection = await asyncpg.connect(database.dsn)
    try:
        yield CommandRunner(settings, tmp_path, connection, database.dsn)
    finally:
        await connection.close()


async def send(environment: Environment, document: str, **arguments: object) -> dict[str, Any]:
    """Send a document of graphql/operations/admin as the admin, and return the value of its root field."""
    text = read_document(f"admin/{document}")
    variables = {"input": arguments} if "($input:" in text else arguments
    admin = await environment.sign_in(ADMIN)
    (answer,) = (await admin.execute(text, **variables)).values()
    assert "problems" not in answer, answer
    return dict(answer)


async def assert_plans_verify(runner: CommandRunner, plan_count: int) -> None:
    output = (await runner.run("verify")).output
    match = VERIFY_OUTPUT.search(output)
    assert match, output[-2000:]
    assert (int(match[1]), int(match[2])) == (plan_count, plan_count)


def report(name: str, plan_count: int, run: CommandRun, progress: dict[str, Any]) -> None:
    click.echo(
        f"\n{name}: {plan_count} plans in {run.seconds:.1f} s, {progress['plansPerSecond']:,.0f} a second, "
        f"at most {run.memory:.0f} MB"
    )
    assert run.memory < MAX_MEMORY


@pytest.mark.timeout(7_200)
async def test_plans_migrate_and_return_although_workers_are_killed(
    environment: Environment, runner: CommandRunner, plan_count: int
) -> None:
    versions = await runner.connection.fetch("SELECT sha256 FROM workflow_version")
    draft = next(row["sha256"] for row in versions if row["sha256"] != SHIPPED_SHA256)
    id = workflow_version_id(draft)
    dry_run = (await send(environment, "StartDryRun", workflowVersionId=id, period="2024-1"))["dryRun"]
    run = await runner.run_worker()
    progress = (await send(environment, "DryRun", id=dry_run["id"]))["progress"]
    report("dry run", plan_count, run, progress)
    assert progress["replayedCount"] == plan_count
    assert progress["unknownCount"] > 0

    # A plan of a batch in the middle is locked. When the worker is killed, it has processed the batches before.
    batches = plan_count // BATCH // 2
    moved_count = batches * BATCH
    locked_plan = await runner.connection.fetchval(
        "SELECT ptk_id FROM plan ORDER BY ptk_id OFFSET $1 LIMIT 1", moved_count + 7
    )
    versions_of_order = versions_input(SHIPPED_SHA256, draft)
    payload = await send(environment, "MigratePlans", **versions_of_order, reason="Bukti.")
    migration = payload["planMigration"]["id"]
    await runner.kill_worker(str(locked_plan), moved_count)
    assert await runner.count_by_version() == {draft: moved_count, SHIPPED_SHA256: plan_count - moved_count}
    assert (await runner.count_outcomes(is_backward=False), await runner.count_processed()) == (
        moved_count,
        moved_count,
    )

    rest = await runner.run_worker()
    report("migration", plan_count, rest, (await send(environment, "PlanMigration", id=migration))["forward"])
    assert await runner.count_by_version() == {draft: plan_count}
    assert await runner.count_outcomes(is_backward=False) == plan_count
    await assert_plans_verify(runner, plan_count)

    await send(environment, "RollBackPlanMigration", planMigrationId=migration, reason="Bukti.")
    await runner.kill_worker(str(locked_plan), moved_count)
    assert await runner.count_by_version() == {SHIPPED_SHA256: moved_count, draft: plan_count - moved_count}
    rollback = await runner.run_worker()
    progress = (await send(environment, "PlanMigration", id=migration))["rollback"]
    report("rollback", plan_count, rollback, progress)
    assert await runner.count_by_version() == {SHIPPED_SHA256: plan_count}
    assert await runner.count_outcomes(is_backward=True) == plan_count
    await assert_plans_verify(runner, plan_count)
