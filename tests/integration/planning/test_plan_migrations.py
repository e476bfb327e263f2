"""Migrations of plans to another version over GraphQL: order, batches, stop, undo."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from services.kit.database import Database
from services.planning.plan_migration.model import MOVED_COUNT, RunKind
from services.planning.worker import open_tasks
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    JANUARY,
    Environment,
    environment_at,
    problem_codes,
)
from tests.integration.planning.plan_migrations import (
    REASON,
    expect_order,
    load_migration,
    load_plan_versions,
    load_refused_plans,
    migrate_plans,
    order_migration,
    run_long_work,
    undo_migration,
)
from tests.integration.planning.plans import complete_plan, decide_as_head, submit_plan
from tests.integration.planning.reconciliation import (
    fire_timers,
    insert_revision,
    load_last_event,
    reconcile,
    replace_head_by_plt,
    wait_for_blocked_statements,
    worker_settings,
)
from tests.integration.planning.timers import (
    FIRST_REMINDER,
    MINUTE,
    SECOND_REMINDER,
    load_notifications,
    load_timer,
)
from tests.integration.planning.verification import find_faults
from tests.integration.planning.workflow_versions import (
    OTHER_DEFINITION,
    SHIPPED_SHA256,
    approve_version,
    expect_version,
    publish_text,
    sha_of,
    shipped_with,
)
from tests.queries import counting_queries
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    NON_ASN,
    OF_TK,
    PNS,
    SD,
    TK,
)
from tests.unit.workflows.samples import rename_submitted
from workflows.files.loader import read_shipped

MUTATIONS = ("migratePlans", "stopMigration", "resumeMigration", "undoMigration")
RENAMED_STATE_YAML = rename_submitted()
NEEDS_STARS = shipped_with(
    "params:\n", "params:\n  bintang:\n    type: int\n    label: {id: Bintang, en: Stars}\n"
)
WITHOUT_TIMERS = read_shipped().decode().partition("\ntimers:")[0] + "\n"
STATE_MAP = [{"from": "submitted", "to": "handed_in"}]
# The system approves every submission, under any head.
AUTOMATIC = shipped_with("- all: [{head_is: {kind: plt}}, {not: head_is_owner}]", "- not: head_is_owner")


@pytest.fixture
async def environment(registry: Database, own_planning_database: Database) -> AsyncIterator[Environment]:
    async with environment_at(registry, own_planning_database) as environment:
        yield environment


async def dump_migration_tables(environment: Environment) -> dict[str, list[str]]:
    """All that migrations write, to the letter."""
    tables = ("migration", "admin_act", "migration_outcome", "batch_run")
    rows = {
        table: await environment.sql(f"SELECT t::text AS row FROM {table} t ORDER BY 1") for table in tables
    }
    return await environment.dump_tables() | {
        table: [row["row"] for row in found] for table, found in rows.items()
    }


async def history(environment: Environment, teacher: int, language: str = "id") -> list[str]:
    person = await environment.sign_in(teacher)
    answer = await person.execute(
        "query Q($id: ID!) { plan(id: $id) { history { edges { node { sentence } } } } }",
        language,
        id=person.plan_id,
    )
    return [edge["node"]["sentence"] for edge in answer["plan"]["history"]["edges"]]


async def test_migration_moves_plans_with_their_content_and_undo_moves_them_back(
    environment: Environment,
) -> None:
    teacher, colleague = await submit_plan(environment, PNS), await environment.sign_in(COLLEAGUE)
    await complete_plan(colleague)
    before = {who: await person.load_plan() for who, person in ((PNS, teacher), (COLLEAGUE, colleague))}
    sha = await approve_version(environment)
    migration = await migrate_plans(environment, SHIPPED_SHA256, sha)
    assert (migration["status"], migration["by"], migration["reason"]) == (
        "DONE", {"kind": "ADMIN", "isViewer": True}, REASON,
    )  # fmt: skip
    assert {name: migration["there"][name] for name in ("plans", "moved", "refused")} == {
        "plans": 2, "moved": 2, "refused": 0,
    }  # fmt: skip
    assert set((await load_plan_versions(environment)).values()) == {(sha, "submitted", 8), (sha, "draft", 7)}
    now = await teacher.load_plan()
    assert now["state"]["label"] == "Sudah diajukan"
    same = ("content", "profile", "submittedAt", "satuanPendidikan", "tab", "revisionDue", "note")
    assert {name: now[name] for name in same} == {name: before[PNS][name] for name in same}

    event = await load_last_event(environment, str(ptk(PNS)))
    assert (event["kind"], event["from"], event["to"]) == ("migrated", "submitted", "submitted")
    assert (event["workflow"], event["actor"]["kind"]) == (sha, "person")
    assert event["detail"] == {"migration": 1, "former_workflow": SHIPPED_SHA256, "reason": REASON}
    assert (await history(environment, PNS))[0] == (
        "15 Januari 2024 pukul 09.00 WIB: Admin memindahkan rencana ini ke versi lain dari alur kerjanya; semua "
        "isiannya tetap ada, status rencana: Sudah diajukan. Alasan: “Koreksi dimungkinkan”."
    )
    assert (await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note="Mohon dilengkapi."))[
        "version"
    ] == 9

    back = await undo_migration(environment, migration["id"])
    assert back["status"] == "UNDONE"
    assert {name: back["back"][name] for name in ("plans", "moved", "refused")} == {
        "plans": 2, "moved": 1, "refused": 1,
    }  # fmt: skip
    lives = await load_plan_versions(environment)
    assert lives[str(ptk(PNS))] == (sha, "draft", 9)
    assert lives[str(ptk(COLLEAGUE))] == (SHIPPED_SHA256, "draft", 8)
    (refused_plan,) = await load_refused_plans(environment, migration["id"], back=True)
    assert (refused_plan["planId"], refused_plan["problem"]["code"]) == (
        teacher.plan_id,
        "migration.changed_since",
    )
    assert refused_plan["satuanPendidikan"] == {"npsn": SD, "nama": "SD NEGERI CONTOH 01"}
    assert "(Minta perbaikan, 15 Januari 2024" in refused_plan["problem"]["message"]
    assert (await history(environment, COLLEAGUE, "en"))[0].startswith(
        "15 January 2024, 09:00 WIB: an admin returned this plan to the former version of its workflow;"
    )
    assert await find_faults(environment) == []
    await colleague.mutate_plan("submitPlan")


async def test_plans_in_a_removed_state_are_mapped_or_refused(
    environment: Environment,
) -> None:
    teacher = await submit_plan(environment, PNS)
    await complete_plan(await environment.sign_in(COLLEAGUE))
    sha = await approve_version(environment, RENAMED_STATE_YAML)
    migration = await migrate_plans(environment, SHIPPED_SHA256, sha)
    assert (migration["there"]["moved"], migration["there"]["refused"]) == (1, 1)
    (refused_plan,) = await load_refused_plans(environment, migration["id"], language="en")
    assert (refused_plan["planId"], refused_plan["state"], refused_plan["problem"]["code"]) == (
        teacher.plan_id, {"name": "submitted"}, "moving.state_gone",
    )  # fmt: skip
    assert "no state Submitted" in refused_plan["problem"]["message"]
    assert (await load_plan_versions(environment))[str(ptk(PNS))] == (SHIPPED_SHA256, "submitted", 7)
    assert (await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note="Lagi."))[
        "version"
    ] == 8
    await teacher.mutate_plan("submitPlan", 8)

    again = await migrate_plans(environment, SHIPPED_SHA256, sha, states=STATE_MAP)
    assert (again["states"], again["there"]["moved"]) == (STATE_MAP, 1)
    assert (await load_plan_versions(environment))[str(ptk(PNS))] == (sha, "handed_in", 10)
    assert (await undo_migration(environment, again["id"]))["back"]["moved"] == 1
    assert (await load_plan_versions(environment))[str(ptk(PNS))] == (SHIPPED_SHA256, "submitted", 11)
    assert await find_faults(environment) == []


async def test_plans_of_a_later_period_without_a_required_value_are_refused(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment, NEEDS_STARS)
    await insert_revision(environment, 3, JANUARY, bintang=3)
    migration = await expect_order(environment, "migratePlans", **{"from": SHIPPED_SHA256, "to": sha})
    later = "jsonb_build_object('code', '2024-2', 'period', '2024-2', 'id', gen_random_uuid())"
    for table in ("period", "period_revision WHERE t.number = 1", "plan", "plan_event"):
        name, _, which = table.partition(" ")
        await environment.sql(
            f"INSERT INTO {name} SELECT (jsonb_populate_record(t, {later})).* FROM {name} t {which}"
        )
    await run_long_work(environment)
    result = await load_migration(environment, migration["id"])
    assert (result["status"], result["there"]["moved"], result["there"]["refused"]) == ("DONE", 1, 1)
    (refused_plan,) = await load_refused_plans(environment, migration["id"], language="en")
    assert refused_plan["problem"]["code"] == "workflow.parameter_missing"
    assert (
        "needs the value bintang, which the period 2024-2 does not have" in refused_plan["problem"]["message"]
    )


async def test_batch_and_act_on_a_timer_do_not_deadlock(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    migration = await expect_order(
        environment, "migratePlans", **{"from": SHIPPED_SHA256, "to": await approve_version(environment)}
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
    assert (await load_migration(environment, migration["id"]))["there"]["moved"] == 1


async def test_failed_batch_does_not_block_other_runs(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    migration = await expect_order(environment, "migratePlans", **{"from": SHIPPED_SHA256, "to": sha})
    await environment.sql(
        "INSERT INTO batch_run "
        'SELECT (jsonb_populate_record(r, \'{"kind": "dry_run", "number": 0}\')).* FROM batch_run r'
    )
    with pytest.raises(AssertionError, match="a run belongs to a dry run"):
        await run_long_work(environment)
    assert (await load_migration(environment, migration["id"]))["status"] == "DONE"


async def test_command_on_the_version_before_the_move_gets_a_conflict(
    environment: Environment,
) -> None:
    teacher = await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    await migrate_plans(environment, SHIPPED_SHA256, sha)
    superior = await environment.sign_in(HEAD_OF_SD)
    stale = {"planId": teacher.plan_id, "expectedVersion": 7}
    assert problem_codes(await superior.mutate("approvePlan", stale)) == ["version.conflict"]
    assert (await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan"))["version"] == 9


async def test_moved_plan_has_the_timers_of_the_new_version_with_their_counts(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    timers = "SELECT timer, first_due, due, count FROM plan_timer ORDER BY 1"
    await environment.sql(
        "UPDATE plan_timer SET count = 1, due = due + interval '3 days' WHERE timer = 'remind_superior'"
    )
    before = await environment.sql(timers)
    assert len(before) == 2
    await migrate_plans(environment, SHIPPED_SHA256, await approve_version(environment))
    assert await environment.sql(timers) == before
    without = await approve_version(environment, WITHOUT_TIMERS)
    migration = await migrate_plans(environment, sha_of(OTHER_DEFINITION), without)
    assert await environment.sql(timers) == []
    await undo_migration(environment, migration["id"])
    assert [row["timer"] for row in await environment.sql(timers)] == [row["timer"] for row in before]


async def test_reminder_is_not_repeated_after_a_move_and_its_undo(
    registry: Database, own_planning_database: Database
) -> None:
    async with environment_at(registry, own_planning_database) as environment:
        await submit_plan(environment, PNS)
        await fire_timers(environment, FIRST_REMINDER + MINUTE)
        once = await load_notifications(environment)
        assert [name for _, name, _ in once] == ["remind_superior"]
    without = await publish_text(own_planning_database, WITHOUT_TIMERS)
    async with environment_at(registry, own_planning_database, FIRST_REMINDER + 2 * MINUTE) as environment:
        migration = await migrate_plans(environment, SHIPPED_SHA256, without)
        await undo_migration(environment, migration["id"])
        await fire_timers(environment, FIRST_REMINDER + 3 * MINUTE)
        assert await load_notifications(environment) == once
        assert (await load_timer(environment, "remind_superior"))["due"] == SECOND_REMINDER
        await fire_timers(environment, SECOND_REMINDER + MINUTE)
        assert [name for _, name, _ in await load_notifications(environment)] == ["remind_superior"] * 2


async def test_order_with_school_and_period_moves_only_their_plans(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    await (await environment.sign_in(OF_TK)).start_plan()
    sha = await approve_version(environment)
    migration = await migrate_plans(environment, SHIPPED_SHA256, sha, npsn=TK, period="2024-1")
    assert (migration["npsn"], migration["period"], migration["there"]["plans"]) == (TK, "2024-1", 1)
    lives = await load_plan_versions(environment)
    assert (lives[str(ptk(OF_TK))][0], lives[str(ptk(PNS))][0]) == (sha, SHIPPED_SHA256)


async def test_stopped_migration_moves_no_plan_until_it_is_resumed(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    migration = await expect_order(environment, "migratePlans", **{"from": SHIPPED_SHA256, "to": sha})
    assert migration["status"] == "RUNNING"
    stopped_migration = await expect_order(environment, "stopMigration", id=migration["id"])
    await run_long_work(environment)
    assert (
        (await load_migration(environment, migration["id"]))["status"]
        == stopped_migration["status"]
        == "STOPPED"
    )
    assert {plan[0] for plan in (await load_plan_versions(environment)).values()} == {SHIPPED_SHA256}
    before = await dump_migration_tables(environment)
    assert problem_codes(await order_migration(environment, ADMIN, "stopMigration", id=migration["id"])) == [
        "migration.stopped_already"
    ]
    assert await dump_migration_tables(environment) == before
    assert (await expect_order(environment, "resumeMigration", id=migration["id"]))["status"] == "RUNNING"
    assert problem_codes(
        await order_migration(environment, ADMIN, "resumeMigration", id=migration["id"])
    ) == ["migration.not_stopped"]
    await run_long_work(environment)
    result = await load_migration(environment, migration["id"])
    assert (result["status"], [act["act"] for act in result["acts"]]) == ("DONE", ["STOP", "RESUME"])
    for mutation in ("stopMigration", "resumeMigration"):
        assert problem_codes(await order_migration(environment, ADMIN, mutation, id=migration["id"])) == [
            "migration.over"
        ]
    assert (await undo_migration(environment, migration["id"]))["status"] == "UNDONE"
    assert problem_codes(await order_migration(environment, ADMIN, "undoMigration", id=migration["id"])) == [
        "migration.undone_already"
    ]


async def test_undo_is_refused_while_another_migration_moves_plans_from_the_old_version(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    await complete_plan(await environment.sign_in(COLLEAGUE))
    sha = await approve_version(environment, RENAMED_STATE_YAML)
    first = await migrate_plans(environment, SHIPPED_SHA256, sha)
    second = await expect_order(
        environment, "migratePlans", **{"from": SHIPPED_SHA256, "to": sha, "states": STATE_MAP}
    )
    before = await dump_migration_tables(environment)
    assert problem_codes(await order_migration(environment, ADMIN, "undoMigration", id=first["id"])) == [
        "migration.under_way"
    ]
    assert await dump_migration_tables(environment) == before
    assert (await undo_migration(environment, second["id"]))["status"] == "UNDONE"
    assert (await undo_migration(environment, first["id"]))["back"]["moved"] == 1


async def test_migration_undone_before_its_first_batch_moves_nothing(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    migration = await expect_order(environment, "migratePlans", **{"from": SHIPPED_SHA256, "to": sha})
    before = await load_plan_versions(environment)
    back = await undo_migration(environment, migration["id"])
    assert (back["status"], back["there"]["moved"], back["back"]["plans"]) == ("UNDONE", 0, 0)
    assert await load_plan_versions(environment) == before


async def test_worker_decides_moved_plans_that_wait_by_the_new_version(
    environment: Environment,
) -> None:
    teacher = await submit_plan(environment, PNS)
    sha = await approve_version(environment, AUTOMATIC)
    await reconcile(environment)
    await migrate_plans(environment, SHIPPED_SHA256, sha)
    assert (await teacher.load_plan())["state"]["name"] == "submitted"
    await reconcile(environment)
    assert (await teacher.load_plan())["state"]["name"] == "auto_approved"
    assert (await load_last_event(environment, str(ptk(PNS))))["detail"]["cause"] == {"waits_since": 8}
    assert await find_faults(environment) == []


async def test_migration_moves_plans_that_started_after_the_order_too(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    sha = await publish_text(environment.database, OTHER_DEFINITION)
    await (await environment.sign_in(COLLEAGUE)).start_plan()
    assert (await migrate_plans(environment, SHIPPED_SHA256, sha))["there"]["moved"] == 1
    assert {plan[0] for plan in (await load_plan_versions(environment)).values()} == {sha}


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_only_an_admin_can_order_and_act_on_a_migration(
    environment: Environment, mutation: str
) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    migration = await expect_order(environment, "migratePlans", **{"from": SHIPPED_SHA256, "to": sha})
    if mutation == "resumeMigration":
        await expect_order(environment, "stopMigration", id=migration["id"])
    before = await dump_migration_tables(environment)
    input: dict[str, Any] = (
        {"from": SHIPPED_SHA256, "to": sha} if mutation == "migratePlans" else {"id": migration["id"]}
    )
    for who in (PNS, HEAD_OF_SD):
        assert problem_codes(await order_migration(environment, who, mutation, **input)) == [
            "actor.not_admin"
        ]
    assert await dump_migration_tables(environment) == before


@pytest.mark.parametrize(
    "query",
    [
        "migration(id: $id) { status }",
        "migrations { edges { node { status } } } x: migration(id: $id) { id }",
    ],
)
async def test_only_an_admin_can_query_migrations(environment: Environment, query: str) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment)
    migration = await expect_order(environment, "migratePlans", **{"from": SHIPPED_SHA256, "to": sha})
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
        (await expect_version(environment, ADMIN, "draftWorkflow", yaml=RENAMED_STATE_YAML))["sha256"]
    )
    needs_more = str(
        (
            await expect_version(
                environment,
                ADMIN,
                "draftWorkflow",
                yaml=NEEDS_STARS,
            )
        )["sha256"]
    )
    await expect_version(environment, "pengelola2@dinas.belajar.id", "approveWorkflow", sha256=needs_more)
    before = await dump_migration_tables(environment)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"from": SHIPPED_SHA256, "to": SHIPPED_SHA256}, ["migration.same_version"]),
        ({"from": "beef" * 16, "to": "x"}, ["workflow.unknown", "workflow.unknown"]),
        ({"from": SHIPPED_SHA256, "to": draft, "reason": " "}, ["migration.not_approved", "reason.missing"]),
        ({"from": SHIPPED_SHA256, "to": sha, "reason": "x" * 501}, ["text.too_long"]),
        ({"from": SHIPPED_SHA256, "to": sha, "period": "2099-1"}, ["migration.nobody"]),
        ({"from": SHIPPED_SHA256, "to": sha, "npsn": "99999999"}, ["migration.nobody"]),
        ({"from": sha, "to": SHIPPED_SHA256}, ["migration.nobody"]),
        ({"from": SHIPPED_SHA256, "to": needs_more}, ["workflow.parameter_missing"]),
        (
            {"from": SHIPPED_SHA256, "to": sha, "states": [
                {"from": "draft", "to": "approved"}, {"from": "draft", "to": "x"}, {"from": "y", "to": "draft"},
            ]},
            ["map.onward", "map.to_unknown", "map.twice", "map.from_unknown"],
        ),
    ]  # fmt: skip
    for given, expected in cases:
        assert problem_codes(await order_migration(environment, ADMIN, "migratePlans", **given)) == expected
    assert await dump_migration_tables(environment) == before
    await expect_order(environment, "migratePlans", **{"from": SHIPPED_SHA256, "to": sha, "npsn": SD})
    before = await dump_migration_tables(environment)
    assert problem_codes(
        await order_migration(environment, ADMIN, "migratePlans", **{"from": SHIPPED_SHA256, "to": sha})
    ) == ["migration.under_way"]
    for id in ("x", "TWlncmF0aW9uOjk5", (await environment.sign_in(PNS)).plan_id):
        for mutation in MUTATIONS[1:]:
            answer = await order_migration(environment, ADMIN, mutation, id=id)
            assert problem_codes(answer)[0] in {"id.invalid", "migration.unknown"}
    assert await dump_migration_tables(environment) == before


async def test_plan_with_a_version_conflict_is_moved_by_the_next_batch(environment: Environment) -> None:
    teachers = sorted((PNS, COLLEAGUE, NON_ASN), key=ptk)
    for who in teachers:
        await submit_plan(environment, who)
    migration = await expect_order(
        environment, "migratePlans", **{"from": SHIPPED_SHA256, "to": await approve_version(environment)}
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
    assert (result["status"], result["there"]["moved"], result["there"]["refused"]) == ("DONE", 3, 0)
    assert await find_faults(environment) == []


async def test_number_of_statements_of_a_migration(environment: Environment) -> None:
    for who in (PNS, COLLEAGUE, NON_ASN):
        await submit_plan(environment, who)
    sha = await approve_version(environment)
    with counting_queries() as queries:
        migration = await expect_order(environment, "migratePlans", **{"from": SHIPPED_SHA256, "to": sha})
    assert len(queries) == 14
    with counting_queries() as queries:
        await run_long_work(environment)
    batches = [query for query in queries if "FOR NO KEY UPDATE" in query and "FROM plan\n" in query]
    assert len(batches) == 2  # three plans are one batch; a second look finds nobody
    assert len(queries) == 17
    with counting_queries() as queries:
        await load_migration(environment, migration["id"])
    assert len(queries) == 1
    assert (await load_last_event(environment, str(ptk(PNS))))["kind"] == "migrated"
    assert sha == sha_of(OTHER_DEFINITION)


async def test_new_head_sees_a_migrated_plan(
    registry: Database, own_planning_database: Database, own_registry: Database
) -> None:
    async with environment_at(own_registry, own_planning_database) as environment:
        teacher = await submit_plan(environment, PNS)
        sha = await approve_version(environment)
        await reconcile(environment)
        await migrate_plans(environment, SHIPPED_SHA256, sha)
        await reconcile(environment)
        await replace_head_by_plt(own_registry, COLLEAGUE, at=JANUARY)
        await reconcile(environment)
        assert (await teacher.load_plan())["state"]["name"] == "auto_approved"
