"""A teacher starts a plan, confirms or corrects data diri and fills in the tabs up to the rangkuman."""

from __future__ import annotations

from typing import Any

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.environment import (
    Environment,
    connect_database,
    environment_at,
)
from tests.integration.planning.plans import (
    INDIKATOR,
    PERILAKU,
    RHK,
    TUGAS,
    WALI_KELAS,
    complete_plan,
)
from tests.small_registry import (
    PNS,
    SD,
    fill_registry,
    import_one_school,
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
    assert {row["code"] for row in resumed_plan["incompleteParts"]} == {
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
    assert plan["incompleteParts"] == []


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


async def test_every_value_that_the_catalogue_lists_can_be_sent_and_no_change_keeps_the_correction(
    environment: Environment,
) -> None:
    person = await environment.sign_in(PNS)
    await person.start_plan()
    lists = "jenjangJabatanOptions { code label } pangkatGolonganOptions { code golongan ruang }"
    query = f"query Q($id: ID!) {{ plan(id: $id) {{ catalog {{ {lists} }} }} }}"
    catalog = (await person.execute(query, id=person.plan_id))["plan"]["catalog"]
    levels, ranks = catalog["jenjangJabatanOptions"], catalog["pangkatGolonganOptions"]
    assert (await person.load_plan())["profile"]["askedFields"] == ["JENJANG_JABATAN"]
    plan = await person.mutate_plan("confirmProfile", 1, jenjangJabatan=levels[1]["code"])
    profile = plan["profile"]
    assert profile["jenjangJabatan"] == {"value": levels[1]["label"], "source": "teacher"}
    assert (profile["correctedAt"], profile["askedFields"]) == (None, [])
    (same,) = (rank for rank in ranks if rank["code"] == profile["pangkatGolongan"]["value"])
    same = {"pangkatGolongan": same["golongan"], "ruang": same["ruang"], "jenjangJabatan": levels[1]["code"]}
    unchanged = (await person.mutate_plan("correctProfile", 2, **same))["profile"]
    assert unchanged == profile
    codes = await person.expect_refusal("confirmProfile", 3, jenjangJabatan=levels[0]["code"])
    assert codes == ["profile.jenjang_jabatan_known"]
    other = {"pangkatGolongan": ranks[-1]["golongan"], "ruang": ranks[-1]["ruang"]}
    corrected = (await person.mutate_plan("correctProfile", 3, **other))["profile"]
    assert corrected["pangkatGolongan"] == {"value": ranks[-1]["code"], "source": "teacher"}
    kinds = await environment.sql("SELECT kind FROM plan_event ORDER BY version")
    assert [row["kind"] for row in kinds] == [
        "started", "profile_confirmed", "profile_confirmed", "profile_corrected",
    ]  # fmt: skip


async def test_unknown_rank_is_named_by_golongan_and_ruang(environment: Environment) -> None:
    person = await environment.sign_in(PNS)
    await person.start_plan()
    arguments = {"planId": person.plan_id, "expectedVersion": 1, "pangkatGolongan": "III/d"}
    (problem,) = (await person.mutate("correctProfile", arguments))["problems"]
    assert "III/d/c" not in problem["message"]
    assert "Golongan III/d dengan ruang c" in problem["message"]


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
