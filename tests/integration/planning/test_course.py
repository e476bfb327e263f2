"""The normal course of a plan, mutation by mutation, and what each question answers on the way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.composing import (
    INDIKATOR,
    NOTE,
    PERILAKU,
    RHK,
    SUB_INDIKATOR,
    TOO_FEW,
    TUGAS,
    WALI_KELAS,
    WARNED,
    complete,
    confirmed_by_plt,
    decided,
    submitted,
)
from tests.integration.planning.house import House, codes, connected, house_at
from tests.integration.planning.importing import import_period
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
    import_one_school,
    import_registry,
)
from tests.unit.planning.reference import PERIOD, spoiled

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


async def viewer(house: House, who: int | str) -> dict[str, Any]:
    return dict((await (await house.person(who)).ask(VIEWER))["viewer"])


async def test_the_viewer_is_told_who_they_are_and_that_they_may_plan(house: House) -> None:
    told = await viewer(house, PNS)
    assert (told["nama"], told["ptkId"], told["plan"]) == ("Guru Contoh 1", str(ptk(PNS)), None)
    assert told["mayPlan"] == {"allowed": True, "obliged": True, "refusals": []}
    assert told["roles"] == [{"role": "TEACHER", "npsn": SD}]
    assert told["satuanPendidikan"] == {
        "npsn": SD, "nama": "SD NEGERI CONTOH 01", "jenjang": "SD", "zone": "Asia/Jakarta",
    }  # fmt: skip
    assert told["period"]["code"] == "2024-1"
    plan = await (await house.person(PNS)).start()
    assert (await viewer(house, PNS))["plan"] == {"id": plan["id"], "version": 1}


async def test_a_phone_is_advised_and_a_computer_is_not(house: House) -> None:
    told = await viewer(house, PNS)
    assert told["phone"]["code"] == "device.use_computer"
    assert "Tetap di sini" in told["phone"]["message"]
    assert told["computer"] is None
    assert told["mayPlan"]["allowed"]


@pytest.mark.parametrize(
    ("who", "obliged"), [(PNS, True), (PPPK, True), (NON_ASN, False), (UNKNOWN, None), (RETIRING, True)]
)
async def test_asn_must_plan_and_others_may(house: House, who: int, obliged: bool | None) -> None:
    assert (await viewer(house, who))["mayPlan"] == {"allowed": True, "obliged": obliged, "refusals": []}
    await (await house.person(who)).start()


@pytest.mark.parametrize(
    ("who", "code", "fixer"),
    [
        (STAFF, "access.jenis_ptk_not_listed", "OPERATOR_SEKOLAH"),
        (HEAD_OF_SD, "access.kepala_sekolah", "DINAS"),
        (OTHER_ACCOUNT, "access.account_of_other_school", "OPERATOR_SEKOLAH"),
        (ADMIN, "access.no_ptk", "HELPDESK"),
    ],
)
async def test_who_may_not_plan_is_told_the_rule_and_who_mends_it(
    house: House, who: int | str, code: str, fixer: str
) -> None:
    refusals = (await viewer(house, who))["mayPlan"]["refusals"]
    assert [(told["code"], told["whoCanFix"]) for told in refusals] == [(code, fixer)]
    answer = await (await house.person(who)).do("startPlan", {})
    assert [(told["code"], told["whoCanFix"]) for told in answer["problems"]] == [(code, fixer)]
    assert not any((await house.everything()).values())


async def test_the_account_of_another_school_is_told_the_sekolah_induk(house: House) -> None:
    refusals = (await viewer(house, OTHER_ACCOUNT))["mayPlan"]["refusals"]
    assert "SD NEGERI CONTOH 01" in refusals[0]["message"]


async def test_a_teacher_who_acts_as_plt_elsewhere_plans_at_the_own_school(house: House) -> None:
    assert (await viewer(house, PLT_OF_TK))["roles"] == [
        {"role": "TEACHER", "npsn": SMP},
        {"role": "PLT", "npsn": TK},
    ]
    assert (await (await house.person(PLT_OF_TK)).start())["satuanPendidikan"]["npsn"] == SMP


async def test_the_period_and_its_window_are_read_in_the_zone_of_the_school(house: House) -> None:
    query = """query Q { period(code: "2024-1") { code label starts ends minimumPoints
      wib: window { opensOn closesOn opens closes reason } wit: window(zone: WIT) { opens closes } } }"""
    period = (await (await house.person(PNS)).ask(query, "en"))["period"]
    assert (period["starts"], period["ends"], period["minimumPoints"]) == ("2024-01-01", "2024-06-30", 32)
    assert (period["wib"]["opensOn"], period["wib"]["closesOn"]) == ("2024-01-01", "2024-01-31")
    assert period["wib"]["opens"] == "2023-12-31T17:00:00+00:00"
    assert period["wit"]["closes"] == "2024-01-31T15:00:00+00:00"


async def test_the_catalogue_shows_the_lists_of_a_level_and_an_example(house: House) -> None:
    query = """query Q($jenjang: String!) { catalog(jenjang: $jenjang) { jenjang
      choices { praktikKinerja { code confidence } pengembanganKompetensi { code poin } tugasTambahan { code }
        perilakuKerja { code opsi { code } } }
      examplePlan { praktikKinerja pengembanganKompetensi perilakuKerja { aspek opsi } why { path message } } } }"""
    person = await house.person(PNS)
    paud = (await person.ask(query, jenjang="PAUD"))["catalog"]
    assert {row["code"].split("-")[0] for row in paud["choices"]["praktikKinerja"]} == {"PAUD"}
    assert len(paud["choices"]["perilakuKerja"]) == len(paud["examplePlan"]["perilakuKerja"]) == 7
    english = (await person.ask(query, "en", jenjang="PAUD"))["catalog"]["examplePlan"]["why"]
    assert {row["message"] for row in english}.isdisjoint(
        row["message"] for row in paud["examplePlan"]["why"]
    )


async def test_starting_twice_is_starting_once(house: House) -> None:
    person = await house.person(PNS)
    first, again = await person.do("startPlan", {}), await person.do("startPlan", {"period": "2024-1"})
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first | {"replayed": True} == again
    assert len(await house.sql("SELECT FROM plan_event")) == 1


async def test_a_half_filled_plan_is_resumed_at_its_tab(house: House) -> None:
    person = await house.person(PNS)
    await person.start()
    await person.done("confirmProfile", 1)
    assert (await person.done("savePraktikKinerja", 2, **INDIKATOR, then="NEXT"))[
        "tab"
    ] == "PENGEMBANGAN_KOMPETENSI"
    saved = await person.done("savePengembanganKompetensi", 3, rhk=[])
    assert saved["tab"] == "PENGEMBANGAN_KOMPETENSI"
    resumed = await person.start()
    assert resumed == saved
    assert resumed["content"]["praktikKinerja"] == "PK-KSK"
    assert {row["code"] for row in resumed["incomplete"]} == {
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
async def test_every_tab_keeps_an_incomplete_draft_and_goes_on_only_when_complete(
    house: House, mutation: str, half: dict[str, Any]
) -> None:
    person = await house.person(PNS)
    await person.start()
    await person.done("confirmProfile", 1)
    kept = await person.done(mutation, 2, **half, then="STAY")
    before = await house.everything()
    refused = await person.refused(mutation, 3, **half, then="NEXT")
    assert all(code.endswith("_missing") or code.endswith(".missing") for code in refused)
    assert await house.everything() == before
    assert (await person.plan())["tab"] == kept["tab"]


async def test_every_tab_holds_what_was_saved_last(house: House) -> None:
    person = await house.person(PNS)
    await complete(person)
    await person.done("saveTugasTambahan", 6, **TUGAS)
    plan = await person.done("savePraktikKinerja", 7, indikator="PK-PDP")
    assert plan["content"] == {
        "praktikKinerja": "PK-PDP",
        "pengembanganKompetensi": RHK["rhk"],
        "tugasTambahan": [WALI_KELAS],
        "perilakuKerja": plan["content"]["perilakuKerja"],
    }
    chosen = {row["aspek"]: row["opsi"] for row in plan["content"]["perilakuKerja"]}
    assert chosen == {row["aspek"]: row["opsi"] for row in PERILAKU["pilihan"]}
    assert plan["incomplete"] == []


async def test_the_rangkuman_shows_the_automatic_rhk_and_who_uploads(house: House) -> None:
    plan = await complete(await house.person(PNS))
    assert (plan["tab"], plan["rangkuman"]["poin"]) == ("RANGKUMAN", 32)
    lines = plan["rangkuman"]["rhk"]
    assert [(row["code"], row["pengunggah"]) for row in lines if row["otomatis"]] == [
        ("RHK-AUTO-PRAKTIK", "GURU"),
        ("RHK-AUTO-KOSP", "KEPALA_SEKOLAH"),
        ("RHK-AUTO-HADIR", "KEPALA_SEKOLAH"),
    ]
    assert lines[0]["label"] == "Keteraturan Suasana Kelas"
    assert [row["code"] for row in lines if not row["otomatis"]] == RHK["rhk"]


async def test_data_diri_are_corrected_once_and_dapodik_keeps_its_own(house: House) -> None:
    person = await house.person(PNS)
    await person.start()
    plan = await person.done("correctProfile", 1, ruang="d", jenjangJabatan="AHLI_MUDA")
    profile = plan["profile"]
    assert profile["pangkatGolongan"] == {"value": "III/d", "source": "teacher"}
    assert profile["jenjangJabatan"] == {"value": "Guru Ahli Muda", "source": "teacher"}
    assert profile["confirmedAt"] == profile["correctedAt"] == "2024-01-15T02:00:00+00:00"
    assert profile["editableFields"] == []
    assert await person.refused("correctProfile", 2, ruang="c") == ["profile.corrected_already"]
    assert (await person.plan())["version"] == 2


async def test_data_diri_not_yet_confirmed_follow_the_registry(fresh_url: Fresh, planning: Database) -> None:
    async with connected(await fresh_url("services.identity"), "services.identity") as identity:
        with identity.active():
            await import_registry()
        async with house_at(identity, planning) as house:
            person = await house.person(PNS)
            assert (await person.start())["profile"]["nama"]["value"] == "Guru Contoh 1"
            with identity.active():
                await import_one_school(SD, house.now, p1={"nama": "Nama Baru"})
            refreshed = await person.start()
            assert (refreshed["profile"]["nama"]["value"], refreshed["version"]) == ("Nama Baru", 2)
            assert (await person.start())["version"] == 2
            await person.done("confirmProfile", 2)
            with identity.active():
                await import_one_school(SD, house.now, p1={"nama": "Nama Lain"})
            kept = await person.start()
            assert (kept["profile"]["nama"]["value"], kept["version"]) == ("Nama Baru", 3)


async def test_a_definitif_principal_approves_and_the_teacher_begins(house: House) -> None:
    teacher = await submitted(house, PNS)
    assert (await teacher.plan())["state"] == {
        "name": "submitted",
        "label": "Diajukan",
        "phase": "SUBMITTED",
    }
    assert (await viewer(house, PNS))["banners"] == []
    approved = await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    assert approved["state"]["phase"] == "APPROVED"
    assert [banner["code"] for banner in (await viewer(house, PNS))["banners"]] == ["banner.may_begin"]
    begun = await teacher.done("beginImplementation")
    assert (begun["state"]["phase"], begun["version"]) == ("IN_IMPLEMENTATION", 9)


async def test_a_returned_plan_has_a_note_and_a_due_date_and_is_submitted_again(house: House) -> None:
    teacher = await submitted(house, PNS)
    returned = await decided(house, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    assert (returned["state"]["phase"], returned["note"], returned["revisionDue"]) == (
        "DRAFT",
        NOTE,
        "2024-01-29",
    )
    assert [banner["code"] for banner in (await viewer(house, PNS))["banners"]] == ["banner.returned"]
    await teacher.done("savePraktikKinerja", 8, indikator="PK-PDP")
    again = await teacher.done("submitPlan", 9)
    assert (again["state"]["phase"], again["content"]["praktikKinerja"]) == ("SUBMITTED", "PK-PDP")
    assert (await viewer(house, PNS))["banners"] == []


async def test_a_plan_returned_on_the_last_day_is_submitted_after_it(
    registry: Database, planning: Database
) -> None:
    last_day, later = datetime(2024, 3, 31, 9, tzinfo=UTC), datetime(2024, 4, 14, 16, 59, tzinfo=UTC)
    async with house_at(registry, planning, last_day) as house:
        teacher = await submitted(house, PNS)
        returned = await decided(house, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
        assert returned["revisionDue"] == "2024-04-14"
    async with house_at(registry, planning, later) as house:
        assert (await (await house.person(PNS)).done("submitPlan"))["state"]["phase"] == "SUBMITTED"


async def test_under_a_plt_the_system_approves_at_once(house: House) -> None:
    teacher = await submitted(house, OF_TK, indikator=SUB_INDIKATOR)
    plan = await teacher.plan()
    assert (plan["state"]["phase"], plan["version"]) == ("AUTO_APPROVED", 8)
    events = await house.sql("SELECT kind, \"to\", body::jsonb -> 'actor' ->> 'kind' AS by FROM plan_event "
                             "WHERE version > 6 ORDER BY version")  # fmt: skip
    assert [tuple(row.values()) for row in events] == [
        ("transition", "submitted", "person"),
        ("transition", "auto_approved", "system"),
    ]


async def test_a_school_that_nobody_leads_keeps_the_plan_submitted(house: House) -> None:
    teacher = await submitted(house, OF_SMA)
    assert (await teacher.plan())["state"]["phase"] == "SUBMITTED"


async def test_everything_is_approved_at_once_when_the_period_says_so(
    registry: Database, own: Database
) -> None:
    def switched_on(data: Any) -> None:
        revision = dict(data["revisions"][-1])
        revision |= {"number": 3, "effective_from": "2024-02-10T00:00:00Z", "reason": "Sesuai FAQ."}
        revision["values"] = revision["values"] | {"approve_automatically": True}
        data["revisions"].append(revision)

    with own.active():
        await import_period(spoiled(PERIOD, switched_on))
    async with house_at(registry, own, FEBRUARY) as house:
        assert (await (await submitted(house, PNS)).plan())["state"]["phase"] == "SUBMITTED"
    async with house_at(registry, own, MID_FEBRUARY) as house:
        teacher = await submitted(house, COLLEAGUE)
        assert (await teacher.plan())["state"]["phase"] == "AUTO_APPROVED"
        body = (
            await house.sql("SELECT body::jsonb ->> 'parameters' AS p FROM plan_event WHERE version = 8")
        )[0]
        assert body["p"] == "3"
        assert (await teacher.done("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"


async def test_under_a_plt_a_banner_comes_in_february_and_the_plan_waits_for_the_confirmation(
    registry: Database, planning: Database
) -> None:
    async with house_at(registry, planning) as house:
        await submitted(house, OF_TK, indikator=SUB_INDIKATOR)
        assert (await viewer(house, OF_TK))["banners"] == []
    async with house_at(registry, planning, FEBRUARY) as house:
        banner = (await viewer(house, OF_TK))["banners"][0]
        assert banner["code"] == "banner.tell_plt"
        assert "16 Februari 2024" in banner["message"]
        assert "TK CONTOH 02" in banner["message"]
        teacher = await house.person(OF_TK)
        assert await teacher.refused("beginImplementation", 8) == ["plt.confirmation_not_open"]
    async with house_at(registry, planning, MID_FEBRUARY) as house:
        teacher = await house.person(OF_TK)
        assert await teacher.refused("beginImplementation", 8) == ["plt.not_confirmed"]
        await confirmed_by_plt(house, TK, ptk(PLT_OF_TK))
        assert [banner["code"] for banner in (await viewer(house, OF_TK))["banners"]] == ["banner.may_begin"]
        assert (await teacher.done("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"
        assert (await viewer(house, OF_TK))["banners"] == []


async def test_too_few_points_ask_to_be_acknowledged_and_that_is_recorded(house: House) -> None:
    person = await house.person(PPPK)
    await complete(person, rhk=TOO_FEW)
    answer = await person.do("submitPlan", {"planId": person.plan_id, "expectedVersion": 6})
    (warning,) = answer["problems"]
    assert (warning["__typename"], warning["code"]) == ("UnacknowledgedWarning", "points.below_minimum")
    plan = await person.done("submitPlan", 6, **WARNED)
    assert plan["state"]["phase"] == "SUBMITTED"
    event = (await house.sql("SELECT body::jsonb -> 'acknowledged' ->> 0 AS code FROM plan_event "
                             "WHERE version = 7"))[0]  # fmt: skip
    assert event["code"] == "points.below_minimum"


async def test_the_buttons_say_what_may_be_pressed_and_why_not(house: House) -> None:
    teacher, head = await house.person(PNS), await house.person(HEAD_OF_SD)
    await teacher.start()

    async def buttons(person: Any) -> list[tuple[str, bool, list[str]]]:
        told = (await person.ask(BUTTONS, id=teacher.plan_id))["plan"]["availableTransitions"]
        return [(row["trigger"], row["allowed"], [no["code"] for no in row["refusals"]]) for row in told]

    (button,) = await buttons(teacher)
    assert button[:2] == ("submit", False)
    assert {"profile.not_confirmed", "praktik_kinerja.missing", "perilaku_kerja.missing"} <= set(button[2])
    assert await buttons(head) == []
    await submitted(house, PNS)
    assert await buttons(teacher) == []
    assert await buttons(head) == [("approve", True, []), ("return", True, [])]


async def test_fire_plan_transition_passes_the_same_doors(house: House) -> None:
    teacher, head = await submitted(house, PNS), await house.person(HEAD_OF_SD)
    given = {"planId": teacher.plan_id, "expectedVersion": 7, "trigger": "return"}
    assert codes(await head.do("firePlanTransition", given)) == ["reason.missing"]
    assert codes(await teacher.do("firePlanTransition", given | {"reason": NOTE})) == ["actor.own_plan"]
    plan = await head.do("firePlanTransition", given | {"reason": NOTE})
    assert (plan["state"]["phase"], plan["note"]) == ("DRAFT", NOTE)


async def test_a_teacher_at_two_schools_plans_at_the_induk_and_the_other_head_sees_nothing(
    house: House,
) -> None:
    plan = await (await house.person(PNS)).start()
    assert plan["satuanPendidikan"]["npsn"] == SD
    query = "query Q($id: ID!) { plan(id: $id) { id } }"
    for who, seen in ((HEAD_OF_SMP, None), (OF_SMP, None), (HEAD_OF_SD, {"id": plan["id"]})):
        assert (await (await house.person(who)).ask(query, id=plan["id"]))["plan"] == seen


async def test_after_the_extension_the_window_closes_at_the_end_of_march_in_the_schools_zone(
    registry: Database, planning: Database
) -> None:
    papua_closes = datetime(2024, 3, 31, 15, tzinfo=UTC)  # midnight in WIT, two hours before WIB
    async with house_at(registry, planning, papua_closes) as house:
        assert codes(await (await house.person(OF_SMA)).do("startPlan", {})) == ["window.closed"]
        await (await house.person(PNS)).start()
