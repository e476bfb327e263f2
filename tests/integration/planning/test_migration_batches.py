"""The worker moves plans in batches: locks, conflicts, failures and number of statements."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from services.planning.plan_migration.model import MOVED_COUNT, RunKind
from services.planning.worker import open_tasks
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    Environment,
)
from tests.integration.planning.plan_migrations import (
    expect_order,
    load_migration,
    load_plan_versions,
    migrate_plans,
    roll_back_migration,
    run_long_work,
    versions_input,
)
from tests.integration.planning.plans import submit_plan
from tests.integration.planning.reconciliation import (
    load_last_event,
    wait_for_blocked_statements,
    worker_settings,
)
from tests.integration.planning.verification import find_faults
from tests.integration.planning.workflow_versions import (
    OTHER_DEFINITION,
    SHIPPED_SHA256,
    approve_version,
    publish_text,
    sha_of,
)
from tests.queries import counting_queries
from tests.small_registry import (
    COLLEAGUE,
    NON_ASN,
    PNS,
)


@pytest.fixture
def environment(environment_of_own_database: Environment) -> Environment:
    return environment_of_own_database


async def test_batch_and_act_on_a_timer_do_not_deadlock(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    migration = await expect_order(
        environment, "migratePlans", **versions_input(SHIPPED_SHA256, await approve_version(environment))
    )
    admin = await asyncpg.connect(environment.database.dsn)
    try:
        async with (
            admin.transaction()
        ):  # as the statement of an act goes on: first the timer, then the act on it
            await admin.execute("SELECT FROM plan_timer WHERE timer = 'escalate' FOR UPDATE")
            batch = asyncio.create_task(run_long_work(environment))
            await wait_for_blocked_statements(environment)
            await admin.execute(
                "INSERT INTO admin_act (subject, act, actor_kind, account, at, detail) SELECT 'plan ' || ptk_id || ' ' "
                "|| period, 'skipped', 'admin', 'Sari', now(), '{\"timer\": \"escalate\", \"count\": 0}' FROM plan"
            )
        await batch
    finally:
        await admin.close()
    assert (await load_migration(environment, migration["id"]))["forward"]["movedCount"] == 1


async def test_failed_batch_does_not_block_other_runs(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    migration = await expect_order(environment, "migratePlans", **versions_input(SHIPPED_SHA256, sha))
    await environment.sql(
        "INSERT INTO batch_run "
        'SELECT (jsonb_populate_record(r, \'{"kind": "dry_run", "number": 0}\')).* FROM batch_run r'
    )
    with pytest.raises(AssertionError, match="a run belongs to a dry run"):
        await run_long_work(environment)
    assert (await load_migration(environment, migration["id"]))["status"] == "DONE"


async def test_migration_rolled_back_before_its_first_batch_moves_nothing(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    migration = await expect_order(environment, "migratePlans", **versions_input(SHIPPED_SHA256, sha))
    before = await load_plan_versions(environment)
    back = await roll_back_migration(environment, migration["id"])
    assert (back["status"], back["forward"]["movedCount"], back["rollback"]["planCount"]) == (
        "ROLLED_BACK",
        0,
        0,
    )
    assert await load_plan_versions(environment) == before


async def test_migration_moves_plans_that_started_after_the_order_too(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    sha = await publish_text(environment.database, OTHER_DEFINITION)
    await (await environment.sign_in(COLLEAGUE)).start_plan()
    assert (await migrate_plans(environment, SHIPPED_SHA256, sha))["forward"]["movedCount"] == 1
    assert {plan[0] for plan in (await load_plan_versions(environment)).values()} == {sha}


async def test_plan_with_a_version_conflict_is_moved_by_the_next_batch(environment: Environment) -> None:
    teachers = sorted((PNS, COLLEAGUE, NON_ASN), key=ptk)
    for who in teachers:
        await submit_plan(environment, who)
    migration = await expect_order(
        environment, "migratePlans", **versions_input(SHIPPED_SHA256, await approve_version(environment))
    )
    await environment.sql(
        "CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
    )
    await environment.sql(
        f"CREATE TRIGGER skips BEFORE UPDATE ON plan FOR EACH ROW WHEN (NEW.ptk_id = '{ptk(teachers[1])}') "
        "EXECUTE FUNCTION skip()"
    )

    with environment.database.active():
        async with open_tasks(worker_settings(environment)) as (*_, long_work):
            run = await long_work.run_batch(RunKind.MIGRATE, migration["number"])
    assert run is not None
    assert (run.after, run.counts[MOVED_COUNT], run.ended_at) == ((str(ptk(teachers[0])), "2024-1"), 2, None)
    assert len(await environment.sql("SELECT FROM migration_outcome")) == 2
    await environment.sql("DROP FUNCTION skip CASCADE")
    await run_long_work(environment)

    result = await load_migration(environment, migration["id"])
    assert (result["status"], result["forward"]["movedCount"], result["forward"]["skippedCount"]) == (
        "DONE",
        3,
        0,
    )
    assert await find_faults(environment) == []


async def test_number_of_statements_of_a_migration(environment: Environment) -> None:
    for who in (PNS, COLLEAGUE, NON_ASN):
        await submit_plan(environment, who)
    sha = await approve_version(environment)
    with counting_queries() as queries:
        migration = await expect_order(environment, "migratePlans", **versions_input(SHIPPED_SHA256, sha))
    assert len(queries) == 14
    with counting_queries() as queries:
        await run_long_work(environment)
    batches = [query for query in queries if "FOR NO KEY UPDATE" in query and "FROM plan\n" in query]
    assert len(batches) == 2  # three plans are one batch; a second look finds nobody
    assert len(queries) == 17
    with counting_queries() as queries:
        await load_migration(environment, migration["id"])
    assert len(queries) == 3  # the migration, and both versions with their acts
    assert (await load_last_event(environment, str(ptk(PNS))))["kind"] == "migrated"
    assert sha == sha_of(OTHER_DEFINITION)
