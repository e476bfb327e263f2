"""What tests of migrations share: ordering and rolling them back over GraphQL, and a worker that works them off."""

from __future__ import annotations

from typing import Any

from services.planning.api.ids import workflow_version_id
from services.planning.worker import open_tasks
from tests.integration.planning.environment import PROBLEM_FIELDS, Environment, join_payload, payload_document
from tests.integration.planning.reconciliation import worker_settings
from tests.integration.planning.workflow_versions import shipped_with
from tests.small_registry import ADMIN
from tests.unit.workflows.samples import rename_submitted

MUTATIONS = ("migratePlans", "stopPlanMigration", "resumePlanMigration", "rollBackPlanMigration")
RENAMED_STATE_YAML = rename_submitted()
NEEDS_STARS = shipped_with(
    "params:\n", "params:\n  bintang:\n    type: int\n    label: {id: Bintang, en: Stars}\n"
)
STATE_MAPPINGS = [{"fromState": "submitted", "toState": "handed_in"}]
REASON = "Koreksi dimungkinkan."
MIGRATION_FIELDS = """
fragment Course on PlanMigration {
  id number fromVersion { sha256 } toVersion { sha256 } period { code } satuanPendidikan { npsn } status reason
  stateMappings { fromState toState } orderedBy { role isViewer } acts { kind reason }
  forward { ...Progress } rollback { ...Progress }
}
fragment Progress on MigrationProgress { planCount movedCount skippedCount endedAt }
"""
SKIPPED_QUERY = """
query Q($id: ID!, $direction: MigrationDirection!, $first: Int!, $after: String) {
  planMigration(id: $id) { skippedPlans(direction: $direction, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { plan { id satuanPendidikan { npsn nama } } state { name } problem { code message } }
  } }
}
"""


async def order_migration(
    environment: Environment, person: int | str, mutation: str, **input: object
) -> dict[str, Any]:
    """Order a migration, or act on one. Return the migration, or the rejection."""
    document = payload_document(mutation, "planMigration { ...Course }") + MIGRATION_FIELDS + PROBLEM_FIELDS
    input = {"reason": REASON} | input
    return join_payload((await (await environment.sign_in(person)).execute(document, input=input))["answer"])


async def expect_order(environment: Environment, mutation: str, **input: object) -> dict[str, Any]:
    """Order a migration that must be accepted, and return it."""
    answer = await order_migration(environment, ADMIN, mutation, **input)
    assert answer["__typename"].endswith("Payload"), answer
    return answer


def versions_input(old: str, new: str) -> dict[str, str]:
    """Return the fields of an order that name its versions by their SHA-256."""
    return {"fromVersionId": workflow_version_id(old), "toVersionId": workflow_version_id(new)}


async def migrate_plans(environment: Environment, old: str, new: str, **input: object) -> dict[str, Any]:
    """Migrate plans, and run the worker until the migration ends."""
    migration = await expect_order(environment, "migratePlans", **versions_input(old, new), **input)
    await run_long_work(environment)
    return await load_migration(environment, migration["id"])


async def roll_back_migration(environment: Environment, id: str) -> dict[str, Any]:
    """Roll a migration back, and run the worker until every plan is moved back or skipped."""
    await expect_order(environment, "rollBackPlanMigration", planMigrationId=id)
    await run_long_work(environment)
    return await load_migration(environment, id)


async def load_migration(environment: Environment, id: str) -> dict[str, Any]:
    """Load a migration."""
    query = "query Q($id: ID!) { planMigration(id: $id) { ...Course } }" + MIGRATION_FIELDS
    migration = (await (await environment.sign_in(ADMIN)).execute(query, id=id))["planMigration"]
    return dict(migration)


async def load_skipped_plans(
    environment: Environment, id: str, direction: str = "FORWARD", language: str = "id"
) -> list[dict[str, Any]]:
    """Load the plans that a migration did not change, in pages of one."""
    admin, plans, after = await environment.sign_in(ADMIN), [], None
    while True:
        answer = await admin.execute(
            SKIPPED_QUERY, language, id=id, direction=direction, first=1, after=after
        )
        page = answer["planMigration"]["skippedPlans"]
        plans += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return plans


async def run_long_work(environment: Environment) -> None:
    """Run a worker until all migrations and dry runs have ended."""
    with environment.database.active():
        async with open_tasks(worker_settings(environment)) as (*_, long_work):
            while await long_work.run_round():
                pass


async def load_plan_versions(environment: Environment) -> dict[str, tuple[str, str, int]]:
    """Return the workflow, the state and the version of each plan by its ptk_id."""
    rows = await environment.sql("SELECT ptk_id::text, workflow, state, version FROM plan")
    return {row["ptk_id"]: (row["workflow"], row["state"], row["version"]) for row in rows}


async def dump_migration_tables(environment: Environment) -> dict[str, list[str]]:
    """Dump everything that migrations write."""
    tables = ("migration", "admin_act", "migration_outcome", "batch_run")
    rows = {
        table: await environment.sql(f"SELECT t::text AS row FROM {table} t ORDER BY 1") for table in tables
    }
    return await environment.dump_tables() | {
        table: [row["row"] for row in found] for table, found in rows.items()
    }


async def load_history(environment: Environment, teacher: int, language: str = "id") -> list[str]:
    """Load the sentences of a teacher's plan history, newest first."""
    person = await environment.sign_in(teacher)
    answer = await person.execute(
        "query Q($id: ID!) { plan(id: $id) { history { edges { node { sentence } } } } }",
        language,
        id=person.plan_id,
    )
    return [edge["node"]["sentence"] for edge in answer["plan"]["history"]["edges"]]
