"""Teachers who change school during a period: what both heads see and decide, and the move by an admin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.people.identity.client import IdentityClient
from services.planning.people.services import Services
from services.planning.reconcile.rounds import store_school_changes
from services.planning.settings import PlanningSettings
from tests.identity_samples import ptk
from tests.integration.planning.concurrency import run_concurrently
from tests.integration.planning.environment import (
    Client,
    Environment,
    environment_at,
    expect_plan,
    problem_codes,
)
from tests.integration.planning.plans import complete_plan, submit_plan
from tests.integration.planning.reconciliation import fire_timers
from tests.integration.planning.review import approve_plans, problems_with_paths
from tests.integration.planning.test_reopen import banners
from tests.integration.planning.test_review_queue import queue
from tests.integration.planning.timers import (
    ESCALATION,
    FIRST_REMINDER,
    MINUTE,
    SECOND_REMINDER,
    load_notifications,
)
from tests.integration.planning.verification import find_faults
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    HEAD_OF_SMP,
    OTHER_ACCOUNT,
    PLT_OF_TK,
    PNS,
    SD,
    SMP,
    appoint_plt,
    import_one_school,
)

REASON = "Guru pindah tugas ke SMP per 12 Januari 2024."
SMP_ASSIGNMENT = {"ptk_induk": "1", "tanggal_surat_tugas": "2024-01-12"}
FORMER_PRINCIPAL = {"jenis_ptk_id": "3", "jabatan_ptk_id": None}
MOVED_TO = "query Q($id: ID!) { plan(id: $id) { currentSatuanPendidikan { npsn } } }"


@asynccontextmanager
async def open_services(environment: Environment) -> AsyncIterator[Services]:
    """Yield the services with a client of identity, as the worker has them."""
    settings = PlanningSettings(env="dev", identity_url=str(environment.identity._base_url))
    clock = Clock(environment.now)
    identity = IdentityClient(settings.identity_url, settings.credentials, clock)
    await identity.start()
    with environment.database.active():
        yield Services(clock, identity)
    await identity.close()


async def list_moved_teachers(environment: Environment) -> list[dict[str, Any]]:
    """Run the worker's step for changed teachers, and list the stored moves."""
    async with open_services(environment) as services:
        await store_school_changes(services, [str(ptk(n)) for n in (PNS, COLLEAGUE, 77)])
    return await environment.sql("SELECT ptk_id, period, npsn FROM moved_teacher")


async def move_teacher_to_smp(environment: Environment, own_registry: Database) -> None:
    """Make the SMP the sekolah induk of a teacher of the SD and the SMP."""
    with own_registry.active():
        await import_one_school(SD, environment.now, p1={"ptk_induk": "0"})
        await import_one_school(SMP, environment.now, p1=SMP_ASSIGNMENT)


async def move_teacher_back_to_sd(environment: Environment, own_registry: Database) -> None:
    """Make the SD the sekolah induk again."""
    with own_registry.active():
        await import_one_school(SMP, environment.now)
        await import_one_school(SD, environment.now)


async def test_moved_teacher_is_stored_until_plan_and_sekolah_induk_agree(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database) as environment:
        await submit_plan(environment, PNS)
        await (await environment.sign_in(COLLEAGUE)).start_plan()
        assert await list_moved_teachers(environment) == []
        await move_teacher_to_smp(environment, own_registry)
        moved_teachers = [{"ptk_id": ptk(PNS), "period": "2024-1", "npsn": SMP}]
        assert (await list_moved_teachers(environment), await list_moved_teachers(environment)) == (
            moved_teachers,
            moved_teachers,
        )
        await move_teacher_back_to_sd(environment, own_registry)
        assert await list_moved_teachers(environment) == []


@pytest.fixture
async def environment(
    own_registry: Database, empty_planning_database: Database
) -> AsyncIterator[Environment]:
    """Both services. A test may change the data of identity."""
    async with environment_at(own_registry, empty_planning_database) as environment:
        yield environment


@pytest.fixture
async def teacher(environment: Environment, own_registry: Database) -> Client:
    """A teacher whose plan waits at the SD, and who teaches at the SMP since."""
    teacher = await submit_plan(environment, PNS)
    await move_teacher_to_smp(environment, own_registry)
    await list_moved_teachers(environment)
    return teacher


async def move(
    environment: Environment, teacher: Client, user: int | str = ADMIN, reason: str = REASON
) -> dict[str, Any]:
    """What somebody's attempt to move a teacher's plan was answered."""
    version = (await teacher.load_plan())["version"]
    arguments = {"planId": teacher.plan_id, "expectedVersion": version, "reason": reason}
    return await (await environment.sign_in(user)).mutate("movePlan", arguments)


def get_npsn(school: dict[str, str] | None) -> str | None:
    return school["npsn"] if school else None


async def list_visible_plans(
    environment: Environment, head: int
) -> tuple[int, int, list[tuple[str, str | None, bool]]]:
    """Return the head's counts, the new arrivals, and the state and school of each queued plan."""
    result = await queue(await environment.sign_in(head))
    rows = [
        (
            edge["node"]["satuanPendidikan"]["npsn"],
            get_npsn(edge["node"]["currentSatuanPendidikan"]),
            edge["isArriving"],
        )
        for edge in result["edges"]
    ]
    return sum(row["planCount"] for row in result["counts"]), result["arrivingCount"], rows


async def test_both_heads_see_the_plan_of_a_moved_teacher_and_one_decides(
    environment: Environment, teacher: Client
) -> None:
    assert await list_visible_plans(environment, HEAD_OF_SD) == (1, 0, [(SD, SMP, False)])
    assert await list_visible_plans(environment, HEAD_OF_SMP) == (0, 1, [(SD, SMP, True)])
    new_head = await environment.sign_in(HEAD_OF_SMP)
    plan = await new_head.load_plan(teacher.plan_id)
    before = await environment.dump_tables()
    for mutation, more in (("approvePlan", {}), ("returnPlan", {"note": REASON})):
        arguments = {"planId": teacher.plan_id, "expectedVersion": plan["version"], **more}
        answer = await new_head.mutate(mutation, arguments)
        assert problem_codes(answer) == ["actor.not_head"]
        assert SD in answer["problems"][0]["message"]
    assert await environment.dump_tables() == before
    arguments = {"planId": teacher.plan_id, "expectedVersion": plan["version"]}
    assert expect_plan(await (await environment.sign_in(HEAD_OF_SD)).mutate("approvePlan", arguments))


async def test_head_of_neither_school_cannot_see_the_plan(environment: Environment, teacher: Client) -> None:
    plt = await environment.sign_in(PLT_OF_TK)
    assert await list_visible_plans(environment, PLT_OF_TK) == (0, 0, [])
    assert (await plt.execute(MOVED_TO, id=teacher.plan_id)) == {"plan": None}


async def test_owner_gets_a_banner_with_the_next_step(environment: Environment, teacher: Client) -> None:
    assert (await teacher.execute(MOVED_TO, id=teacher.plan_id)) == {
        "plan": {"currentSatuanPendidikan": {"npsn": SMP}}
    }
    (banner,) = await banners(environment, PNS)
    assert (banner["code"], banner["role"], banner["satuanPendidikan"]["npsn"]) == (
        "banner.moved",
        "TEACHER",
        SD,
    )
    assert "SMP NEGERI CONTOH 03" in banner["message"]
    assert "helpdesk" in banner["message"]


async def test_head_of_both_schools_sees_the_plan_once_and_decides(
    environment: Environment, own_registry: Database, teacher: Client
) -> None:
    with own_registry.active():
        await import_one_school(SMP, environment.now, p39={"jenis_ptk_id": "3", "jabatan_ptk_id": None})
        await import_one_school(
            SMP, environment.now, p1={"ptk_induk": "1"}, p39={"jenis_ptk_id": "3", "jabatan_ptk_id": None}
        )
        await appoint_plt(HEAD_OF_SD, SMP, at=environment.now)
    assert await list_visible_plans(environment, HEAD_OF_SD) == (1, 0, [(SD, SMP, False)])
    at_the_smp = await queue(await environment.sign_in(HEAD_OF_SD), npsn=SMP)
    assert [edge["isArriving"] for edge in at_the_smp["edges"]] == [True]


async def test_plan_moved_by_an_admin_changes_queues_at_once(
    environment: Environment, teacher: Client
) -> None:
    plan = expect_plan(await move(environment, teacher))
    assert (plan["state"]["phase"], plan["satuanPendidikan"]["npsn"]) == ("SUBMITTED", SMP)
    assert await environment.sql("SELECT * FROM moved_teacher") == []
    assert await list_visible_plans(environment, HEAD_OF_SD) == (0, 0, [])
    assert await list_visible_plans(environment, HEAD_OF_SMP) == (1, 0, [(SMP, None, False)])
    assert await banners(environment, PNS) == []
    arguments = {"planId": teacher.plan_id, "expectedVersion": plan["version"]}
    assert problem_codes(await (await environment.sign_in(HEAD_OF_SD)).mutate("approvePlan", arguments)) == [
        "plan.unknown"
    ]
    approved = expect_plan(await (await environment.sign_in(HEAD_OF_SMP)).mutate("approvePlan", arguments))
    assert approved["state"]["phase"] == "APPROVED"


async def test_timers_follow_a_moved_plan_to_the_time_zone_of_the_new_school(
    environment: Environment, own_registry: Database, teacher: Client
) -> None:
    await fire_timers(environment, FIRST_REMINDER)
    await environment.sql("UPDATE plan_timer SET incident = '[]', tries = 3 WHERE timer = 'escalate'")
    with own_registry.active():
        await import_one_school(SMP, environment.now, p1=SMP_ASSIGNMENT, school={"provinsi": "Prov. Papua"})
    sent = await load_notifications(environment)
    expect_plan(await move(environment, teacher))
    two_hours = timedelta(hours=2)
    timers = {row["timer"]: row for row in await environment.sql("SELECT * FROM plan_timer")}
    assert timers["remind_superior"]["due"] == SECOND_REMINDER - two_hours
    assert timers["escalate"]["due"] == ESCALATION - two_hours
    assert (timers["escalate"]["incident"], timers["escalate"]["tries"]) == (None, 0)
    await fire_timers(environment, FIRST_REMINDER + MINUTE)
    assert await load_notifications(environment) == sent
    await fire_timers(environment, SECOND_REMINDER - two_hours)
    assert len(await load_notifications(environment)) == len(sent) + 1


async def test_waiting_plan_moved_to_a_plt_is_approved_in_the_same_commit(
    environment: Environment, own_registry: Database, teacher: Client
) -> None:
    with own_registry.active():
        await import_one_school(SMP, environment.now, p1=SMP_ASSIGNMENT, p39=FORMER_PRINCIPAL)
        await appoint_plt(COLLEAGUE, SMP, at=environment.now)
    before = (await teacher.load_plan())["version"]
    plan = expect_plan(await move(environment, teacher))
    assert (plan["state"]["phase"], plan["version"]) == ("AUTO_APPROVED", before + 2)
    moved_plan, approved = await environment.sql(
        "SELECT body::jsonb ->> 'transition' AS transition, body::jsonb ->> 'npsn' AS npsn, xmin::text AS commit, "
        "body::jsonb #>> '{detail,moved_from}' AS moved_from, body::jsonb #>> '{actor,kind}' AS actor, "
        "body::jsonb #>> '{evidence,head}' LIKE '%plt%' AS plt FROM plan_event WHERE version > $1 ORDER BY version",
        before,
    )  # fmt: skip
    assert (moved_plan["transition"], moved_plan["moved_from"], moved_plan["actor"]) == (
        "move_submitted",
        SD,
        "person",
    )
    assert (approved["transition"], approved["actor"], approved["plt"]) == (
        "approve_automatically", "system", True,
    )  # fmt: skip
    assert (approved["commit"], approved["npsn"]) == (moved_plan["commit"], SMP)
    assert await find_faults(environment) == []


async def test_plan_moved_away_from_a_plt_stays_approved(
    environment: Environment, own_registry: Database
) -> None:
    with own_registry.active():
        await import_one_school(SD, environment.now, p9=FORMER_PRINCIPAL)
        await appoint_plt(COLLEAGUE, SD, at=environment.now)
    teacher = await submit_plan(environment, PNS)
    version = (await teacher.load_plan())["version"]
    assert await teacher.expect_refusal("beginImplementation", version) == ["plt.confirmation_not_open"]
    with own_registry.active():
        await import_one_school(SD, environment.now, p1={"ptk_induk": "0"}, p9=FORMER_PRINCIPAL)
        await import_one_school(SMP, environment.now, p1=SMP_ASSIGNMENT)
    moved_plan = expect_plan(await move(environment, teacher))
    assert (moved_plan["state"]["phase"], moved_plan["version"]) == ("AUTO_APPROVED", version + 1)
    assert (await teacher.mutate_plan("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"
    again = await move(environment, teacher)
    assert problem_codes(again) == ["transition.not_from_here"]


async def test_plan_moved_away_during_a_bulk_approval_is_hidden_from_the_former_head(
    environment: Environment, teacher: Client
) -> None:
    former, _ = await environment.sign_in(HEAD_OF_SD), await environment.sign_in(ADMIN)
    version = (await teacher.load_plan())["version"]
    calls = [move(environment, teacher), approve_plans(former, (teacher.plan_id, version))]
    moved_plan, answer = await run_concurrently(environment.database, "plan", calls, row=teacher.ptk_id)
    assert isinstance(moved_plan, dict)
    assert isinstance(answer, dict)
    assert expect_plan(moved_plan)["satuanPendidikan"]["npsn"] == SMP
    (row,) = answer["results"]
    assert (problems_with_paths(row), row["currentPlan"]) == (
        [("plan.unknown", "input.plans.0.planId")],
        None,
    )


@pytest.mark.parametrize("user", [PNS, HEAD_OF_SD, HEAD_OF_SMP, COLLEAGUE, PLT_OF_TK])
async def test_only_an_admin_can_move_a_plan(environment: Environment, teacher: Client, user: int) -> None:
    before = await environment.dump_tables()
    assert problem_codes(await move(environment, teacher, user)) == ["actor.not_admin"]
    assert await environment.dump_tables() == before


async def test_move_needs_a_reason_and_another_school(environment: Environment, teacher: Client) -> None:
    colleague = await submit_plan(environment, COLLEAGUE)
    before = await environment.dump_tables()
    assert problem_codes(await move(environment, teacher, reason=" ")) == ["reason.missing"]
    assert problem_codes(await move(environment, colleague)) == ["move.same_school"]
    assert await environment.dump_tables() == before


async def test_draft_follows_the_teacher_by_an_admin_or_before_confirmation_automatically(
    environment: Environment, own_registry: Database
) -> None:
    await (await environment.sign_in(PNS)).start_plan()
    await move_teacher_to_smp(environment, own_registry)
    assert len(await list_moved_teachers(environment)) == 1
    assert await banners(environment, PNS) == []  # *Mulai* again is all it takes
    again = await (await environment.sign_in(OTHER_ACCOUNT)).start_plan()
    assert (again["satuanPendidikan"]["npsn"], again["satuanPendidikan"]["jenjang"]) == (SMP, "SMP")
    assert await environment.sql("SELECT * FROM moved_teacher") == []
    assert await find_faults(environment) == []


async def test_confirmed_draft_stays_and_its_refusal_names_the_next_step(
    environment: Environment, own_registry: Database
) -> None:
    teacher = await environment.sign_in(PNS)
    await complete_plan(teacher)
    await move_teacher_to_smp(environment, own_registry)
    person = await environment.sign_in(OTHER_ACCOUNT)
    plan = await person.start_plan()
    assert (plan["satuanPendidikan"]["npsn"], plan["version"]) == (SD, 6)
    answer = await person.mutate("submitPlan", {"planId": plan["id"], "expectedVersion": 6})
    assert problem_codes(answer) == ["satminkal.other"]
    assert "helpdesk" in answer["problems"][0]["message"]
    moved_plan = expect_plan(await move(environment, teacher))
    assert (moved_plan["satuanPendidikan"]["npsn"], moved_plan["content"]) == (SMP, plan["content"])
    submitted_there = await person.mutate("submitPlan", {"planId": plan["id"], "expectedVersion": 7})
    assert expect_plan(submitted_there)["state"]["phase"] == "SUBMITTED"


@pytest.mark.parametrize(
    ("now", "reads"),
    [(datetime(2024, 6, 30, 16, 59, tzinfo=UTC), True), (datetime(2024, 6, 30, 17, tzinfo=UTC), False)],
)
async def test_new_head_reads_the_plan_until_the_end_of_its_period(
    environment: Environment,
    teacher: Client,
    own_registry: Database,
    empty_planning_database: Database,
    now: datetime,
    reads: bool,
) -> None:
    plan = await teacher.load_plan()
    async with environment_at(own_registry, empty_planning_database, now) as later:
        new_head, former = await later.sign_in(HEAD_OF_SMP), await later.sign_in(HEAD_OF_SD)
        induk = SMP if reads else None
        school = {"npsn": SMP} if reads else None
        for head, sees in ((new_head, reads), (former, True)):
            answer = await head.execute(MOVED_TO, id=teacher.plan_id)
            assert answer == {"plan": {"currentSatuanPendidikan": school} if sees else None}
        result = await queue(new_head, period="2024-1")
        assert (result["arrivingCount"], len(result["edges"])) == (int(reads), int(reads))
        (edge,) = (await queue(former, period="2024-1"))["edges"]
        assert get_npsn(edge["node"]["currentSatuanPendidikan"]) == induk
        (row,) = (await approve_plans(new_head, (teacher.plan_id, plan["version"])))["results"]
        codes_told = [code for code, _ in problems_with_paths(row)]
        assert codes_told == (["actor.not_head"] if reads else ["plan.unknown"])
