"""A teacher who moves school within the period: seen by both heads, decided by one, until an admin moves the plan."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.people.identity.client import IdentityClient
from services.planning.people.services import Services
from services.planning.reconcile.rounds import store_school_changes
from services.planning.settings import PlanningSettings
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.audit import findings_of
from tests.integration.planning.composing import complete, submitted
from tests.integration.planning.crowd import at_once
from tests.integration.planning.discussing import approve, told
from tests.integration.planning.house import House, Person, codes, connected, house_at, plan_in
from tests.integration.planning.test_reopen import banners
from tests.integration.planning.test_review_queue import queue
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
    import_registry,
)

REASON = "Guru pindah tugas ke SMP per 12 Januari 2024."
CAME = {"ptk_induk": "1", "tanggal_surat_tugas": "2024-01-12"}
LEFT = {"jenis_ptk_id": "3", "jabatan_ptk_id": None}  # a principal who is one no more
MOVED_TO = "query Q($id: ID!) { plan(id: $id) { movedTo } }"


@pytest.fixture
async def moving(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry, which the test may change."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry()
        yield database


@asynccontextmanager
async def following(house: House) -> AsyncIterator[Services]:
    """What the worker has at hand."""
    settings = PlanningSettings(env="dev", identity_url=str(house.identity._base_url))
    clock = Clock(house.now)
    identity = IdentityClient(settings.identity_url, settings.credentials, clock)
    await identity.start()
    with house.database.active():
        yield Services(clock, identity)
    await identity.close()


async def noticed(house: House) -> list[dict[str, Any]]:
    """Who moved, as the worker notices it now."""
    async with following(house) as services:
        await store_school_changes(services, [str(ptk(n)) for n in (PNS, COLLEAGUE, 77)])
    return await house.sql("SELECT ptk_id, period, npsn FROM moved_teacher")


async def to_the_smp(house: House, moving: Database) -> None:
    """A teacher of the SD and the SMP has the SMP as sekolah induk from now on."""
    with moving.active():
        await import_one_school(SD, house.now, p1={"ptk_induk": "0"})
        await import_one_school(SMP, house.now, p1=CAME)


async def back_to_the_sd(house: House, moving: Database) -> None:
    """And the SD again."""
    with moving.active():
        await import_one_school(SMP, house.now)
        await import_one_school(SD, house.now)


async def test_who_moved_is_kept_until_the_two_agree_again(moving: Database, planning: Database) -> None:
    async with house_at(moving, planning) as house:
        await submitted(house, PNS)
        await (await house.person(COLLEAGUE)).start()
        assert await noticed(house) == []
        await to_the_smp(house, moving)
        moved = [{"ptk_id": ptk(PNS), "period": "2024-1", "npsn": SMP}]
        assert (await noticed(house), await noticed(house)) == (moved, moved)
        await back_to_the_sd(house, moving)
        assert await noticed(house) == []


@pytest.fixture
async def house(moving: Database, planning: Database) -> AsyncIterator[House]:
    """Both services; the registry may be changed."""
    async with house_at(moving, planning) as house:
        yield house


@pytest.fixture
async def teacher(house: House, moving: Database) -> Person:
    """A teacher whose plan waits at the SD, and who teaches at the SMP since."""
    teacher = await submitted(house, PNS)
    await to_the_smp(house, moving)
    await noticed(house)
    return teacher


async def move(house: House, teacher: Person, who: int | str = ADMIN, reason: str = REASON) -> dict[str, Any]:
    """What somebody's attempt to move a teacher's plan was answered."""
    version = (await teacher.plan())["version"]
    given = {"planId": teacher.plan_id, "expectedVersion": version, "reason": reason}
    return await (await house.person(who)).do("movePlan", given)


async def seen(house: House, head: int) -> tuple[int, int, list[tuple[str, str | None, str | None]]]:
    """What a head counts, what arrives, and where the plans of the queue stand and go."""
    found = await queue(await house.person(head))
    nodes = [edge["node"] for edge in found["edges"]]
    rows = [(node["npsn"], node["movedTo"], node["movedFrom"]) for node in nodes]
    return sum(row["plans"] for row in found["counts"]), found["arriving"], rows


async def test_both_heads_see_the_plan_of_a_teacher_who_moved_and_one_decides(
    house: House, teacher: Person
) -> None:
    assert await seen(house, HEAD_OF_SD) == (1, 0, [(SD, SMP, None)])
    assert await seen(house, HEAD_OF_SMP) == (0, 1, [(SD, None, SD)])
    new_head = await house.person(HEAD_OF_SMP)
    plan = await new_head.plan(teacher.plan_id)
    before = await house.everything()
    for mutation, more in (("approvePlan", {}), ("returnPlan", {"note": REASON})):
        given = {"planId": teacher.plan_id, "expectedVersion": plan["version"], **more}
        answer = await new_head.do(mutation, given)
        assert codes(answer) == ["actor.not_head"]
        assert SD in answer["problems"][0]["message"]
    assert await house.everything() == before
    given = {"planId": teacher.plan_id, "expectedVersion": plan["version"]}
    assert plan_in(await (await house.person(HEAD_OF_SD)).do("approvePlan", given))


async def test_whoever_heads_neither_school_sees_nothing_of_it(house: House, teacher: Person) -> None:
    plt = await house.person(PLT_OF_TK)
    assert await seen(house, PLT_OF_TK) == (0, 0, [])
    assert (await plt.ask(MOVED_TO, id=teacher.plan_id)) == {"plan": None}


async def test_the_owner_is_told_what_to_do(house: House, teacher: Person) -> None:
    assert (await teacher.ask(MOVED_TO, id=teacher.plan_id)) == {"plan": {"movedTo": SMP}}
    (banner,) = await banners(house, PNS)
    assert (banner["code"], banner["role"], banner["npsn"]) == ("banner.moved", "TEACHER", SD)
    assert "SMP NEGERI CONTOH 03" in banner["message"]
    assert "helpdesk" in banner["message"]


async def test_a_head_of_both_schools_sees_it_once_and_decides(
    house: House, moving: Database, teacher: Person
) -> None:
    with moving.active():
        await import_one_school(SMP, house.now, p39={"jenis_ptk_id": "3", "jabatan_ptk_id": None})
        await import_one_school(
            SMP, house.now, p1={"ptk_induk": "1"}, p39={"jenis_ptk_id": "3", "jabatan_ptk_id": None}
        )
        await appoint_plt(HEAD_OF_SD, SMP, at=house.now)
    assert await seen(house, HEAD_OF_SD) == (1, 0, [(SD, SMP, None)])
    at_the_smp = await queue(await house.person(HEAD_OF_SD), npsn=SMP)
    assert [edge["node"]["movedFrom"] for edge in at_the_smp["edges"]] == [SD]


async def test_an_admin_moves_the_plan_and_both_queues_are_right_at_once(
    house: House, teacher: Person
) -> None:
    plan = plan_in(await move(house, teacher))
    assert (plan["state"]["phase"], plan["satuanPendidikan"]["npsn"]) == ("SUBMITTED", SMP)
    assert await house.sql("SELECT * FROM moved_teacher") == []
    assert await seen(house, HEAD_OF_SD) == (0, 0, [])
    assert await seen(house, HEAD_OF_SMP) == (1, 0, [(SMP, None, None)])
    assert await banners(house, PNS) == []
    given = {"planId": teacher.plan_id, "expectedVersion": plan["version"]}
    assert codes(await (await house.person(HEAD_OF_SD)).do("approvePlan", given)) == ["plan.unknown"]
    approved = plan_in(await (await house.person(HEAD_OF_SMP)).do("approvePlan", given))
    assert approved["state"]["phase"] == "APPROVED"


async def test_a_waiting_plan_that_comes_under_a_plt_is_approved_in_the_same_commit(
    house: House, moving: Database, teacher: Person
) -> None:
    with moving.active():
        await import_one_school(SMP, house.now, p1=CAME, p39=LEFT)
        await appoint_plt(COLLEAGUE, SMP, at=house.now)
    before = (await teacher.plan())["version"]
    plan = plan_in(await move(house, teacher))
    assert (plan["state"]["phase"], plan["version"]) == ("AUTO_APPROVED", before + 2)
    moved, approved = await house.sql(
        "SELECT body::jsonb ->> 'transition' AS transition, body::jsonb ->> 'npsn' AS npsn, xmin::text AS commit, "
        "body::jsonb #>> '{detail,moved_from}' AS moved_from, body::jsonb #>> '{actor,kind}' AS actor, "
        "body::jsonb #>> '{because,head}' LIKE '%plt%' AS plt FROM plan_event WHERE version > $1 ORDER BY version",
        before,
    )  # fmt: skip
    assert (moved["transition"], moved["moved_from"], moved["actor"]) == ("move_submitted", SD, "person")
    assert (approved["transition"], approved["actor"], approved["plt"]) == (
        "approve_automatically", "system", True,
    )  # fmt: skip
    assert (approved["commit"], approved["npsn"]) == (moved["commit"], SMP)
    assert await findings_of(house) == []


async def test_a_plan_that_leaves_a_plt_stays_approved_and_its_teacher_begins(
    house: House, moving: Database
) -> None:
    with moving.active():
        await import_one_school(SD, house.now, p9=LEFT)
        await appoint_plt(COLLEAGUE, SD, at=house.now)
    teacher = await submitted(house, PNS)
    version = (await teacher.plan())["version"]
    assert await teacher.refused("beginImplementation", version) == ["plt.confirmation_not_open"]
    with moving.active():
        await import_one_school(SD, house.now, p1={"ptk_induk": "0"}, p9=LEFT)
        await import_one_school(SMP, house.now, p1=CAME)
    moved = plan_in(await move(house, teacher))
    assert (moved["state"]["phase"], moved["version"]) == ("AUTO_APPROVED", version + 1)
    assert (await teacher.done("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"
    again = await move(house, teacher)
    assert codes(again) == ["transition.not_from_here"]


async def test_a_plan_moved_away_while_many_are_approved_is_no_longer_shown_to_the_former_head(
    house: House, teacher: Person
) -> None:
    former, _ = await house.person(HEAD_OF_SD), await house.person(ADMIN)
    version = (await teacher.plan())["version"]
    calls = [move(house, teacher), approve(former, (teacher.plan_id, version))]
    moved, answer = await at_once(house.database, "plan", calls, row=teacher.ptk_id)
    assert isinstance(moved, dict)
    assert isinstance(answer, dict)
    assert plan_in(moved)["satuanPendidikan"]["npsn"] == SMP
    (row,) = answer["results"]
    assert (told(row["result"]), row["result"]["standing"]) == (
        [("plan.unknown", "input.plans.0.planId")],
        None,
    )


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (PNS, "actor.not_admin"), (HEAD_OF_SD, "actor.not_admin"), (HEAD_OF_SMP, "actor.not_admin"),
        (COLLEAGUE, "plan.unknown"), (PLT_OF_TK, "plan.unknown"),
    ],
)  # fmt: skip
async def test_nobody_moves_a_plan_but_an_admin(house: House, teacher: Person, who: int, code: str) -> None:
    before = await house.everything()
    assert codes(await move(house, teacher, who)) == [code]
    assert await house.everything() == before


async def test_a_plan_is_moved_for_a_reason_and_to_another_school_only(house: House, teacher: Person) -> None:
    colleague = await submitted(house, COLLEAGUE)
    before = await house.everything()
    assert codes(await move(house, teacher, reason=" ")) == ["reason.missing"]
    assert codes(await move(house, colleague)) == ["move.same_school"]
    assert await house.everything() == before


async def test_a_draft_follows_its_teacher_by_an_admin_or_before_data_diri_by_itself(
    house: House, moving: Database
) -> None:
    await (await house.person(PNS)).start()
    await to_the_smp(house, moving)
    assert len(await noticed(house)) == 1
    assert await banners(house, PNS) == []  # *Mulai* again is all it takes
    again = await (await house.person(OTHER_ACCOUNT)).start()
    assert (again["satuanPendidikan"]["npsn"], again["satuanPendidikan"]["jenjang"]) == (SMP, "SMP")
    assert await house.sql("SELECT * FROM moved_teacher") == []
    assert await findings_of(house) == []


async def test_a_confirmed_draft_stays_and_its_refusal_names_the_way_out(
    house: House, moving: Database
) -> None:
    teacher = await house.person(PNS)
    await complete(teacher)
    await to_the_smp(house, moving)
    person = await house.person(OTHER_ACCOUNT)
    plan = await person.start()
    assert (plan["satuanPendidikan"]["npsn"], plan["version"]) == (SD, 6)
    answer = await person.do("submitPlan", {"planId": plan["id"], "expectedVersion": 6})
    assert codes(answer) == ["satminkal.other"]
    assert "helpdesk" in answer["problems"][0]["message"]
    moved = plan_in(await move(house, teacher))
    assert (moved["satuanPendidikan"]["npsn"], moved["content"]) == (SMP, plan["content"])
    submitted_there = await person.do("submitPlan", {"planId": plan["id"], "expectedVersion": 7})
    assert plan_in(submitted_there)["state"]["phase"] == "SUBMITTED"


@pytest.mark.parametrize(
    ("now", "reads"),
    [(datetime(2024, 6, 30, 16, 59, tzinfo=UTC), True), (datetime(2024, 6, 30, 17, tzinfo=UTC), False)],
)
async def test_the_new_head_reads_the_plan_until_its_period_has_ended(
    house: House, teacher: Person, moving: Database, planning: Database, now: datetime, reads: bool
) -> None:
    plan = await teacher.plan()
    async with house_at(moving, planning, now) as later:
        new_head, former = await later.person(HEAD_OF_SMP), await later.person(HEAD_OF_SD)
        induk = SMP if reads else None
        for head, sees in ((new_head, reads), (former, True)):
            answer = await head.ask(MOVED_TO, id=teacher.plan_id)
            assert answer == {"plan": {"movedTo": induk} if sees else None}
        found = await queue(new_head, period="2024-1")
        assert (found["arriving"], len(found["edges"])) == (int(reads), int(reads))
        (edge,) = (await queue(former, period="2024-1"))["edges"]
        assert edge["node"]["movedTo"] == induk
        (row,) = (await approve(new_head, (teacher.plan_id, plan["version"])))["results"]
        codes_told = [code for code, _ in told(row["result"])]
        assert codes_told == (["actor.not_head"] if reads else ["plan.unknown"])
