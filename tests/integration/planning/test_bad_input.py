"""Mutations with faulty input are refused with a clear problem in both languages and change nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.kit.database import Database
from services.planning.api.ids import plan_id
from tests.identity_samples import ptk
from tests.integration.planning.bad_input import (
    APPROVED,
    COMPLETE,
    DRAFT_OF_TK,
    GHOST,
    KEY,
    STARTED_PLAN,
    SUBMITTED,
    TAB1,
    TAB2,
    TAB3,
    TAB4,
    VERSIONS,
    Row,
    bad,
    expect_two_sentences,
    sk,
)
from tests.integration.planning.environment import Client, Environment, environment_at, problem_path
from tests.integration.planning.plans import (
    INDIKATOR,
    NOTE,
    PERILAKU,
    RHK,
    SUB_INDIKATOR,
    WALI_KELAS,
)
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    HEAD_OF_SMP,
    OF_SMA,
    OF_SMP,
    PPPK,
    UNKNOWN,
)

UNKNOWN_PLAN = "plan.unknown@input.planId"
ASPEK = ("BP", "AK", "KO", "HA", "LO", "AD", "KL")
ALL_TABS_MISSING = (
    "praktik_kinerja.missing@praktikKinerja.indikator",
    "pengembangan_kompetensi.missing@pengembanganKompetensi.rhk",
    *(f"perilaku_kerja.missing@perilakuKerja.pilihan.{aspek}" for aspek in ASPEK),
    "points.below_minimum@pengembanganKompetensi",
)
TABLE = [
    # ids
    bad("a malformed id", TAB1, "id.invalid@input.planId", planId="rencana-saya", **INDIKATOR),
    bad("an empty id", TAB1, "id.invalid@input.planId", planId="", **INDIKATOR),
    bad("an id with padding", TAB1, "id.invalid@input.planId",
        planId=plan_id(str(ptk(COMPLETE)), "2024-1") + "==", **INDIKATOR),
    bad("an id of another kind", TAB1, "id.invalid@input.planId", planId="VmlldzoxMjM", **INDIKATOR),
    bad("an endless id", TAB1, "id.invalid@input.planId", planId="A" * 5_000, **INDIKATOR),
    bad("a plan of nobody", TAB1, UNKNOWN_PLAN, planId=plan_id(GHOST, "2024-1"), **INDIKATOR),
    bad("a plan of another period", TAB1, UNKNOWN_PLAN, planId=plan_id(str(ptk(COMPLETE)), "2024-2"), **INDIKATOR),
    # other people's plans
    bad("another teacher saves", TAB1, UNKNOWN_PLAN, by=OF_SMP, **INDIKATOR),
    bad("a colleague at the same school saves", TAB1, UNKNOWN_PLAN, by=COLLEAGUE, **INDIKATOR),
    bad("the head of another school saves", TAB1, UNKNOWN_PLAN, by=HEAD_OF_SMP, **INDIKATOR),
    bad("the own principal saves", TAB1, "actor.not_owner@", by=HEAD_OF_SD, **INDIKATOR),
    bad("the own principal confirms data diri", "confirmProfile", "actor.not_owner@", of=STARTED_PLAN, by=HEAD_OF_SD),
    bad("the own principal corrects data diri", "correctProfile", "actor.not_owner@", by=HEAD_OF_SD, ruang="d"),
    bad("the own principal submits", "submitPlan", "actor.not_owner@", by=HEAD_OF_SD),
    bad("the own principal begins", "beginImplementation", "actor.not_owner@", of=APPROVED, by=HEAD_OF_SD),
    bad("an admin saves", TAB1, "actor.not_owner@", by=ADMIN, **INDIKATOR),
    bad("an admin approves", "approvePlan", "head.is_another@", of=SUBMITTED, by=ADMIN),
    bad("an admin submits", "submitPlan", "actor.not_owner@", by=ADMIN),
    bad("the owner approves", "approvePlan", "actor.own_plan@", of=SUBMITTED),
    bad("the owner returns", "returnPlan", "actor.own_plan@", of=SUBMITTED, note=NOTE),
    bad("the head of another school approves", "approvePlan", UNKNOWN_PLAN, of=SUBMITTED, by=HEAD_OF_SMP),
    bad("a colleague approves", "approvePlan", UNKNOWN_PLAN, of=SUBMITTED, by=COMPLETE),
    # versions and keys
    bad("a stale version", TAB1, "version.conflict@", expectedVersion=5, **INDIKATOR),
    bad("a version still to come", TAB1, "version.conflict@", expectedVersion=2**31 - 1, **INDIKATOR),
    bad("version zero", TAB1, "version.malformed@input.expectedVersion", expectedVersion=0, **INDIKATOR),
    bad("a negative version", TAB1, "version.malformed@input.expectedVersion", expectedVersion=-7, **INDIKATOR),
    bad("a short key", TAB1, "key.malformed@input.idempotencyKey", idempotencyKey="1234567", **INDIKATOR),
    bad("a long key", TAB1, "key.malformed@input.idempotencyKey", idempotencyKey="k" * 129, **INDIKATOR),
    bad("a key not of ASCII", TAB1, "key.malformed@input.idempotencyKey", idempotencyKey="kunci-éé", **INDIKATOR),
    bad("a key with a line break", TAB1, "key.malformed@input.idempotencyKey", idempotencyKey="kunci\n12", **INDIKATOR),
    bad("key and version malformed at once", TAB1, "key.malformed@input.idempotencyKey",
        "version.malformed@input.expectedVersion", idempotencyKey="", expectedVersion=0, **INDIKATOR),
    bad("a key used for another plan", "approvePlan", "key.reused@input.idempotencyKey", of=SUBMITTED, by=HEAD_OF_SD,
        idempotencyKey=KEY),
    bad("a key used for another version", "approvePlan", "key.reused@input.idempotencyKey", of=APPROVED,
        by=HEAD_OF_SD, idempotencyKey=KEY, expectedVersion=8),
    bad("a key used with another acknowledgement", "approvePlan", "key.reused@input.idempotencyKey", of=APPROVED,
        by=HEAD_OF_SD, idempotencyKey=KEY, expectedVersion=7, acknowledge=["points.below_minimum"]),
    # Mulai
    bad("an unknown period", "startPlan", "period.unknown@input.period", period="1999-1"),
    bad("an unknown period", "startPlan", "period.unknown@input.period", period="kapan saja"),
    # data diri
    bad("Non-ASN correct nothing", "correctProfile", "profile.not_editable@", of=STARTED_PLAN, ruang="d"),
    bad("an unknown status corrects nothing", "correctProfile", "profile.not_editable@", of=UNKNOWN, ruang="d"),
    bad("PPPK do not correct a rank", "correctProfile", "profile.field_not_editable@input.pangkatGolongan",
        "profile.field_not_editable@input.ruang", of=PPPK, pangkatGolongan="III", ruang="d"),
    bad("an empty correction", "correctProfile", "profile.nothing_to_correct@"),
    bad("an unknown rank", "correctProfile", "profile.rank_unknown@input.ruang", ruang="z"),
    bad("an unknown rank and level", "correctProfile", "profile.rank_unknown@input.pangkatGolongan",
        "choice.not_offered@input.jenjangJabatan", pangkatGolongan="V", jenjangJabatan="GURU_BESAR"),
    bad("a tab before data diri", TAB1, "profile.not_confirmed@profile", of=STARTED_PLAN, **INDIKATOR),
    # Praktik Kinerja
    bad("an unknown indikator", TAB1, "choice.not_offered@input.indikator", indikator="PK-XYZ"),
    bad("an empty indikator", TAB1, "choice.not_offered@input.indikator", indikator=""),
    bad("a sub indikator of PAUD for SD", TAB1, "choice.not_offered@input.indikator", **SUB_INDIKATOR),
    bad("an indikator of SD for TK", TAB1, "choice.not_offered@input.indikator", of=DRAFT_OF_TK, **INDIKATOR),
    bad("no indikator at NEXT", TAB1, "praktik_kinerja.missing@input.indikator", then="NEXT"),
    # Pengembangan Kompetensi
    bad("an unknown RHK and one twice", TAB2, "choice.not_offered@input.rhk.1", "rhk.twice@input.rhk.2",
        rhk=["RHK-01", "RHK-99", "RHK-01"]),
    bad("an automatic RHK", TAB2, "choice.not_offered@input.rhk.0", rhk=["RHK-AUTO-KOSP"]),
    bad("too many RHK", TAB2, "choice.too_many@input.rhk", rhk=["RHK-01"] * 101),
    bad("no RHK at NEXT", TAB2, "pengembangan_kompetensi.missing@input.rhk", rhk=[], then="NEXT"),
    # Tugas Tambahan
    bad("an unknown duty", TAB3, "choice.not_offered@input.tugas.0.code", **sk(code="TT-XYZ")),
    bad("a duty that is switched off", TAB3, "choice.not_offered@input.tugas.0.code", **sk(code="TT-BOS")),
    bad("a duty of SMK for SD", TAB3, "choice.not_offered@input.tugas.0.code", **sk(code="TT-BKK")),
    bad("the same duty twice", TAB3, "tugas_tambahan.twice@input.tugas.1", tugas=[WALI_KELAS, WALI_KELAS]),
    bad("too many duties", TAB3, "choice.too_many@input.tugas", tugas=[WALI_KELAS] * 21),
    bad("a decree without number and date at NEXT", TAB3, "tugas_tambahan.nomor_sk_missing@input.tugas.0.nomorSk",
        "tugas_tambahan.tanggal_sk_missing@input.tugas.0.tanggalSk", then="NEXT", **sk(nomorSk=" ", tanggalSk=None)),
    bad("a decree of next century", TAB3, "tugas_tambahan.tanggal_sk_late@input.tugas.0.tanggalSk",
        **sk(tanggalSk="2124-01-02")),
    bad("a decree of the day after the period", TAB3, "tugas_tambahan.tanggal_sk_late@input.tugas.0.tanggalSk",
        **sk(tanggalSk="2024-07-01")),
    bad("a decree of tomorrow", TAB3, "tugas_tambahan.tanggal_sk_late@input.tugas.0.tanggalSk",
        **sk(tanggalSk="2024-01-16")),
    bad("a decree of the year 1904", TAB3, "tugas_tambahan.tanggal_sk_early@input.tugas.0.tanggalSk",
        **sk(tanggalSk="1904-01-02")),
    bad("a number with control characters", TAB3, "text.not_printable@input.tugas.0.nomorSk", **sk(nomorSk="4\x07/1")),
    bad("two numbers on two lines", TAB3, "text.line_break@input.tugas.0.nomorSk", **sk(nomorSk="421/001\x0b421/002")),
    bad("an endless number", TAB3, "text.too_long@input.tugas.0.nomorSk", **sk(nomorSk="4" * 101)),
    # Perilaku Kerja
    bad("an aspek twice", TAB4, "perilaku_kerja.twice@input.pilihan.1",
        pilihan=[{"aspek": "BP", "opsi": "BP-1"}, {"aspek": "BP", "opsi": "BP-2"}]),
    bad("an unknown aspek", TAB4, "choice.not_offered@input.pilihan.XX", pilihan=[{"aspek": "XX", "opsi": "BP-1"}]),
    bad("a behaviour of another aspek", TAB4, "choice.not_offered@input.pilihan.BP",
        pilihan=[{"aspek": "BP", "opsi": "AK-1"}]),
    bad("six aspects at NEXT", TAB4, "perilaku_kerja.missing@input.pilihan.KL", pilihan=PERILAKU["pilihan"][:6],
        then="NEXT"),
    # transitions
    bad("an empty plan is submitted", "submitPlan", *ALL_TABS_MISSING, of=DRAFT_OF_TK),
    bad("an empty plan is submitted before data diri", "submitPlan", "profile.not_confirmed@profile", *ALL_TABS_MISSING,
        of=STARTED_PLAN),
    bad("an approved plan is submitted", "submitPlan", "transition.not_from_here@", of=APPROVED),
    bad("a submitted plan is submitted again", "submitPlan", "transition.not_from_here@", of=SUBMITTED),
    bad("a submitted plan is edited", TAB1, "plan.not_editable@", of=SUBMITTED, **INDIKATOR),
    bad("an approved plan is edited", TAB2, "plan.not_editable@", of=APPROVED, **RHK),
    bad("data diri of an approved plan are corrected", "correctProfile", "plan.not_editable@", of=APPROVED, ruang="d"),
    bad("a draft is approved", "approvePlan", "transition.not_from_here@", by=HEAD_OF_SD),
    bad("a draft begins", "beginImplementation", "transition.not_from_here@"),
    bad("a submitted plan begins", "beginImplementation", "transition.not_from_here@", of=SUBMITTED),
    bad("returned without a note", "returnPlan", "reason.missing@input.note", of=SUBMITTED, by=HEAD_OF_SD, note=" \n "),
    bad("returned with an invisible note", "returnPlan", "reason.missing@input.note", of=SUBMITTED, by=HEAD_OF_SD,
        note="\u3164"),
    bad("a note too long", "returnPlan", "text.too_long@input.note", of=SUBMITTED, by=HEAD_OF_SD, note="a" * 2_001),
    bad("a note with control characters", "returnPlan", "text.not_printable@input.note", of=SUBMITTED, by=HEAD_OF_SD,
        note="Mohon\x1b[2J lengkapi"),
    bad("a note that turns the reading order", "returnPlan", "text.not_printable@input.note", of=SUBMITTED,
        by=HEAD_OF_SD, note="Mohon \u202elengkapi"),
    bad("an unknown trigger", "firePlanTransition", "transition.not_from_here@", trigger="hapus"),
    bad("the system's own trigger", "firePlanTransition", "actor.not_system@", of=SUBMITTED, by=HEAD_OF_SD,
        trigger="@entered(submitted)"),
    bad("a long reason that nobody asked for", "firePlanTransition", "text.too_long@input.reason", trigger="submit",
        reason="a" * 2_001),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
async def test_faulty_input_is_refused_and_changes_nothing(
    environment_with_plans: Environment, row: Row
) -> None:
    before = await environment_with_plans.dump_tables()
    caller = await environment_with_plans.sign_in(row.by or row.of)
    indonesian = await caller.mutate(row.mutation, row.input)
    english = await caller.mutate(row.mutation, row.input, "en")
    for answer in (indonesian, english):
        assert answer["__typename"].endswith("Rejection"), answer
        assert [
            (problem["code"], problem_path(problem)) for problem in answer["problems"]
        ] == row.expected_problems
    for problem, in_english in zip(indonesian["problems"], english["problems"], strict=True):
        expect_two_sentences(problem, in_english)
    assert await environment_with_plans.dump_tables() == before


BEFORE, AFTER = datetime(2023, 12, 31, 16, 59, tzinfo=UTC), datetime(2024, 3, 31, 17, tzinfo=UTC)


async def _outside(environment: Environment, sender: int, mutation: str, arguments: dict[str, Any]) -> Client:
    caller, before = await environment.sign_in(sender), await environment.dump_tables()
    answers = [await caller.mutate(mutation, arguments, language) for language in ("id", "en")]
    code = "window.not_open" if environment.now == BEFORE else "window.closed"
    assert [[problem["code"] for problem in answer["problems"]] for answer in answers] == [[code], [code]]
    expect_two_sentences(*(answer["problems"][0] for answer in answers))
    assert await environment.dump_tables() == before
    return caller


async def test_start_and_first_submission_outside_the_window_are_refused(
    environment_with_plans: Environment, registry: Database
) -> None:
    async with environment_at(registry, environment_with_plans.database, BEFORE) as early:
        await _outside(early, OF_SMP, "startPlan", {"period": "2024-1"})
    async with environment_at(registry, environment_with_plans.database, AFTER) as late:
        await _outside(late, OF_SMA, "startPlan", {})
        version = VERSIONS[COMPLETE]
        plan = plan_id(str(ptk(COMPLETE)), "2024-1")
        await _outside(late, COMPLETE, "submitPlan", {"planId": plan, "expectedVersion": version})
