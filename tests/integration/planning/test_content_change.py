"""The changes since the last submission, as the head of the school reads them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.planning.environment import Client, Environment
from tests.integration.planning.plans import (
    ACKNOWLEDGED_POINTS,
    NOTE,
    SUB_INDIKATOR,
    WALI_KELAS,
    decide_as_head,
    submit_plan,
)
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, HEAD_OF_SMP, OF_TK, PLT_OF_TK, PNS, PPPK

CHANGES = """query Q($id: ID!) { plan(id: $id) {
  changesSinceLastSubmission { part kind about before after }
} }"""


async def changes(person: Client, plan_id: str, language: str = "id") -> list[tuple[Any, ...]] | None:
    """Return each change as (part, kind, subject, before, after), or None without a comparison."""
    changed_fields = (await person.execute(CHANGES, language, id=plan_id))["plan"][
        "changesSinceLastSubmission"
    ]
    return changed_fields and [tuple(change.values()) for change in changed_fields]


async def returned(environment: Environment) -> Client:
    """A teacher whose plan has one duty and was returned with a note."""
    teacher = await submit_plan(environment, PNS)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    await teacher.mutate_plan("saveTugasTambahan", tugas=[WALI_KELAS])
    await teacher.mutate_plan("submitPlan")
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    return teacher


async def test_head_sees_the_changes_since_the_returned_submission(
    environment: Environment,
) -> None:
    teacher, head = await returned(environment), await environment.sign_in(HEAD_OF_SD)
    assert [await changes(person, teacher.plan_id) for person in (teacher, head)] == [[], []]
    await teacher.mutate_plan("correctProfile", ruang="d")
    await teacher.mutate_plan("savePraktikKinerja", indikator="PK-PDP")
    await teacher.mutate_plan("savePengembanganKompetensi", rhk=["RHK-04", "RHK-01", "RHK-02", "RHK-05"])
    other_decree = WALI_KELAS | {"nomorSk": "421/002/2024", "tanggalSk": "2024-01-09"}
    await teacher.mutate_plan("saveTugasTambahan", tugas=[other_decree, {"code": "TT-PIKET"}])
    pilihan = [
        {"aspek": a, "opsi": f"{a}-{2 if a == 'AK' else 1}"} for a in ("BP", "AK", "KO", "HA", "LO", "AD")
    ]
    await teacher.mutate_plan("savePerilakuKerja", pilihan=pilihan)
    labels = await _labels(teacher)
    expected_changes = [
        ("DATA_DIRI", "REPLACED", "Pangkat/golongan", "III/c", "III/d"),
        ("PRAKTIK_KINERJA", "REPLACED", None, labels["PK-KSK"], labels["PK-PDP"]),
        ("PENGEMBANGAN_KOMPETENSI", "REMOVED", None, labels["RHK-07"], None),
        ("PENGEMBANGAN_KOMPETENSI", "ADDED", None, None, labels["RHK-05"]),
        (
            "TUGAS_TAMBAHAN",
            "REPLACED",
            "Wali Kelas",
            "421/001/2024, 2 Januari 2024",
            "421/002/2024, 9 Januari 2024",
        ),
        ("TUGAS_TAMBAHAN", "ADDED", "Guru Piket", None, "surat keputusan belum diisi"),
        ("PERILAKU_KERJA", "REPLACED", labels["AK"], labels["AK-1"], labels["AK-2"]),
        ("PERILAKU_KERJA", "REMOVED", labels["KL"], labels["KL-1"], None),
    ]
    assert await changes(teacher, teacher.plan_id) == expected_changes

    duties = [other_decree, WALI_KELAS | {"code": "TT-PIKET"}]
    await teacher.mutate_plan("saveTugasTambahan", tugas=duties)
    await teacher.mutate_plan("savePerilakuKerja", pilihan=[*pilihan, {"aspek": "KL", "opsi": "KL-1"}])
    await teacher.mutate_plan("submitPlan", **ACKNOWLEDGED_POINTS)
    expected_changes[5] = ("TUGAS_TAMBAHAN", "ADDED", "Guru Piket", None, "421/001/2024, 2 Januari 2024")
    assert await changes(head, teacher.plan_id) == expected_changes[:7]
    english = await changes(head, teacher.plan_id, "en")
    assert english is not None
    assert english[4][3] == "421/001/2024, 2 January 2024"

    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    await teacher.mutate_plan("submitPlan", **ACKNOWLEDGED_POINTS)
    assert await changes(head, teacher.plan_id) == []


async def _labels(teacher: Client) -> dict[str, str]:
    query = """query Q($id: ID!) { plan(id: $id) { catalog {
      praktikKinerja { code label } pengembanganKompetensi { code label }
      perilakuKerja { code label opsi { code label } }
    } } }"""
    choices = (await teacher.execute(query, id=teacher.plan_id))["plan"]["catalog"]
    aspek = choices["perilakuKerja"]
    rows = [
        *choices["praktikKinerja"],
        *choices["pengembanganKompetensi"],
        *aspek,
        *(opsi for aspek_row in aspek for opsi in aspek_row["opsi"]),
    ]
    return {row["code"]: row["label"] for row in rows}


async def test_changes_are_null_before_the_second_submission(
    environment: Environment,
) -> None:
    fresh = await environment.sign_in(PPPK)
    await fresh.start_plan()
    assert await changes(fresh, fresh.plan_id) is None
    teacher, of_tk = (
        await submit_plan(environment, PNS),
        await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR),
    )
    assert await changes(await environment.sign_in(HEAD_OF_SD), teacher.plan_id) is None
    assert await changes(await environment.sign_in(PLT_OF_TK), of_tk.plan_id) is None


@pytest.mark.parametrize("name", ["content", "profile"])
async def test_changes_are_null_after_an_erasure(environment: Environment, name: str) -> None:
    teacher = await returned(environment)
    await teacher.mutate_plan("savePraktikKinerja", indikator="PK-PDP")
    assert await changes(teacher, teacher.plan_id)
    await environment.sql(
        "UPDATE plan_text SET value = NULL, salt = NULL, erased_at = $1 WHERE name = $2",
        environment.now,
        name,
    )
    assert await changes(teacher, teacher.plan_id) is None


@pytest.mark.parametrize("user", [PNS, HEAD_OF_SD, ADMIN])
async def test_every_reader_of_the_plan_sees_its_changes(environment: Environment, user: int | str) -> None:
    teacher = await returned(environment)
    await teacher.mutate_plan("savePraktikKinerja", indikator="PK-PDP")
    changed_fields = await changes(await environment.sign_in(user), teacher.plan_id)
    assert changed_fields is not None
    assert [change[0] for change in changed_fields] == ["PRAKTIK_KINERJA"]


@pytest.mark.parametrize("user", [COLLEAGUE, HEAD_OF_SMP, PLT_OF_TK])
async def test_changes_are_hidden_from_others(environment: Environment, user: int) -> None:
    teacher = await returned(environment)
    answer = await (await environment.sign_in(user)).execute(CHANGES, id=teacher.plan_id)
    assert answer == {"plan": None}


async def test_changes_require_sign_in(environment: Environment) -> None:
    teacher = await returned(environment)
    _, answer = await environment.anonymous().post({"query": CHANGES, "variables": {"id": teacher.plan_id}})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "auth.sign_in_required"
