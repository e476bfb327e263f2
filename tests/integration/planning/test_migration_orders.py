"""Admins order, stop, resume and roll back migrations over GraphQL, and refusals of these acts."""

from __future__ import annotations

from typing import Any

import pytest

from services.planning.api.ids import plan_migration_id
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    Environment,
    problem_codes,
)
from tests.integration.planning.plan_migrations import (
    MUTATIONS,
    NEEDS_STARS,
    RENAMED_STATE_YAML,
    STATE_MAPPINGS,
    dump_migration_tables,
    expect_order,
    load_migration,
    load_plan_versions,
    migrate_plans,
    order_migration,
    roll_back_migration,
    run_long_work,
    versions_input,
)
from tests.integration.planning.plans import complete_plan, submit_plan
from tests.integration.planning.workflow_versions import (
    SHIPPED_SHA256,
    approve_version,
    expect_version,
)
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    OF_TK,
    PNS,
    SD,
    TK,
)


@pytest.fixture
def environment(environment_of_own_database: Environment) -> Environment:
    return environment_of_own_database


async def test_order_with_school_and_period_moves_only_their_plans(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    await (await environment.sign_in(OF_TK)).start_plan()
    sha = await approve_version(environment)
    migration = await migrate_plans(environment, SHIPPED_SHA256, sha, npsn=TK, period="2024-1")
    assert (migration["satuanPendidikan"], migration["period"], migration["forward"]["planCount"]) == (
        {"npsn": TK}, {"code": "2024-1"}, 1,
    )  # fmt: skip
    lives = await load_plan_versions(environment)
    assert (lives[str(ptk(OF_TK))][0], lives[str(ptk(PNS))][0]) == (sha, SHIPPED_SHA256)


async def test_stopped_migration_moves_no_plan_until_it_is_resumed(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    migration = await expect_order(environment, "migratePlans", **versions_input(SHIPPED_SHA256, sha))
    assert migration["status"] == "RUNNING"
    stopped_migration = await expect_order(environment, "stopPlanMigration", planMigrationId=migration["id"])
    await run_long_work(environment)
    assert (
        (await load_migration(environment, migration["id"]))["status"]
        == stopped_migration["status"]
        == "STOPPED"
    )
    assert {plan[0] for plan in (await load_plan_versions(environment)).values()} == {SHIPPED_SHA256}
    before = await dump_migration_tables(environment)
    assert problem_codes(
        await order_migration(environment, ADMIN, "stopPlanMigration", planMigrationId=migration["id"])
    ) == ["migration.stopped_already"]
    assert await dump_migration_tables(environment) == before
    resumed = await expect_order(environment, "resumePlanMigration", planMigrationId=migration["id"])
    assert resumed["status"] == "RUNNING"
    assert problem_codes(
        await order_migration(environment, ADMIN, "resumePlanMigration", planMigrationId=migration["id"])
    ) == ["migration.not_stopped"]
    await run_long_work(environment)
    result = await load_migration(environment, migration["id"])
    assert (result["status"], [act["kind"] for act in result["acts"]]) == ("DONE", ["STOP", "RESUME"])
    for mutation in ("stopPlanMigration", "resumePlanMigration"):
        assert problem_codes(
            await order_migration(environment, ADMIN, mutation, planMigrationId=migration["id"])
        ) == ["migration.over"]
    assert (await roll_back_migration(environment, migration["id"]))["status"] == "ROLLED_BACK"
    assert problem_codes(
        await order_migration(environment, ADMIN, "rollBackPlanMigration", planMigrationId=migration["id"])
    ) == ["migration.rolled_back_already"]


async def test_rollback_is_refused_while_another_migration_moves_plans_from_the_old_version(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    await complete_plan(await environment.sign_in(COLLEAGUE))
    sha = await approve_version(environment, RENAMED_STATE_YAML)
    first = await migrate_plans(environment, SHIPPED_SHA256, sha)
    second = await expect_order(
        environment, "migratePlans", **versions_input(SHIPPED_SHA256, sha), stateMappings=STATE_MAPPINGS
    )
    before = await dump_migration_tables(environment)
    assert problem_codes(
        await order_migration(environment, ADMIN, "rollBackPlanMigration", planMigrationId=first["id"])
    ) == ["migration.under_way"]
    assert await dump_migration_tables(environment) == before
    assert (await roll_back_migration(environment, second["id"]))["status"] == "ROLLED_BACK"
    assert (await roll_back_migration(environment, first["id"]))["rollback"]["movedCount"] == 1


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_only_an_admin_can_order_and_act_on_a_migration(
    environment: Environment, mutation: str
) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    migration = await expect_order(environment, "migratePlans", **versions_input(SHIPPED_SHA256, sha))
    if mutation == "resumePlanMigration":
        await expect_order(environment, "stopPlanMigration", planMigrationId=migration["id"])
    before = await dump_migration_tables(environment)
    input: dict[str, Any] = (
        versions_input(SHIPPED_SHA256, sha)
        if mutation == "migratePlans"
        else {"planMigrationId": migration["id"]}
    )
    for who in (PNS, HEAD_OF_SD):
        assert problem_codes(await order_migration(environment, who, mutation, **input)) == [
            "actor.not_admin"
        ]
    assert await dump_migration_tables(environment) == before


@pytest.mark.parametrize(
    "query",
    [
        "planMigration(id: $id) { status }",
        "planMigrations { nodes { status } } x: planMigration(id: $id) { id }",
    ],
)
async def test_only_an_admin_can_query_migrations(environment: Environment, query: str) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    migration = await expect_order(environment, "migratePlans", **versions_input(SHIPPED_SHA256, sha))
    teacher, document = await environment.sign_in(PNS), f"query Q($id: ID!) {{ {query} }}"
    _, answer = await teacher.post({"query": document, "variables": {"id": migration["id"]}})
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"} or answer["errors"]
    assert not any((answer.get("data") or {}).values())
    assert await (await environment.sign_in(ADMIN)).execute(document, id=migration["id"])


async def test_order_is_refused_with_all_problems_and_stores_nothing(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    draft = str(
        (await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=RENAMED_STATE_YAML))[
            "sha256"
        ]
    )
    needs_more = str(
        (
            await expect_version(
                environment,
                ADMIN,
                "proposeWorkflowVersion",
                yaml=NEEDS_STARS,
            )
        )["sha256"]
    )
    await expect_version(
        environment, "pengelola2@dinas.belajar.id", "approveWorkflowVersion", sha256=needs_more
    )
    before = await dump_migration_tables(environment)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        (versions_input(SHIPPED_SHA256, SHIPPED_SHA256), ["migration.same_version"]),
        (versions_input("beef" * 16, "0" * 64), ["workflow.unknown", "workflow.unknown"]),
        ({"fromVersionId": "x", "toVersionId": SHIPPED_SHA256}, ["id.invalid"]),
        (versions_input(SHIPPED_SHA256, draft) | {"reason": " "}, ["migration.not_approved", "reason.missing"]),
        (versions_input(SHIPPED_SHA256, sha) | {"reason": "x" * 501}, ["text.too_long"]),
        (versions_input(SHIPPED_SHA256, sha) | {"period": "2099-1"}, ["migration.nobody"]),
        (versions_input(SHIPPED_SHA256, sha) | {"npsn": "99999999"}, ["migration.nobody"]),
        (versions_input(sha, SHIPPED_SHA256), ["migration.nobody"]),
        (versions_input(SHIPPED_SHA256, needs_more), ["workflow.parameter_missing"]),
        (
            versions_input(SHIPPED_SHA256, sha) | {"stateMappings": [
                {"fromState": "draft", "toState": "approved"}, {"fromState": "draft", "toState": "x"},
                {"fromState": "y", "toState": "draft"},
            ]},
            ["map.onward", "map.to_unknown", "map.twice", "map.from_unknown"],
        ),
    ]  # fmt: skip
    for given, expected in cases:
        assert problem_codes(await order_migration(environment, ADMIN, "migratePlans", **given)) == expected
    assert await dump_migration_tables(environment) == before
    await expect_order(environment, "migratePlans", **versions_input(SHIPPED_SHA256, sha), npsn=SD)
    before = await dump_migration_tables(environment)
    assert problem_codes(
        await order_migration(environment, ADMIN, "migratePlans", **versions_input(SHIPPED_SHA256, sha))
    ) == ["migration.under_way"]
    for id in ("x", plan_migration_id(99), (await environment.sign_in(PNS)).plan_id):
        for mutation in MUTATIONS[1:]:
            answer = await order_migration(environment, ADMIN, mutation, planMigrationId=id)
            assert problem_codes(answer)[0] in {"id.invalid", "migration.unknown"}
    assert await dump_migration_tables(environment) == before
