"""Plans move to another workflow version, and their content, state and timers with them."""

from __future__ import annotations

import pytest

from services.kit.database import Database
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    JANUARY,
    Environment,
    environment_at,
    problem_codes,
)
from tests.integration.planning.partners import load_statuses, partner_client
from tests.integration.planning.plan_migrations import (
    NEEDS_STARS,
    REASON,
    RENAMED_STATE_YAML,
    STATE_MAPPINGS,
    expect_order,
    load_history,
    load_migration,
    load_plan_versions,
    load_skipped_plans,
    migrate_plans,
    roll_back_migration,
    run_long_work,
    versions_input,
)
from tests.integration.planning.plans import complete_plan, decide_as_head, submit_plan
from tests.integration.planning.reconciliation import (
    fire_timers,
    insert_revision,
    load_last_event,
    reconcile,
    replace_head_by_plt,
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
    publish_text,
    sha_of,
    shipped_with,
)
from tests.small_registry import (
    COLLEAGUE,
    HEAD_OF_SD,
    PNS,
    SD,
)
from workflows.files.loader import read_shipped

WITHOUT_TIMERS = read_shipped().decode().partition("\ntimers:")[0] + "\n"
# The system approves every submission, under any head.
AUTOMATIC = shipped_with("- all: [{head_is: {kind: plt}}, {not: head_is_owner}]", "- not: head_is_owner")


@pytest.fixture
def environment(environment_of_own_database: Environment) -> Environment:
    return environment_of_own_database


async def test_migration_moves_plans_with_their_content_and_the_rollback_moves_them_back(
    environment: Environment,
) -> None:
    teacher, colleague = await submit_plan(environment, PNS), await environment.sign_in(COLLEAGUE)
    await complete_plan(colleague)
    before = {who: await person.load_plan() for who, person in ((PNS, teacher), (COLLEAGUE, colleague))}
    sha = await approve_version(environment)
    migration = await migrate_plans(environment, SHIPPED_SHA256, sha)
    assert (migration["status"], migration["orderedBy"], migration["reason"]) == (
        "DONE", {"role": "ADMIN", "isViewer": True}, REASON,
    )  # fmt: skip
    assert {name: migration["forward"][name] for name in ("planCount", "movedCount", "skippedCount")} == {
        "planCount": 2, "movedCount": 2, "skippedCount": 0,
    }  # fmt: skip
    assert set((await load_plan_versions(environment)).values()) == {(sha, "submitted", 8), (sha, "draft", 7)}
    now = await teacher.load_plan()
    assert now["state"]["label"] == "Sudah diajukan"
    same = ("content", "profile", "submittedAt", "satuanPendidikan", "tab", "revisionDueOn", "note")
    assert {name: now[name] for name in same} == {name: before[PNS][name] for name in same}

    event = await load_last_event(environment, str(ptk(PNS)))
    assert (event["kind"], event["from"], event["to"]) == ("migrated", "submitted", "submitted")
    assert (event["workflow"], event["actor"]["kind"]) == (sha, "person")
    assert event["detail"] == {
        "migration": 1, "former_workflow": SHIPPED_SHA256, "reason": REASON, "is_rename": False,
    }  # fmt: skip
    assert (await load_history(environment, PNS))[0] == (
        "15 Januari 2024 pukul 09.00 WIB: Admin memindahkan rencana ini ke versi lain dari alur kerjanya; semua "
        "isiannya tetap ada, status rencana: Sudah diajukan. Alasan: “Koreksi dimungkinkan”."
    )
    assert (await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note="Mohon dilengkapi."))[
        "version"
    ] == 9

    back = await roll_back_migration(environment, migration["id"])
    assert back["status"] == "ROLLED_BACK"
    assert {name: back["rollback"][name] for name in ("planCount", "movedCount", "skippedCount")} == {
        "planCount": 2, "movedCount": 1, "skippedCount": 1,
    }  # fmt: skip
    lives = await load_plan_versions(environment)
    assert lives[str(ptk(PNS))] == (sha, "draft", 9)
    assert lives[str(ptk(COLLEAGUE))] == (SHIPPED_SHA256, "draft", 8)
    (skipped_plan,) = await load_skipped_plans(environment, migration["id"], "ROLLBACK")
    assert (skipped_plan["plan"]["id"], skipped_plan["problem"]["code"]) == (
        teacher.plan_id,
        "migration.changed_since",
    )
    assert skipped_plan["plan"]["satuanPendidikan"] == {"npsn": SD, "nama": "SD NEGERI CONTOH 01"}
    assert "(Minta perbaikan, 15 Januari 2024" in skipped_plan["problem"]["message"]
    assert (await load_history(environment, COLLEAGUE, "en"))[0].startswith(
        "15 January 2024, 09:00 WIB: an admin returned this plan to the former version of its workflow;"
    )
    assert await find_faults(environment) == []
    await colleague.mutate_plan("submitPlan")


async def test_plans_in_a_removed_state_are_mapped_or_skipped(
    environment: Environment,
) -> None:
    teacher = await submit_plan(environment, PNS)
    await complete_plan(await environment.sign_in(COLLEAGUE))
    sha = await approve_version(environment, RENAMED_STATE_YAML)
    migration = await migrate_plans(environment, SHIPPED_SHA256, sha)
    assert (migration["forward"]["movedCount"], migration["forward"]["skippedCount"]) == (1, 1)
    (skipped_plan,) = await load_skipped_plans(environment, migration["id"], language="en")
    assert (skipped_plan["plan"]["id"], skipped_plan["state"], skipped_plan["problem"]["code"]) == (
        teacher.plan_id, {"name": "submitted"}, "moving.state_gone",
    )  # fmt: skip
    assert "no state Submitted" in skipped_plan["problem"]["message"]
    assert (await load_plan_versions(environment))[str(ptk(PNS))] == (SHIPPED_SHA256, "submitted", 7)
    assert (await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note="Lagi."))[
        "version"
    ] == 8
    await teacher.mutate_plan("submitPlan", 8)

    again = await migrate_plans(environment, SHIPPED_SHA256, sha, stateMappings=STATE_MAPPINGS)
    assert (again["stateMappings"], again["forward"]["movedCount"]) == (STATE_MAPPINGS, 1)
    assert (await load_plan_versions(environment))[str(ptk(PNS))] == (sha, "handed_in", 10)
    assert (await roll_back_migration(environment, again["id"]))["rollback"]["movedCount"] == 1
    assert (await load_plan_versions(environment))[str(ptk(PNS))] == (SHIPPED_SHA256, "submitted", 11)
    assert await find_faults(environment) == []


async def test_renamed_state_keeps_its_time_and_the_status_for_partners(
    environment: Environment, registry: Database
) -> None:
    teacher = await submit_plan(environment, PNS)
    partner = await partner_client(environment)
    before = await environment.sql("SELECT state_since FROM plan")
    (status,) = await load_statuses(partner, ptk(PNS))
    sha = await approve_version(environment, RENAMED_STATE_YAML)
    async with environment_at(registry, environment.database, JANUARY + 5 * MINUTE) as later:
        migration = await migrate_plans(later, SHIPPED_SHA256, sha, stateMappings=STATE_MAPPINGS)
        assert await environment.sql("SELECT state_since FROM plan") == before
        (renamed,) = await load_statuses(await partner_client(later), ptk(PNS))
        assert renamed["stateSince"] == status["stateSince"]
        assert renamed["submittedAt"] == status["submittedAt"]
        await decide_as_head(later, HEAD_OF_SD, teacher, "approvePlan")
        stays = await environment.sql(
            "SELECT left_state, stay_seconds FROM plan_event WHERE left_state = 'handed_in'"
        )
        assert [row["stay_seconds"] for row in stays] == [300]
        assert migration["forward"]["movedCount"] == 1
    assert await find_faults(environment) == []


async def test_plans_of_a_later_period_without_a_required_value_are_skipped(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    sha = await approve_version(environment, NEEDS_STARS)
    await insert_revision(environment, 3, JANUARY, bintang=3)
    migration = await expect_order(environment, "migratePlans", **versions_input(SHIPPED_SHA256, sha))
    later = "jsonb_build_object('code', '2024-2', 'period', '2024-2', 'id', gen_random_uuid())"
    for table in ("period", "period_revision WHERE t.number = 1", "plan", "plan_event"):
        name, _, which = table.partition(" ")
        await environment.sql(
            f"INSERT INTO {name} SELECT (jsonb_populate_record(t, {later})).* FROM {name} t {which}"
        )
    await run_long_work(environment)
    result = await load_migration(environment, migration["id"])
    assert (result["status"], result["forward"]["movedCount"], result["forward"]["skippedCount"]) == (
        "DONE",
        1,
        1,
    )
    (skipped_plan,) = await load_skipped_plans(environment, migration["id"], language="en")
    assert skipped_plan["problem"]["code"] == "workflow.parameter_missing"
    assert (
        "needs the value bintang, which the period 2024-2 does not have" in skipped_plan["problem"]["message"]
    )


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
    await roll_back_migration(environment, migration["id"])
    assert [row["timer"] for row in await environment.sql(timers)] == [row["timer"] for row in before]


async def test_reminder_is_not_repeated_after_a_move_and_its_rollback(
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
        await roll_back_migration(environment, migration["id"])
        await fire_timers(environment, FIRST_REMINDER + 3 * MINUTE)
        assert await load_notifications(environment) == once
        assert (await load_timer(environment, "remind_superior"))["due"] == SECOND_REMINDER
        await fire_timers(environment, SECOND_REMINDER + MINUTE)
        assert [name for _, name, _ in await load_notifications(environment)] == ["remind_superior"] * 2


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
