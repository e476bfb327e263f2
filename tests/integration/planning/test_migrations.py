"""Living plans are moved to another version and taken back, by admins over GraphQL: nothing lost, nothing half-done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from services.kit.database import Database
from services.planning.plan_migration.model import MOVED, Work
from services.planning.worker import open_tasks
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.audit import findings_of
from tests.integration.planning.composing import complete, decided, submitted
from tests.integration.planning.following import (
    fire,
    follow,
    last_event,
    led_by_plt,
    revise,
    settings_of,
    somebody_waits,
)
from tests.integration.planning.house import JANUARY, House, codes, connected, house_at
from tests.integration.planning.migrating import (
    WHY,
    course,
    left,
    lives_by,
    moved,
    order,
    ordered,
    undone,
    work_off,
)
from tests.integration.planning.publishing import (
    OTHER,
    SHIPPED,
    approved,
    did,
    publish_text,
    sha_of,
    shipped_with,
)
from tests.integration.planning.ticking import AGAIN, DUE, MINUTE, timer, told
from tests.queries import counting_queries
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, NON_ASN, OF_TK, PNS, SD, TK, import_registry
from tests.unit.workflows.renamed import renamed
from workflows.files.loader import shipped

MUTATIONS = ("migratePlans", "stopMigration", "resumeMigration", "undoMigration")
RENAMED = renamed()
NEEDS_STARS = shipped_with(
    "params:\n", "params:\n  bintang:\n    type: int\n    label: {id: Bintang, en: Stars}\n"
)
WITHOUT_TIMERS = shipped().decode().partition("\ntimers:")[0] + "\n"
MAPPED = [{"from": "submitted", "to": "handed_in"}]
# Every submission is approved by the system, whoever leads the school.
AUTOMATIC = shipped_with("- all: [{head_is: {kind: plt}}, {not: head_is_owner}]", "- not: head_is_owner")


@pytest.fixture(scope="module")
async def admins(fresh_url: Fresh) -> AsyncIterator[Database]:
    """The small registry with two admins."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry()
        yield database


@pytest.fixture
async def house(admins: Database, own: Database) -> AsyncIterator[House]:
    async with house_at(admins, own) as house:
        yield house


async def whole(house: House) -> dict[str, list[str]]:
    """All that migrations write, to the letter."""
    tables = ("migration", "admin_act", "migration_outcome", "run")
    rows = {table: await house.sql(f"SELECT t::text AS row FROM {table} t ORDER BY 1") for table in tables}
    return await house.everything() | {table: [row["row"] for row in found] for table, found in rows.items()}


async def history(house: House, teacher: int, language: str = "id") -> list[str]:
    person = await house.person(teacher)
    told = await person.ask(
        "query Q($id: ID!) { plan(id: $id) { history { edges { node { sentence } } } } }",
        language,
        id=person.plan_id,
    )
    return [edge["node"]["sentence"] for edge in told["plan"]["history"]["edges"]]


async def test_plans_move_with_all_they_have_and_say_so_and_go_back(house: House) -> None:
    teacher, colleague = await submitted(house, PNS), await house.person(COLLEAGUE)
    await complete(colleague)
    before = {who: await person.plan() for who, person in ((PNS, teacher), (COLLEAGUE, colleague))}
    sha = await approved(house)
    migration = await moved(house, SHIPPED, sha)
    assert (migration["status"], migration["by"], migration["reason"]) == (
        "DONE", {"kind": "ADMIN", "isViewer": True}, WHY,
    )  # fmt: skip
    assert {name: migration["there"][name] for name in ("plans", "moved", "refused")} == {
        "plans": 2, "moved": 2, "refused": 0,
    }  # fmt: skip
    assert set((await lives_by(house)).values()) == {(sha, "submitted", 8), (sha, "draft", 7)}
    now = await teacher.plan()
    assert now["state"]["label"] == "Sudah diajukan"
    same = ("content", "profile", "submittedAt", "satuanPendidikan", "tab", "revisionDue", "note")
    assert {name: now[name] for name in same} == {name: before[PNS][name] for name in same}

    event = await last_event(house, str(ptk(PNS)))
    assert (event["kind"], event["from"], event["to"]) == ("migrated", "submitted", "submitted")
    assert (event["workflow"], event["actor"]["kind"]) == (sha, "person")
    assert event["detail"] == {"migration": 1, "former_workflow": SHIPPED, "reason": WHY}
    assert (await history(house, PNS))[0] == (
        "15 Januari 2024 pukul 09.00 WIB: Admin memindahkan rencana ini ke versi lain dari alur kerjanya; semua "
        "isiannya tetap ada, status rencana: Sudah diajukan. Alasan: “Koreksi dimungkinkan”."
    )
    assert (await decided(house, HEAD_OF_SD, teacher, "returnPlan", note="Mohon dilengkapi."))["version"] == 9

    back = await undone(house, migration["id"])
    assert back["status"] == "UNDONE"
    assert {name: back["back"][name] for name in ("plans", "moved", "refused")} == {
        "plans": 2, "moved": 1, "refused": 1,
    }  # fmt: skip
    lives = await lives_by(house)
    assert lives[str(ptk(PNS))] == (sha, "draft", 9)
    assert lives[str(ptk(COLLEAGUE))] == (SHIPPED, "draft", 8)
    (stayed,) = await left(house, migration["id"], back=True)
    assert (stayed["planId"], stayed["problem"]["code"]) == (teacher.plan_id, "migration.changed_since")
    assert stayed["satuanPendidikan"] == {"npsn": SD, "nama": "SD NEGERI CONTOH 01"}
    assert "(Minta perbaikan, 15 Januari 2024" in stayed["problem"]["message"]
    assert (await history(house, COLLEAGUE, "en"))[0].startswith(
        "15 January 2024, 09:00 WIB: an admin took this plan back to the former version of its workflow;"
    )
    assert await findings_of(house) == []
    await colleague.done("submitPlan")


async def test_a_state_that_is_gone_is_mapped_or_its_plans_are_named_and_left(house: House) -> None:
    teacher = await submitted(house, PNS)
    await complete(await house.person(COLLEAGUE))
    sha = await approved(house, RENAMED)
    migration = await moved(house, SHIPPED, sha)
    assert (migration["there"]["moved"], migration["there"]["refused"]) == (1, 1)
    (stayed,) = await left(house, migration["id"], language="en")
    assert (stayed["planId"], stayed["state"], stayed["problem"]["code"]) == (
        teacher.plan_id, {"name": "submitted"}, "moving.state_gone",
    )  # fmt: skip
    assert "no state Submitted" in stayed["problem"]["message"]
    assert (await lives_by(house))[str(ptk(PNS))] == (SHIPPED, "submitted", 7)
    assert (await decided(house, HEAD_OF_SD, teacher, "returnPlan", note="Lagi."))["version"] == 8
    await teacher.done("submitPlan", 8)

    again = await moved(house, SHIPPED, sha, states=MAPPED)
    assert (again["states"], again["there"]["moved"]) == (MAPPED, 1)
    assert (await lives_by(house))[str(ptk(PNS))] == (sha, "handed_in", 10)
    assert (await undone(house, again["id"]))["back"]["moved"] == 1
    assert (await lives_by(house))[str(ptk(PNS))] == (SHIPPED, "submitted", 11)
    assert await findings_of(house) == []


async def test_plans_of_a_period_that_came_after_the_order_and_lacks_a_value_are_named_and_left(
    house: House,
) -> None:
    await submitted(house, PNS)
    sha = await approved(house, NEEDS_STARS)
    await revise(house, 3, JANUARY, bintang=3)
    migration = await ordered(house, "migratePlans", **{"from": SHIPPED, "to": sha})
    later = "jsonb_build_object('code', '2024-2', 'period', '2024-2', 'id', gen_random_uuid())"
    for table in ("period", "period_revision WHERE t.number = 1", "plan", "plan_event"):
        name, _, which = table.partition(" ")
        await house.sql(
            f"INSERT INTO {name} SELECT (jsonb_populate_record(t, {later})).* FROM {name} t {which}"
        )
    await work_off(house)
    done = await course(house, migration["id"])
    assert (done["status"], done["there"]["moved"], done["there"]["refused"]) == ("DONE", 1, 1)
    (stayed,) = await left(house, migration["id"], language="en")
    assert stayed["problem"]["code"] == "workflow.parameter_missing"
    assert "needs the value bintang, which the period 2024-2 does not give" in stayed["problem"]["message"]


async def test_a_batch_and_an_admin_at_a_timer_never_wait_for_each_other(house: House) -> None:
    await submitted(house, PNS)
    migration = await ordered(house, "migratePlans", **{"from": SHIPPED, "to": await approved(house)})
    admin = await asyncpg.connect(house.database.dsn)
    try:
        async with (
            admin.transaction()
        ):  # as the statement of an act goes on: first the timer, then the act on it
            await admin.execute("SELECT FROM plan_timer WHERE timer = 'escalate' FOR UPDATE")
            batch = asyncio.create_task(work_off(house))
            await somebody_waits(house)
            await admin.execute(
                "INSERT INTO admin_act (subject, act, actor_kind, account, at, detail) SELECT 'plan ' || ptk_id || ' ' "
                "|| period, 'skipped', 'admin', 'Sari', now(), '{\"timer\": \"escalate\", \"count\": 0}' FROM plan"
            )
        await batch
    finally:
        await admin.close()
    assert (await course(house, migration["id"]))["there"]["moved"] == 1


async def test_long_work_that_fails_keeps_no_other_waiting(house: House) -> None:
    await submitted(house, PNS)
    sha = await approved(house)
    migration = await ordered(house, "migratePlans", **{"from": SHIPPED, "to": sha})
    await house.sql(
        'INSERT INTO run SELECT (jsonb_populate_record(r, \'{"work": "try", "number": 0}\')).* FROM run r'
    )
    with pytest.raises(AssertionError, match="a run belongs to a dry run"):
        await work_off(house)
    assert (await course(house, migration["id"]))["status"] == "DONE"


async def test_who_read_the_plan_before_it_moved_gets_the_conflict_and_goes_on(house: House) -> None:
    teacher = await submitted(house, PNS)
    sha = await approved(house)
    await moved(house, SHIPPED, sha)
    superior = await house.person(HEAD_OF_SD)
    stale = {"planId": teacher.plan_id, "expectedVersion": 7}
    assert codes(await superior.do("approvePlan", stale)) == ["version.conflict"]
    assert (await decided(house, HEAD_OF_SD, teacher, "approvePlan"))["version"] == 9


async def test_timers_go_on_where_they_are_and_are_those_of_the_new_version(house: House) -> None:
    await submitted(house, PNS)
    timers = "SELECT timer, first_due, due, count FROM plan_timer ORDER BY 1"
    await house.sql(
        "UPDATE plan_timer SET count = 1, due = due + interval '3 days' WHERE timer = 'remind_superior'"
    )
    before = await house.sql(timers)
    assert len(before) == 2
    await moved(house, SHIPPED, await approved(house))
    assert await house.sql(timers) == before
    without = await approved(house, WITHOUT_TIMERS)
    migration = await moved(house, sha_of(OTHER), without)
    assert await house.sql(timers) == []
    await undone(house, migration["id"])
    assert [row["timer"] for row in await house.sql(timers)] == [row["timer"] for row in before]


async def test_what_was_told_before_is_not_told_again_by_going_there_and_back(
    admins: Database, own: Database
) -> None:
    async with house_at(admins, own) as house:
        await submitted(house, PNS)
        await fire(house, DUE + MINUTE)
        once = await told(house)
        assert [name for _, name, _ in once] == ["remind_superior"]
    without = await publish_text(own, WITHOUT_TIMERS)
    async with house_at(admins, own, DUE + 2 * MINUTE) as house:
        migration = await moved(house, SHIPPED, without)
        await undone(house, migration["id"])
        await fire(house, DUE + 3 * MINUTE)
        assert await told(house) == once
        assert (await timer(house, "remind_superior"))["due"] == AGAIN
        await fire(house, AGAIN + MINUTE)
        assert [name for _, name, _ in await told(house)] == ["remind_superior"] * 2


async def test_only_plans_of_the_school_and_the_period_are_moved(house: House) -> None:
    await submitted(house, PNS)
    await (await house.person(OF_TK)).start()
    sha = await approved(house)
    migration = await moved(house, SHIPPED, sha, npsn=TK, period="2024-1")
    assert (migration["npsn"], migration["period"], migration["there"]["plans"]) == (TK, "2024-1", 1)
    lives = await lives_by(house)
    assert (lives[str(ptk(OF_TK))][0], lives[str(ptk(PNS))][0]) == (sha, SHIPPED)


async def test_a_migration_is_stopped_and_resumed(house: House) -> None:
    await submitted(house, PNS)
    sha = await approved(house)
    migration = await ordered(house, "migratePlans", **{"from": SHIPPED, "to": sha})
    assert migration["status"] == "RUNNING"
    stopped = await ordered(house, "stopMigration", id=migration["id"])
    await work_off(house)
    assert (await course(house, migration["id"]))["status"] == stopped["status"] == "STOPPED"
    assert {plan[0] for plan in (await lives_by(house)).values()} == {SHIPPED}
    before = await whole(house)
    assert codes(await order(house, ADMIN, "stopMigration", id=migration["id"])) == [
        "migration.stopped_already"
    ]
    assert await whole(house) == before
    assert (await ordered(house, "resumeMigration", id=migration["id"]))["status"] == "RUNNING"
    assert codes(await order(house, ADMIN, "resumeMigration", id=migration["id"])) == [
        "migration.not_stopped"
    ]
    await work_off(house)
    done = await course(house, migration["id"])
    assert (done["status"], [act["act"] for act in done["acts"]]) == ("DONE", ["STOP", "RESUME"])
    for mutation in ("stopMigration", "resumeMigration"):
        assert codes(await order(house, ADMIN, mutation, id=migration["id"])) == ["migration.over"]
    assert (await undone(house, migration["id"]))["status"] == "UNDONE"
    assert codes(await order(house, ADMIN, "undoMigration", id=migration["id"])) == [
        "migration.undone_already"
    ]


async def test_nothing_is_taken_back_to_where_another_migration_moves_it_on_from(house: House) -> None:
    await submitted(house, PNS)
    await complete(await house.person(COLLEAGUE))
    sha = await approved(house, RENAMED)
    first = await moved(house, SHIPPED, sha)
    second = await ordered(house, "migratePlans", **{"from": SHIPPED, "to": sha, "states": MAPPED})
    before = await whole(house)
    assert codes(await order(house, ADMIN, "undoMigration", id=first["id"])) == ["migration.under_way"]
    assert await whole(house) == before
    assert (await undone(house, second["id"]))["status"] == "UNDONE"
    assert (await undone(house, first["id"]))["back"]["moved"] == 1


async def test_undone_before_it_was_worked_off_nothing_has_moved(house: House) -> None:
    await submitted(house, PNS)
    sha = await approved(house)
    migration = await ordered(house, "migratePlans", **{"from": SHIPPED, "to": sha})
    before = await lives_by(house)
    back = await undone(house, migration["id"])
    assert (back["status"], back["there"]["moved"], back["back"]["plans"]) == ("UNDONE", 0, 0)
    assert await lives_by(house) == before


async def test_waiting_plans_that_came_to_another_rule_are_decided_by_the_worker(house: House) -> None:
    teacher = await submitted(house, PNS)
    sha = await approved(house, AUTOMATIC)
    await follow(house)
    await moved(house, SHIPPED, sha)
    assert (await teacher.plan())["state"]["name"] == "submitted"
    await follow(house)
    assert (await teacher.plan())["state"]["name"] == "auto_approved"
    assert (await last_event(house, str(ptk(PNS))))["detail"]["cause"] == {"waits_since": 8}
    assert await findings_of(house) == []


async def test_a_published_version_takes_those_that_started_by_the_former_one_too(house: House) -> None:
    await submitted(house, PNS)
    sha = await publish_text(house.database, OTHER)
    await (await house.person(COLLEAGUE)).start()
    assert (await moved(house, SHIPPED, sha))["there"]["moved"] == 1
    assert {plan[0] for plan in (await lives_by(house)).values()} == {sha}


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_only_an_admin_may_and_else_nothing_happens(house: House, mutation: str) -> None:
    await submitted(house, PNS)
    sha = await approved(house)
    known = await ordered(house, "migratePlans", **{"from": SHIPPED, "to": sha})
    if mutation == "resumeMigration":
        await ordered(house, "stopMigration", id=known["id"])
    before = await whole(house)
    given: dict[str, Any] = (
        {"from": SHIPPED, "to": sha} if mutation == "migratePlans" else {"id": known["id"]}
    )
    for who in (PNS, HEAD_OF_SD):
        assert codes(await order(house, who, mutation, **given)) == ["actor.not_admin"]
    assert await whole(house) == before


@pytest.mark.parametrize(
    "query",
    [
        "migration(id: $id) { status }",
        "migrations { edges { node { status } } } x: migration(id: $id) { id }",
    ],
)
async def test_only_an_admin_reads_migrations(house: House, query: str) -> None:
    await submitted(house, PNS)
    sha = await approved(house)
    known = await ordered(house, "migratePlans", **{"from": SHIPPED, "to": sha})
    teacher, document = await house.person(PNS), f"query Q($id: ID!) {{ {query} }}"
    _, answer = await teacher.send({"query": document, "variables": {"id": known["id"]}})
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"} or answer["errors"]
    assert not any((answer.get("data") or {}).values())
    assert await (await house.person(ADMIN)).ask(document, id=known["id"])


async def test_what_stands_against_an_order_is_told_at_once_and_nothing_is_stored(house: House) -> None:
    await submitted(house, PNS)
    sha = await approved(house)
    draft = str((await did(house, ADMIN, "draftWorkflow", yaml=RENAMED))["sha256"])
    needs_more = str(
        (
            await did(
                house,
                ADMIN,
                "draftWorkflow",
                yaml=NEEDS_STARS,
            )
        )["sha256"]
    )
    await did(house, "pengelola2@dinas.belajar.id", "approveWorkflow", sha256=needs_more)
    before = await whole(house)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"from": SHIPPED, "to": SHIPPED}, ["migration.same_version"]),
        ({"from": "beef" * 16, "to": "x"}, ["workflow.unknown", "workflow.unknown"]),
        ({"from": SHIPPED, "to": draft, "reason": " "}, ["migration.not_approved", "reason.missing"]),
        ({"from": SHIPPED, "to": sha, "reason": "x" * 501}, ["text.too_long"]),
        ({"from": SHIPPED, "to": sha, "period": "2099-1"}, ["migration.nobody"]),
        ({"from": SHIPPED, "to": sha, "npsn": "99999999"}, ["migration.nobody"]),
        ({"from": sha, "to": SHIPPED}, ["migration.nobody"]),
        ({"from": SHIPPED, "to": needs_more}, ["workflow.parameter_missing"]),
        (
            {"from": SHIPPED, "to": sha, "states": [
                {"from": "draft", "to": "approved"}, {"from": "draft", "to": "x"}, {"from": "y", "to": "draft"},
            ]},
            ["map.onward", "map.to_unknown", "map.twice", "map.from_unknown"],
        ),
    ]  # fmt: skip
    for given, expected in cases:
        assert codes(await order(house, ADMIN, "migratePlans", **given)) == expected
    assert await whole(house) == before
    await ordered(house, "migratePlans", **{"from": SHIPPED, "to": sha, "npsn": SD})
    before = await whole(house)
    assert codes(await order(house, ADMIN, "migratePlans", **{"from": SHIPPED, "to": sha})) == [
        "migration.under_way"
    ]
    for id in ("x", "TWlncmF0aW9uOjk5", (await house.person(PNS)).plan_id):
        for mutation in MUTATIONS[1:]:
            answer = await order(house, ADMIN, mutation, id=id)
            assert codes(answer)[0] in {"id.invalid", "migration.unknown"}
    assert await whole(house) == before


async def test_a_plan_that_the_commit_leaves_out_is_moved_by_the_next_batch(house: House) -> None:
    teachers = sorted((PNS, COLLEAGUE, NON_ASN), key=ptk)
    for who in teachers:
        await submitted(house, who)
    migration = await ordered(house, "migratePlans", **{"from": SHIPPED, "to": await approved(house)})
    await house.sql("CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
    await house.sql(
        f"CREATE TRIGGER skips BEFORE UPDATE ON plan FOR EACH ROW WHEN (NEW.ptk_id = '{ptk(teachers[1])}') "
        "EXECUTE FUNCTION skip()"
    )

    with house.database.active():
        async with open_tasks(settings_of(house)) as (*_, long_work):
            run = await long_work.run_batch(Work.MIGRATE, migration["number"])
    assert run is not None
    assert (run.after, run.counts[MOVED], run.ended_at) == ((str(ptk(teachers[0])), "2024-1"), 2, None)
    assert len(await house.sql("SELECT FROM migration_outcome")) == 2
    await house.sql("DROP FUNCTION skip CASCADE")
    await work_off(house)

    done = await course(house, migration["id"])
    assert (done["status"], done["there"]["moved"], done["there"]["refused"]) == ("DONE", 3, 0)
    assert await findings_of(house) == []


async def test_how_many_statements_it_takes(house: House) -> None:
    for who in (PNS, COLLEAGUE, NON_ASN):
        await submitted(house, who)
    sha = await approved(house)
    with counting_queries() as queries:
        migration = await ordered(house, "migratePlans", **{"from": SHIPPED, "to": sha})
    assert len(queries) == 14
    with counting_queries() as queries:
        await work_off(house)
    batches = [query for query in queries if "FOR NO KEY UPDATE" in query and "FROM plan\n" in query]
    assert len(batches) == 2  # three plans are one batch; a second look finds nobody
    assert len(queries) == 17
    with counting_queries() as queries:
        await course(house, migration["id"])
    assert len(queries) == 1
    assert (await last_event(house, str(ptk(PNS))))["kind"] == "migrated"
    assert sha == sha_of(OTHER)


async def test_a_head_who_comes_finds_a_moved_plan_too(
    admins: Database, own: Database, changing: Database
) -> None:
    async with house_at(changing, own) as house:
        teacher = await submitted(house, PNS)
        sha = await approved(house)
        await follow(house)
        await moved(house, SHIPPED, sha)
        await follow(house)
        await led_by_plt(changing, COLLEAGUE, at=JANUARY)
        await follow(house)
        assert (await teacher.plan())["state"]["name"] == "auto_approved"
