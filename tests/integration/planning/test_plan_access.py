"""Who may plan, at which school and in which window, and what a teacher sees before the plan starts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.kit.database import Database
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    Environment,
    environment_at,
    problem_codes,
    sql,
)
from tests.integration.planning.plans import submit_plan
from tests.integration.planning.viewer import load_viewer
from tests.small_registry import (
    ADMIN,
    HEAD_OF_SD,
    HEAD_OF_SMP,
    NON_ASN,
    OF_SMA,
    OF_SMP,
    OTHER_ACCOUNT,
    PLT_OF_TK,
    PNS,
    PPPK,
    RETIRING,
    SD,
    SMP,
    STAFF,
    TK,
    UNKNOWN,
)

WIB = ZoneInfo("Asia/Jakarta")
WINDOW_BANNERS = {"banner.draft_late", "banner.window_closed"}


async def test_viewer_has_person_and_access(environment: Environment) -> None:
    result = await load_viewer(environment, PNS)
    assert (result["nama"], result["ptkId"], result["plan"]) == ("Guru Contoh 1", str(ptk(PNS)), None)
    assert result["planningEligibility"] == {"isAllowed": True, "isObliged": True, "refusals": []}
    assert result["roles"] == [{"role": "TEACHER", "satuanPendidikan": {"npsn": SD}}]
    assert result["satuanPendidikan"] == {
        "npsn": SD, "nama": "SD NEGERI CONTOH 01", "jenjang": "SD", "zone": "WIB",
    }  # fmt: skip
    assert result["period"]["code"] == "2024-1"
    plan = await (await environment.sign_in(PNS)).start_plan()
    assert (await load_viewer(environment, PNS))["plan"] == {"id": plan["id"], "version": 1}


async def test_after_the_deadline_nobody_without_a_submitted_plan_may_plan(
    registry: Database, own_planning_database: Database
) -> None:
    """One teacher has no plan, one a draft, one a submitted plan."""
    async with environment_at(registry, own_planning_database) as environment:
        await (await environment.sign_in(PPPK)).start_plan()
        await submit_plan(environment, PNS)
    expected: dict[date, dict[int, tuple[list[str], set[str]]]] = {
        date(2024, 3, 31): {PNS: ([], set()), PPPK: ([], set()), RETIRING: ([], set())},
        date(2024, 4, 1): {
            PNS: ([], set()),
            PPPK: (["window.closed"], {"banner.draft_late"}),
            RETIRING: (["window.closed"], {"banner.window_closed"}),
        },
    }
    for day, people in expected.items():
        now = datetime(day.year, day.month, day.day, 10, tzinfo=WIB)
        async with environment_at(registry, own_planning_database, now) as environment:
            for user, (refusals, banners) in people.items():
                viewer = await load_viewer(environment, user)
                eligibility = viewer["planningEligibility"]
                assert eligibility["isAllowed"] is (not refusals), (day, user)
                assert [one["code"] for one in eligibility["refusals"]] == refusals, (day, user)
                codes = {one["code"] for one in viewer["banners"]} & WINDOW_BANNERS
                assert codes == banners, (day, user)


async def test_before_planning_opens_the_viewer_says_when(
    registry: Database, own_planning_database: Database
) -> None:
    opens_later = '{"planning_opens": "2024-01-20"}'
    await sql(own_planning_database, f"UPDATE period_revision SET values = values || '{opens_later}'")
    async with environment_at(registry, own_planning_database) as environment:
        eligibility = (await load_viewer(environment, PNS))["planningEligibility"]
        assert not eligibility["isAllowed"]
        assert [one["code"] for one in eligibility["refusals"]] == ["window.not_open"]
        assert "20 Januari 2024" in eligibility["refusals"][0]["message"]


async def test_phone_is_advised_to_use_a_computer(environment: Environment) -> None:
    result = await load_viewer(environment, PNS)
    assert result["phone"]["code"] == "device.use_computer"
    assert "Tetap di sini" in result["phone"]["message"]
    assert result["computer"] is None
    assert result["planningEligibility"]["isAllowed"]


@pytest.mark.parametrize(
    ("user", "is_obliged"), [(PNS, True), (PPPK, True), (NON_ASN, False), (UNKNOWN, None), (RETIRING, True)]
)
async def test_asn_must_plan_and_others_may(
    environment: Environment, user: int, is_obliged: bool | None
) -> None:
    assert (await load_viewer(environment, user))["planningEligibility"] == {
        "isAllowed": True,
        "isObliged": is_obliged,
        "refusals": [],
    }
    await (await environment.sign_in(user)).start_plan()


@pytest.mark.parametrize(
    ("user", "code", "fixer"),
    [
        (STAFF, "access.jenis_ptk_not_listed", "OPERATOR_SEKOLAH"),
        (HEAD_OF_SD, "access.kepala_sekolah", "DINAS"),
        (OTHER_ACCOUNT, "access.account_of_other_school", "OPERATOR_SEKOLAH"),
        (ADMIN, "access.no_ptk", "HELPDESK"),
    ],
)
async def test_refused_access_names_rule_and_contact(
    environment: Environment, user: int | str, code: str, fixer: str
) -> None:
    refusals = (await load_viewer(environment, user))["planningEligibility"]["refusals"]
    assert [(result["code"], result["whoCanFix"]) for result in refusals] == [(code, fixer)]
    answer = await (await environment.sign_in(user)).mutate("startPlan", {})
    assert [(result["code"], result["whoCanFix"]) for result in answer["problems"]] == [(code, fixer)]
    assert not any((await environment.dump_tables()).values())


async def test_account_of_another_school_is_shown_the_sekolah_induk(environment: Environment) -> None:
    refusals = (await load_viewer(environment, OTHER_ACCOUNT))["planningEligibility"]["refusals"]
    assert "SD NEGERI CONTOH 01" in refusals[0]["message"]


async def test_plt_of_another_school_plans_at_the_sekolah_induk(environment: Environment) -> None:
    assert (await load_viewer(environment, PLT_OF_TK))["roles"] == [
        {"role": "TEACHER", "satuanPendidikan": {"npsn": SMP}},
        {"role": "PLT", "satuanPendidikan": {"npsn": TK}},
    ]
    assert (await (await environment.sign_in(PLT_OF_TK)).start_plan())["satuanPendidikan"]["npsn"] == SMP


async def test_the_period_and_its_window_are_read_in_the_zone_of_the_school(environment: Environment) -> None:
    query = """query Q { period(code: "2024-1") { code label startsOn endsOn minimumPoints
      wib: window { opensOn closesOn opensAt closesAt reason } wit: window(zone: WIT) { opensAt closesAt } } }"""
    period = (await (await environment.sign_in(PNS)).execute(query, "en"))["period"]
    assert (period["startsOn"], period["endsOn"], period["minimumPoints"]) == ("2024-01-01", "2024-06-30", 32)
    assert (period["wib"]["opensOn"], period["wib"]["closesOn"]) == ("2024-01-01", "2024-01-31")
    assert period["wib"]["opensAt"] == "2023-12-31T17:00:00+00:00"
    assert period["wit"]["closesAt"] == "2024-01-31T15:00:00+00:00"


async def test_the_catalogue_shows_the_lists_of_a_level_and_an_example(environment: Environment) -> None:
    query = """query Q($jenjang: Jenjang!) { catalog(jenjang: $jenjang) { jenjang
      praktikKinerja { code confidence } pengembanganKompetensi { code poin } tugasTambahan { code }
      perilakuKerja { code opsi { code } }
      examplePlan { praktikKinerja pengembanganKompetensi perilakuKerja { aspek opsi } why { path message } } } }"""
    person = await environment.sign_in(PNS)
    paud = (await person.execute(query, jenjang="PAUD"))["catalog"]
    assert {row["code"].split("-")[0] for row in paud["praktikKinerja"]} == {"PAUD"}
    assert len(paud["perilakuKerja"]) == len(paud["examplePlan"]["perilakuKerja"]) == 7
    english = (await person.execute(query, "en", jenjang="PAUD"))["catalog"]["examplePlan"]["why"]
    assert {row["message"] for row in english}.isdisjoint(
        row["message"] for row in paud["examplePlan"]["why"]
    )


async def test_a_teacher_at_two_schools_plans_at_the_induk_and_the_other_head_sees_nothing(
    environment: Environment,
) -> None:
    plan = await (await environment.sign_in(PNS)).start_plan()
    assert plan["satuanPendidikan"]["npsn"] == SD
    query = "query Q($id: ID!) { plan(id: $id) { id } }"
    for user, visible_plan in ((HEAD_OF_SMP, None), (OF_SMP, None), (HEAD_OF_SD, {"id": plan["id"]})):
        assert (await (await environment.sign_in(user)).execute(query, id=plan["id"]))["plan"] == visible_plan


async def test_after_the_extension_the_window_closes_at_the_end_of_march_in_the_schools_zone(
    registry: Database, empty_planning_database: Database
) -> None:
    papua_closes = datetime(2024, 3, 31, 15, tzinfo=UTC)  # midnight in WIT, two hours before WIB
    async with environment_at(registry, empty_planning_database, papua_closes) as environment:
        assert problem_codes(await (await environment.sign_in(OF_SMA)).mutate("startPlan", {})) == [
            "window.closed"
        ]
        await (await environment.sign_in(PNS)).start_plan()
