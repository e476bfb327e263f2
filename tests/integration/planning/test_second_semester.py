"""The plan of the second semester, which offers the Perilaku Kerja of the first one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.api.ids import encode_cursor, plan_id
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    JANUARY,
    Client,
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
)
from tests.integration.planning.imports import import_catalog, import_period
from tests.integration.planning.plans import PERILAKU, complete_plan, decide_as_head, submit_plan
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, OF_TK, PLT_OF_TK, PNS, SD, TK
from tests.unit.planning.reference import CATALOG, PERIOD, dump_changed

JULY = datetime(2024, 7, 9, 3, tzinfo=UTC)
BEFORE = "query Q($id: ID!) { plan(id: $id) { period { code } perilakuKerjaSebelumnya { aspek opsi } } }"


def second_period(data: dict[str, Any]) -> None:
    """Return the period file of the first semester with the dates of July to December."""
    days = {"planning_opens": "2024-07-01", "planning_closes": "2024-07-31",
            "plt_banner_from": "2024-08-01", "plt_confirmation_from": "2024-08-16"}  # fmt: skip
    revision = {**data["revisions"][0], "effective_from": "2024-06-30T15:00:00Z"}
    revision["values"] = {**revision["values"], **days}
    data.update(
        code="2024-2", starts="2024-07-01", ends="2024-12-31", catalog="2024-2", revisions=[revision],
        label={"id": "Semester 2 Tahun 2024", "en": "Second semester of 2024"},
    )  # fmt: skip


def second_catalog(data: dict[str, Any]) -> None:
    """Return the catalogue of the first semester without one behaviour."""
    data["code"] = "2024-2"
    (aspek,) = (row for row in data["perilaku"] if row["code"] == "BP")
    aspek["opsi"] = [row for row in aspek["opsi"] if row["code"] != "BP-1"]


@pytest.fixture
async def two_semesters(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Planning's database with both semesters of 2024."""
    async with connect_database(
        await fresh_url("services.planning", import_reference_data), "services.planning"
    ) as database:
        with database.active():
            await import_catalog(dump_changed(CATALOG, second_catalog), Clock(JANUARY))
            await import_period(dump_changed(PERIOD, second_period))
        yield database


@pytest.fixture
async def july(registry: Database, two_semesters: Database) -> AsyncIterator[Environment]:
    """Both services on 9 July 2024."""
    async with environment_at(registry, two_semesters, JULY) as environment:
        yield environment


@pytest.fixture
async def first_semester(registry: Database, two_semesters: Database) -> None:
    """Return an approved plan of the first semester."""
    async with environment_at(registry, two_semesters) as january:
        teacher = await submit_plan(january, PNS)
        await decide_as_head(january, HEAD_OF_SD, teacher, "approvePlan")


async def test_own_jenjang_jabatan_of_the_first_semester_is_proposed_in_the_second(
    registry: Database, two_semesters: Database
) -> None:
    async with environment_at(registry, two_semesters) as january:
        teacher = await january.sign_in(PNS)
        await teacher.start_plan()
        await teacher.mutate_plan("correctProfile", 1, jenjangJabatan="AHLI_MUDA")
    async with environment_at(registry, two_semesters, JULY) as july:
        teacher = await july.sign_in(PNS)
        profile = (await teacher.start_plan())["profile"]
        assert profile["jenjangJabatan"] == {"value": "Guru Ahli Muda", "source": "teacher"}
        assert (profile["askedFields"], profile["correctedAt"]) == (["JENJANG_JABATAN"], None)
        assert (await teacher.start_plan())["version"] == 1


async def load_offered(person: Client, period: str, of: Client | None = None) -> list[dict[str, str]]:
    owner = plan_id(str((of or person).ptk_id), period)
    return list((await person.execute(BEFORE, id=owner))["plan"]["perilakuKerjaSebelumnya"])


async def test_perilaku_of_the_first_semester_is_offered_by_the_lists_of_today(
    first_semester: None, july: Environment
) -> None:
    teacher = await july.sign_in(PNS)
    plan = await teacher.start_plan()
    assert (plan["period"]["code"], plan["content"]["perilakuKerja"]) == ("2024-2", [])
    still_valid = [row for row in PERILAKU["pilihan"] if row["opsi"] != "BP-1"]
    assert len(still_valid) == 6
    assert await load_offered(teacher, "2024-2") == still_valid
    # It is an offer: taken up by saving the tab, as any choice is.
    arguments = {
        "planId": plan["id"],
        "pilihan": [*still_valid, {"aspek": "BP", "opsi": "BP-2"}],
        "then": "NEXT",
    }
    await teacher.mutate("confirmProfile", {"planId": plan["id"], "expectedVersion": 1})
    saved_plan = await teacher.mutate("savePerilakuKerja", {**arguments, "expectedVersion": 2})
    assert len(saved_plan["content"]["perilakuKerja"]) == 7


async def test_plan_of_the_first_semester_is_unchanged(first_semester: None, july: Environment) -> None:
    past = await july.sql("SELECT * FROM plan_event WHERE period = '2024-1' ORDER BY version")
    teacher = await july.sign_in(PNS)
    first = await teacher.load_plan()
    await teacher.start_plan()
    assert await july.sql("SELECT period FROM plan ORDER BY 1") == [
        {"period": "2024-1"},
        {"period": "2024-2"},
    ]
    assert await july.sql("SELECT * FROM plan_event WHERE period = '2024-1' ORDER BY version") == past
    assert await teacher.load_plan() == first
    assert await load_offered(teacher, "2024-1") == []
    viewer = (await teacher.execute("{ viewer { plan { period { code } } } }"))["viewer"]
    assert viewer == {"plan": {"period": {"code": "2024-2"}}}


async def test_previous_perilaku_is_offered_to_the_owner_only(
    first_semester: None, july: Environment
) -> None:
    teacher, head = await july.sign_in(PNS), await july.sign_in(HEAD_OF_SD)
    await teacher.start_plan()
    assert await load_offered(head, "2024-2", teacher) == []
    assert await load_offered(teacher, "2024-2") != []


async def _left_in_draft(environment: Environment) -> None:
    await complete_plan(await environment.sign_in(PNS))


async def _never_started(_: Environment) -> None:
    return


@pytest.mark.parametrize("before", [_left_in_draft, _never_started])
async def test_perilaku_that_was_not_submitted_is_not_offered(
    registry: Database, two_semesters: Database, july: Environment, before: Callable[[Environment], Any]
) -> None:
    async with environment_at(registry, two_semesters) as january:
        await before(january)
    teacher = await july.sign_in(PNS)
    await teacher.start_plan()
    assert await load_offered(teacher, "2024-2") == []


PLANS = """query Q($first: Int! = 20, $after: String) { viewer { plans(first: $first, after: $after) {
  pageInfo { hasNextPage endCursor } edges { cursor node { id state { phase } } } } } }"""


async def load_own_plans(person: Client, **variables: Any) -> tuple[list[str], dict[str, Any]]:
    """Return the ids of a page of somebody's own plans, and the place of the page."""
    plans = (await person.execute(PLANS, **variables))["viewer"]["plans"]
    return [edge["node"]["id"] for edge in plans["edges"]], plans["pageInfo"]


async def test_own_plans_of_all_periods_are_listed_newest_first(
    first_semester: None, july: Environment
) -> None:
    teacher, colleague = await july.sign_in(PNS), await july.sign_in(COLLEAGUE)
    await teacher.start_plan()
    await colleague.start_plan()
    ids = [plan_id(str(teacher.ptk_id), period) for period in ("2024-2", "2024-1")]
    newest, place = await load_own_plans(teacher, first=1)
    assert (newest, place["hasNextPage"]) == (ids[:1], True)
    oldest, place = await load_own_plans(teacher, first=1, after=place["endCursor"])
    assert (oldest, place["hasNextPage"]) == (ids[1:], False)
    assert await load_own_plans(teacher, after=place["endCursor"]) == (
        [],
        {"hasNextPage": False, "endCursor": None},
    )
    assert (await load_own_plans(colleague))[0] == [plan_id(str(colleague.ptk_id), "2024-2")]
    assert (await load_own_plans(await july.sign_in(ADMIN)))[0] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 0", "page.size"),
        ("first: 101", "page.size"),
        (f'after: "{encode_cursor("plans", "1")}"', "cursor.invalid"),
        (f'after: "{encode_cursor("comment", "2024-1")}"', "cursor.invalid"),
    ],
)
async def test_invalid_page_of_own_plans_is_refused(
    environment: Environment, arguments: str, code: str
) -> None:
    teacher = await environment.sign_in(PNS)
    _, answer = await teacher.post(
        {"query": f"{{ viewer {{ nama plans({arguments}) {{ nodes {{ id }} }} }} }}"}
    )
    assert [error["extensions"]["problem"]["code"] for error in answer["errors"]] == [code]
    assert (answer["data"]["viewer"]["plans"], answer["data"]["viewer"]["nama"] is None) == (None, False)


async def test_own_plan_of_a_chosen_period(first_semester: None, july: Environment) -> None:
    teacher, colleague = await july.sign_in(PNS), await july.sign_in(COLLEAGUE)
    query = "query Q($period: ID) { viewer { plan(period: $period) { id } } }"

    async def load(person: Client, period: str | None) -> dict[str, Any] | None:
        plan: dict[str, Any] | None = (await person.execute(query, period=period))["viewer"]["plan"]
        return plan

    assert await load(teacher, "2024-1") == {"id": plan_id(str(teacher.ptk_id), "2024-1")}
    assert [await load(teacher, period) for period in (None, "2024-2")] == [None, None]
    assert await load(colleague, "2024-1") is None
    _, answer = await teacher.post({"query": query, "variables": {"period": "1999-1"}})
    assert answer["data"] == {"viewer": {"plan": None}}
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "period.unknown"


HEADSHIPS = """query Q($filter: SchoolQueueFilter) { viewer { headships {
  kind satuanPendidikan { npsn nama jenjang zone }
  reviewQueue(filter: $filter) { earlierPeriodCount counts { phase planCount } nodes { id } } } } }"""


async def test_head_sees_what_is_left_in_earlier_periods(
    registry: Database, two_semesters: Database, first_semester: None
) -> None:
    async with environment_at(registry, two_semesters) as january:
        waiting = await submit_plan(january, COLLEAGUE)
    async with environment_at(registry, two_semesters, JULY) as july:
        await (await july.sign_in(PNS)).start_plan()
        head = await july.sign_in(HEAD_OF_SD)
        (headship,) = (await head.execute(HEADSHIPS))["viewer"]["headships"]
        assert (headship["kind"], headship["satuanPendidikan"]) == (
            "KEPALA_SEKOLAH",
            {"npsn": SD, "nama": "SD NEGERI CONTOH 01", "jenjang": "SD", "zone": "WIB"},
        )
        assert headship["reviewQueue"]["earlierPeriodCount"] == 1  # the approved plan is not left
        assert headship["reviewQueue"]["counts"] == [{"phase": "DRAFT", "planCount": 1}]
        filter = {"period": "2024-1", "phase": "SUBMITTED"}
        (headship,) = (await head.execute(HEADSHIPS, filter=filter))["viewer"]["headships"]
        assert headship["reviewQueue"]["earlierPeriodCount"] == 0
        assert headship["reviewQueue"]["nodes"] == [{"id": waiting.plan_id}]


async def test_queue_of_a_headship_holds_the_plans_of_its_school_only(
    first_semester: None, july: Environment
) -> None:
    for user in (PNS, OF_TK):
        await (await july.sign_in(user)).start_plan()
    (headship,) = (await (await july.sign_in(PLT_OF_TK)).execute(HEADSHIPS))["viewer"]["headships"]
    assert (headship["kind"], headship["satuanPendidikan"]["npsn"]) == ("PLT", TK)
    assert headship["satuanPendidikan"]["jenjang"] == "PAUD"
    assert headship["reviewQueue"]["nodes"] == [{"id": plan_id(str(ptk(OF_TK)), "2024-2")}]
    assert headship["reviewQueue"]["earlierPeriodCount"] == 0
    for other in (PNS, ADMIN):
        assert (await (await july.sign_in(other)).execute(HEADSHIPS))["viewer"]["headships"] == []
