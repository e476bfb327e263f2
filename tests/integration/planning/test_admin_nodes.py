"""Workflow versions, migrations and dry runs by their global ids, and the plans that their lists name."""

from __future__ import annotations

from typing import Any

import pytest

from services.planning.api.ids import dry_run_id, plan_migration_id, workflow_version_id
from tests.integration.planning.environment import Environment
from tests.integration.planning.plan_migrations import (
    RENAMED_STATE_YAML,
    SKIPPED_QUERY,
    load_skipped_plans,
    migrate_plans,
)
from tests.integration.planning.plans import submit_plan
from tests.integration.planning.test_dry_runs import AUTOMATIC, compose_plans, run_dry_run
from tests.integration.planning.workflow_versions import SHIPPED_SHA256, approve_version
from tests.queries import counting_queries
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, NON_ASN, PLT_OF_TK, PNS

NODES = "query Q($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on WorkflowVersion { status basedOn { id } } } }"
PAGES = """
query Q($id: ID!, $plans: String, $commands: String) { dryRun(id: $id) {
  planGroups(first: 1, after: $plans) { nodes { state samplePlans { id } } pageInfo { hasNextPage endCursor } }
  commandGroups(first: 1, after: $commands) {
    nodes { trigger outcome commandCount } pageInfo { hasNextPage endCursor }
  }
} }
"""
MIGRATIONS = (
    "{ planMigrations { nodes { fromVersion { name } toVersion { acts { reason } } period { code } } } }"
)
KNOWN = [workflow_version_id(SHIPPED_SHA256), plan_migration_id(1), dry_run_id(1)]
UNKNOWN = [workflow_version_id("0" * 64), plan_migration_id(99), dry_run_id(99)]


@pytest.fixture
def environment(environment_of_own_database: Environment) -> Environment:
    return environment_of_own_database


async def test_only_an_admin_loads_objects_of_admins_by_id(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    await run_dry_run(environment, AUTOMATIC)
    await migrate_plans(environment, SHIPPED_SHA256, await approve_version(environment))
    admin = await environment.sign_in(ADMIN)
    nodes = (await admin.execute(NODES, ids=[*KNOWN, *UNKNOWN]))["nodes"]
    assert nodes == [
        {"__typename": "WorkflowVersion", "id": KNOWN[0], "status": "PUBLISHED", "basedOn": None},
        {"__typename": "PlanMigration", "id": KNOWN[1]},
        {"__typename": "DryRun", "id": KNOWN[2]},
        None, None, None,
    ]  # fmt: skip
    for who in (PNS, HEAD_OF_SD, PLT_OF_TK):
        person = await environment.sign_in(who)
        with counting_queries() as queries:
            answer = await person.execute(NODES, ids=[*KNOWN, *UNKNOWN])
        assert (answer["nodes"], queries) == ([None] * 6, [])


async def test_skipped_plans_are_loaded_in_one_statement(environment: Environment) -> None:
    for who in (PNS, COLLEAGUE, NON_ASN):
        await submit_plan(environment, who)
    migration = await migrate_plans(
        environment, SHIPPED_SHA256, await approve_version(environment, RENAMED_STATE_YAML)
    )
    skipped = await load_skipped_plans(environment, migration["id"])  # fills the caches
    admin, counts = await environment.sign_in(ADMIN), []
    for first in (1, 3):
        with counting_queries() as queries:
            arguments = {"id": migration["id"], "direction": "FORWARD", "first": first, "after": None}
            page = (await admin.execute(SKIPPED_QUERY, **arguments))["planMigration"]["skippedPlans"]
        counts.append(len(queries))
        assert page["nodes"] == skipped[:first]
    assert counts == [3, 3]  # the migration, the page and its plans


async def test_versions_and_periods_of_a_list_are_loaded_together(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    sha256, admin = await approve_version(environment), await environment.sign_in(ADMIN)
    counts = []
    for old, new in ((SHIPPED_SHA256, sha256), (sha256, SHIPPED_SHA256)):
        await migrate_plans(environment, old, new, period="2024-1")
        with counting_queries() as queries:
            answer = await admin.execute(MIGRATIONS)
        counts.append((len(answer["planMigrations"]["nodes"]), len(queries)))
    assert counts == [(1, 4), (2, 4)]  # the page, both versions with their acts, and the period


async def test_groups_of_a_dry_run_are_listed_page_by_page(environment: Environment) -> None:
    await compose_plans(environment)
    dry_run = await run_dry_run(environment, AUTOMATIC)
    admin, plan_groups, command_groups = await environment.sign_in(ADMIN), [], []
    cursors: dict[str, Any] = {"plans": None, "commands": None}
    for _ in range(4):
        page = (await admin.execute(PAGES, id=dry_run["id"], **cursors))["dryRun"]
        plan_groups += page["planGroups"]["nodes"]
        command_groups += page["commandGroups"]["nodes"]
        cursors = {
            name: page[f"{name[:-1]}Groups"]["pageInfo"]["endCursor"] or cursors[name] for name in cursors
        }
    assert not page["planGroups"]["pageInfo"]["hasNextPage"]
    assert not page["commandGroups"]["pageInfo"]["hasNextPage"]
    names = ("state", "samplePlans")
    assert plan_groups == [{name: group[name] for name in names} for group in dry_run["planGroups"]["nodes"]]
    names = ("trigger", "outcome", "commandCount")  # type: ignore[assignment]
    assert command_groups == [
        {name: group[name] for name in names} for group in dry_run["commandGroups"]["nodes"]
    ]


@pytest.mark.parametrize("name", ["plans", "commands"])
async def test_cursor_of_another_list_is_invalid(environment: Environment, name: str) -> None:
    await submit_plan(environment, PNS)
    dry_run = await run_dry_run(environment, AUTOMATIC)
    admin = await environment.sign_in(ADMIN)
    for cursor in ("x", KNOWN[0]):
        variables = {"id": dry_run["id"], name: cursor}
        _, answer = await admin.post({"query": PAGES, "variables": variables})
        assert [error["extensions"]["problem"]["code"] for error in answer["errors"]] == ["cursor.invalid"]
