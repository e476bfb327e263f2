"""The course of a plan from start to implementation, mutation by mutation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    Environment,
    connect_database,
    environment_at,
    problem_codes,
)
from tests.integration.planning.imports import import_period
from tests.integration.planning.plans import (
    ACKNOWLEDGED_POINTS,
    INDIKATOR,
    NOTE,
    PERILAKU,
    RHK,
    SUB_INDIKATOR,
    TOO_FEW,
    TUGAS,
    WALI_KELAS,
    complete_plan,
    decide_as_head,
    store_plt_confirmation,
    submit_plan,
)
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    HEAD_OF_SMP,
    NON_ASN,
    OF_SMA,
    OF_SMP,
    OF_TK,
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
    fill_registry,
    import_one_school,
)
from tests.unit.planning.reference import PERIOD, dump_changed

FEBRUARY = datetime(2024, 2, 1, 2, tzinfo=UTC)
MID_FEBRUARY = datetime(2024, 2, 16, 2, tzinfo=UTC)

VIEWER = """query Q { viewer {
  nama ptkId roles { role npsn } banners { code message } plan { id version }
  satuanPendidikan { npsn nama jenjang zone } period { code label minimumPoints }
  mayPlan { allowed obliged refusals { code message ... on AccessProblem { whoCanFix } } }
  phone: deviceAdvice(device: PHONE) { code message } computer: deviceAdvice(device: COMPUTER) { code }
} }"""
BUTTONS = """query Q($id: ID!) { plan(id: $id) {
  availableTransitions { trigger label allowed exceptional requires refusals { code } warnings { code } }
} }"""


async def viewer(environment: Environment, user: int | str) -> dict[str, Any]:
    return dict((await (await environment.sign_in(user)).execute(VIEWER))["viewer"])


async def test_viewer_has_person_and_access(environment: Environment) -> None:
    result = await viewer(environment, PNS)
    assert (result["nama"], result["ptkId"], result["plan"]) == ("Guru Contoh 1", str(ptk(PNS)), None)
    assert result["mayPlan"] == {"allowed": True, "obliged": True, "refusals": []}
    assert result["roles"] == [{"role": "TEACHER", "npsn": SD}]
    assert result["satuanPendidikan"] == {
        "npsn": SD, "nama": "SD NEGERI CONTOH 01", "jenjang": "SD", "zone": "Asia/Jakarta",
    }  # fmt: skip
    assert result["period"]["code"] == "2024-1"
    plan = await (await environment.sign_in(PNS)).start_plan()
    assert (await viewer(environment, PNS))["plan"] == {"id": plan["id"], "version": 1}


async def test_phone_is_advised_to_use_a_computer(environment: Environment) -> None:
    result = await viewer(environment, PNS)
    assert result["phone"]["code"] == "device.use_computer"
    assert "Tetap di sini" in result["phone"]["message"]
    assert result["computer"] is None
    assert result["mayPlan"]["allowed"]


@pytest.mark.parametrize(
    ("user", "is_obliged"), [(PNS, True), (PPPK, True), (NON_ASN, False), (UNKNOWN, None), (RETIRING, True)]
)
async def test_asn_must_plan_and_others_may(
    environment: Environment, user: int, is_obliged: bool | None
) -> None:
    assert (await viewer(environment, user))["mayPlan"] == {
        "allowed": True,
        "obliged": is_obliged,
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
    refusals = (await viewer(environment, user))["mayPlan"]["refusals"]
    assert [(result["code"], result["whoCanFix"]) for result in refusals] == [(code, fixer)]
    answer = await (await environment.sign_in(user)).mutate("startPlan", {})
    assert [(result["code"], result["whoCanFix"]) for result in answer["problems"]] == [(code, fixer)]
    assert not any((await environment.dump_tables()).values())


async def test_account_of_another_school_is_shown_the_sekolah_induk(environment: Environment) -> None:
    refusals = (await viewer(environment, OTHER_ACCOUNT))["mayPlan"]["refusals"]
    assert "SD NEGERI CONTOH 01" in refusals[0]["message"]


async def test_plt_of_another_school_plans_at_the_sekolah_induk(environment: Environment) -> None:
    assert (await viewer(environment, PLT_OF_TK))["roles"] == [
        {"role": "TEACHER", "npsn": SMP},
        {"role": "PLT", "npsn": TK},
    ]
    assert (await (await environment.sign_in(PLT_OF_TK)).start_plan())["satuanPendidikan"]["npsn"] == SMP


async def test_the_period_and_its_window_are_read_in_the_zone_of_the_school(environment: Environment) -> None:
    query = """query Q { period(code: "2024-1") { code label starts ends minimumPoints
      wib: window { opensOn closesOn opens closes reason } wit: window(zone: WIT) { opens closes } } }"""
    period = (await (await environment.sign_in(PNS)).execute(query, "en"))["period"]
    assert (period["starts"], period["ends"], period["minimumPoints"]) == ("2024-01-01", "2024-06-30", 32)
    assert (period["wib"]["opensOn"], period["wib"]["closesOn"]) == ("2024-01-01", "2024-01-31")
    assert period["wib"]["opens"] == "2023-12-31T17:00:00+00:00"
    assert period["wit"]["closes"] == "2024-01-31T15:00:00+00:00"


async def test_the_catalogue_shows_the_lists_of_a_level_and_an_example(environment: Environment) -> None:
    query = """query Q($jenjang: String!) { catalog(jenjang: $jenjang) { jenjang
      choices { praktikKinerja { code confidence } pengembanganKompetensi { code poin } tugasTambahan { code }
        perilakuKerja { code opsi { code } } }
      examplePlan { praktikKinerja pengembanganKompetensi perilakuKerja { aspek opsi } why { path message } } } }"""
    person = await environment.sign_in(PNS)
    paud = (await person.execute(query, jenjang="PAUD"))["catalog"]
    assert {row["code"].split("-")[0] for row in paud["choices"]["praktikKinerja"]} == {"PAUD"}
    assert len(paud["choices"]["perilakuKerja"]) == len(paud["examplePlan"]["perilakuKerja"]) == 7
    english = (await person.execute(query, "en", jenjang="PAUD"))["catalog"]["examplePlan"]["why"]
    assert {row["message"] for row in english}.isdisjoint(
        row["message"] for row in paud["examplePlan"]["why"]
    )


async def test_second_start_returns_the_same_plan(environment: Environment) -> None:
    person = await environment.sign_in(PNS)
    first, again = (
        await person.mutate("startPlan", {}),
        await person.mutate("startPlan", {"period": "2024-1"}),
    )
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first | {"replayed": True} == again
    assert len(await environment.sql("SELECT FROM plan_event")) == 1


async def test_incomplete_plan_opens_at_its_tab(environment: Environment) -> None:
    person = await environment.sign_in(PNS)
    await person.start_plan()
    await person.mutate_plan("confirmProfile", 1)
    assert (await person.mutate_plan("savePraktikKinerja", 2, **INDIKATOR, then="NEXT"))[
        "tab"
    ] == "PENGEMBANGAN_KOMPETENSI"
    saved_plan = await person.mutate_plan("savePengembanganKompetensi", 3, rhk=[])
    assert saved_plan["tab"] == "PENGEMBANGAN_KOMPETENSI"
    resumed_plan = await person.start_plan()
    assert resumed_plan == saved_plan
    assert resumed_plan["content"]["praktikKinerja"] == "PK-KSK"
    assert {row["code"] for row in resumed_plan["incomplete"]} == {
        "pengembangan_kompetensi.missing",
        "perilaku_kerja.missing",
    }


@pytest.mark.parametrize(
    ("mutation", "half"),
    [
        ("savePraktikKinerja", {"indikator": None}),
        ("savePengembanganKompetensi", {"rhk": []}),
        ("saveTugasTambahan", {"tugas": [{"code": "TT-WALAS"}]}),
        ("savePerilakuKerja", {"pilihan": [{"aspek": "BP", "opsi": "BP-1"}]}),
    ],
)
async def test_each_tab_saves_a_draft_and_advances_only_if_complete(
    environment: Environment, mutation: str, half: dict[str, Any]
) -> None:
    person = await environment.sign_in(PNS)
    await person.start_plan()
    await person.mutate_plan("confirmProfile", 1)
    draft = await person.mutate_plan(mutation, 2, **half, then="STAY")
    before = await environment.dump_tables()
    codes = await person.expect_refusal(mutation, 3, **half, then="NEXT")
    assert all(code.endswith("_missing") or code.endswith(".missing") for code in codes)
    assert await environment.dump_tables() == before
    assert (await person.load_plan())["tab"] == draft["tab"]


async def test_each_tab_holds_the_last_saved_content(environment: Environment) -> None:
    person = await environment.sign_in(PNS)
    await complete_plan(person)
    await person.mutate_plan("saveTugasTambahan", 6, **TUGAS)
    plan = await person.mutate_plan("savePraktikKinerja", 7, indikator="PK-PDP")
    assert plan["content"] == {
        "praktikKinerja": "PK-PDP",
        "pengembanganKompetensi": RHK["rhk"],
        "tugasTambahan": [WALI_KELAS],
        "perilakuKerja": plan["content"]["perilakuKerja"],
    }
    pilihan = {row["aspek"]: row["opsi"] for row in plan["content"]["perilakuKerja"]}
    assert pilihan == {row["aspek"]: row["opsi"] for row in PERILAKU["pilihan"]}
    assert plan["incomplete"] == []


async def test_the_rangkuman_shows_the_automatic_rhk_and_who_uploads(environment: Environment) -> None:
    plan = await complete_plan(await environment.sign_in(PNS))
    assert (plan["tab"], plan["rangkuman"]["poin"]) == ("RANGKUMAN", 32)
    lines = plan["rangkuman"]["rhk"]
    assert [(row["code"], row["pengunggah"]) for row in lines if row["otomatis"]] == [
        ("RHK-AUTO-PRAKTIK", "GURU"),
        ("RHK-AUTO-KOSP", "KEPALA_SEKOLAH"),
        ("RHK-AUTO-HADIR", "KEPALA_SEKOLAH"),
    ]
    assert lines[0]["label"] == "Keteraturan Suasana Kelas"
    assert [row["code"] for row in lines if not row["otomatis"]] == RHK["rhk"]


async def test_data_diri_are_corrected_once_without_changing_dapodik(environment: Environment) -> None:
    person = await environment.sign_in(PNS)
    await person.start_plan()
    plan = await person.mutate_plan("correctProfile", 1, ruang="d", jenjangJabatan="AHLI_MUDA")
    profile = plan["profile"]
    assert profile["pangkatGolongan"] == {"value": "III/d", "source": "teacher"}
    assert profile["jenjangJabatan"] == {"value": "Guru Ahli Muda", "source": "teacher"}
    assert profile["confirmedAt"] == profile["correctedAt"] == "2024-01-15T02:00:00+00:00"
    assert profile["editableFields"] == []
    assert await person.expect_refusal("correctProfile", 2, ruang="c") == ["profile.corrected_already"]
    assert (await person.load_plan())["version"] == 2


async def test_unconfirmed_data_diri_are_refreshed_from_the_registry(
    fresh_url: Fresh, empty_planning_database: Database
) -> None:
    async with (
        connect_database(
            await fresh_url("services.identity", fill_registry), "services.identity"
        ) as identity,
        environment_at(identity, empty_planning_database) as environment,
    ):
        person = await environment.sign_in(PNS)
        assert (await person.start_plan())["profile"]["nama"]["value"] == "Guru Contoh 1"
        with identity.active():
            await import_one_school(SD, environment.now, p1={"nama": "Nama Baru"})
        refreshed_plan = await person.start_plan()
        assert (refreshed_plan["profile"]["nama"]["value"], refreshed_plan["version"]) == ("Nama Baru", 2)
        assert (await person.start_plan())["version"] == 2
        await person.mutate_plan("confirmProfile", 2)
        with identity.active():
            await import_one_school(SD, environment.now, p1={"nama": "Nama Lain"})
        draft = await person.start_plan()
        assert (draft["profile"]["nama"]["value"], draft["version"]) == ("Nama Baru", 3)


async def test_a_definitif_principal_approves_and_the_teacher_begins(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    assert (await teacher.load_plan())["state"] == {
        "name": "submitted",
        "label": "Diajukan",
        "phase": "SUBMITTED",
    }
    assert (await viewer(environment, PNS))["banners"] == []
    approved = await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    assert approved["state"]["phase"] == "APPROVED"
    assert [banner["code"] for banner in (await viewer(environment, PNS))["banners"]] == ["banner.may_begin"]
    begun_plan = await teacher.mutate_plan("beginImplementation")
    assert (begun_plan["state"]["phase"], begun_plan["version"]) == ("IN_IMPLEMENTATION", 9)


async def test_a_returned_plan_has_a_note_and_a_due_date_and_is_submitted_again(
    environment: Environment,
) -> None:
    teacher = await submit_plan(environment, PNS)
    returned = await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    assert (returned["state"]["phase"], returned["note"], returned["revisionDue"]) == (
        "DRAFT",
        NOTE,
        "2024-01-29",
    )
    assert [banner["code"] for banner in (await viewer(environment, PNS))["banners"]] == ["banner.returned"]
    await teacher.mutate_plan("savePraktikKinerja", 8, indikator="PK-PDP")
    again = await teacher.mutate_plan("submitPlan", 9)
    assert (again["state"]["phase"], again["content"]["praktikKinerja"]) == ("SUBMITTED", "PK-PDP")
    assert (await viewer(environment, PNS))["banners"] == []


async def test_a_plan_returned_on_the_last_day_is_submitted_after_it(
    registry: Database, empty_planning_database: Database
) -> None:
    last_day, later = datetime(2024, 3, 31, 9, tzinfo=UTC), datetime(2024, 4, 14, 16, 59, tzinfo=UTC)
    async with environment_at(registry, empty_planning_database, last_day) as environment:
        teacher = await submit_plan(environment, PNS)
        returned = await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
        assert returned["revisionDue"] == "2024-04-14"
    async with environment_at(registry, empty_planning_database, later) as environment:
        assert (await (await environment.sign_in(PNS)).mutate_plan("submitPlan"))["state"][
            "phase"
        ] == "SUBMITTED"


async def test_under_a_plt_the_system_approves_at_once(environment: Environment) -> None:
    teacher = await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR)
    plan = await teacher.load_plan()
    assert (plan["state"]["phase"], plan["version"]) == ("AUTO_APPROVED", 8)
    events = await environment.sql("SELECT kind, to_state, body::jsonb -> 'actor' ->> 'kind' AS by FROM plan_event "
                             "WHERE version > 6 ORDER BY version")  # fmt: skip
    assert [tuple(row.values()) for row in events] == [
        ("transition", "submitted", "person"),
        ("transition", "auto_approved", "system"),
    ]


async def test_plan_of_a_school_without_head_stays_submitted(environment: Environment) -> None:
    teacher = await submit_plan(environment, OF_SMA)
    assert (await teacher.load_plan())["state"]["phase"] == "SUBMITTED"


async def test_automatic_approval_of_the_period_approves_at_once(
    registry: Database, own_planning_database: Database
) -> None:
    def switched_on(data: Any) -> None:
        revision = dict(data["revisions"][-1])
        revision |= {"number": 3, "effective_from": "2024-02-10T00:00:00Z", "reason": "Sesuai FAQ."}
        revision["values"] = revision["values"] | {"approve_automatically": True}
        data["revisions"].append(revision)

    with own_planning_database.active():
        await import_period(dump_changed(PERIOD, switched_on))
    async with environment_at(registry, own_planning_database, FEBRUARY) as environment:
        assert (await (await submit_plan(environment, PNS)).load_plan())["state"]["phase"] == "SUBMITTED"
    async with environment_at(registry, own_planning_database, MID_FEBRUARY) as environment:
        teacher = await submit_plan(environment, COLLEAGUE)
        assert (await teacher.load_plan())["state"]["phase"] == "AUTO_APPROVED"
        body = (
            await environment.sql(
                "SELECT body::jsonb ->> 'parameters' AS p FROM plan_event WHERE version = 8"
            )
        )[0]
        assert body["p"] == "3"
        assert (await teacher.mutate_plan("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"


async def test_under_a_plt_a_banner_comes_in_february_and_the_plan_waits_for_the_confirmation(
    registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(registry, empty_planning_database) as environment:
        await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR)
        assert (await viewer(environment, OF_TK))["banners"] == []
    async with environment_at(registry, empty_planning_database, FEBRUARY) as environment:
        banner = (await viewer(environment, OF_TK))["banners"][0]
        assert banner["code"] == "banner.tell_plt"
        assert "16 Februari 2024" in banner["message"]
        assert "TK CONTOH 02" in banner["message"]
        teacher = await environment.sign_in(OF_TK)
        assert await teacher.expect_refusal("beginImplementation", 8) == ["plt.confirmation_not_open"]
    async with environment_at(registry, empty_planning_database, MID_FEBRUARY) as environment:
        teacher = await environment.sign_in(OF_TK)
        assert await teacher.expect_refusal("beginImplementation", 8) == ["plt.not_confirmed"]
        await store_plt_confirmation(environment, TK, ptk(PLT_OF_TK))
        assert [banner["code"] for banner in (await viewer(environment, OF_TK))["banners"]] == [
            "banner.may_begin"
        ]
        assert (await teacher.mutate_plan("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"
        assert (await viewer(environment, OF_TK))["banners"] == []


async def test_acknowledged_warning_about_points_is_recorded(environment: Environment) -> None:
    person = await environment.sign_in(PPPK)
    await complete_plan(person, rhk=TOO_FEW)
    answer = await person.mutate("submitPlan", {"planId": person.plan_id, "expectedVersion": 6})
    (warning,) = answer["problems"]
    assert (warning["__typename"], warning["code"]) == ("UnacknowledgedWarning", "points.below_minimum")
    plan = await person.mutate_plan("submitPlan", 6, **ACKNOWLEDGED_POINTS)
    assert plan["state"]["phase"] == "SUBMITTED"
    event = (await environment.sql("SELECT body::jsonb -> 'acknowledged_warnings' ->> 0 AS code FROM plan_event "
                             "WHERE version = 7"))[0]  # fmt: skip
    assert event["code"] == "points.below_minimum"


async def test_available_transitions_have_reasons_for_refusals(environment: Environment) -> None:
    teacher, head = await environment.sign_in(PNS), await environment.sign_in(HEAD_OF_SD)
    await teacher.start_plan()

    async def buttons(person: Any) -> list[tuple[str, bool, list[str]]]:
        result = (await person.execute(BUTTONS, id=teacher.plan_id))["plan"]["availableTransitions"]
        return [(row["trigger"], row["allowed"], [no["code"] for no in row["refusals"]]) for row in result]

    (button,) = await buttons(teacher)
    assert button[:2] == ("submit", False)
    assert {"profile.not_confirmed", "praktik_kinerja.missing", "perilaku_kerja.missing"} <= set(button[2])
    assert await buttons(head) == []
    await submit_plan(environment, PNS)
    assert await buttons(teacher) == []
    assert await buttons(head) == [("approve", True, []), ("return", True, [])]


async def test_fire_plan_transition_has_the_same_checks(environment: Environment) -> None:
    teacher, head = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
    fields = {"planId": teacher.plan_id, "expectedVersion": 7, "trigger": "return"}
    assert problem_codes(await head.mutate("firePlanTransition", fields)) == ["reason.missing"]
    assert problem_codes(await teacher.mutate("firePlanTransition", fields | {"reason": NOTE})) == [
        "actor.own_plan"
    ]
    plan = await head.mutate("firePlanTransition", fields | {"reason": NOTE})
    assert (plan["state"]["phase"], plan["note"]) == ("DRAFT", NOTE)


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
