"""Inputs of mutations for teachers and heads: a plan's version as it was read, and an optional idempotency key."""

from __future__ import annotations

from datetime import date
from enum import Enum

import strawberry

from services.kit.text import clean_text
from services.planning.api.scalars import NPSN
from services.planning.api.types.problems import WarningCode
from services.planning.plan.tabs import (
    PengembanganKompetensi,
    PerilakuKerja,
    PraktikKinerja,
    Tugas,
    TugasTambahan,
)

IDEMPOTENCY_KEY = (
    "Any text of 8 to 128 visible ASCII characters, new for each command. If the answer is lost, send the same key "
    "again: the command then runs only once. A key is kept for at least a day."
)


@strawberry.enum(description="What follows after a tab is saved.")
class Then(Enum):
    STAY = strawberry.enum_value("stay", description="*Simpan Draf*: the tab can be incomplete.")
    NEXT = strawberry.enum_value("next", description="The next tab: this tab must be complete.")


@strawberry.input(description="Fields of every mutation on a plan.")
class OnPlan:
    plan_id: strawberry.ID = strawberry.field(description="Id of the plan.")
    expected_version: int = strawberry.field(
        description="The version that you read. If the plan has changed since, you get `version.conflict` and the "
        "current plan."
    )
    idempotency_key: str | None = strawberry.field(description=IDEMPOTENCY_KEY, default=None)


@strawberry.input(description="Fields of every mutation that saves a tab.")
class OnTab(OnPlan):
    then: Then = strawberry.field(description="Whether to stay or to go to the next tab.", default=Then.STAY)


@strawberry.input(description="Input of `startPlan`.")
class StartPlanInput:
    period: strawberry.ID | None = strawberry.field(
        description="Code of the period. Default: the current one.", default=None
    )


@strawberry.input(description="Input of `confirmProfile`.")
class ConfirmProfileInput(OnPlan):
    jenjang_jabatan: str | None = strawberry.field(
        description="Code of the jenjang jabatan, if `Profile.askedFields` names it. It does not use up the "
        "correction.",
        default=None,
    )


@strawberry.input(description="The correction of data diri. Fields that you omit stay unchanged.")
class CorrectProfileInput(OnPlan):
    pangkat_golongan: str | None = strawberry.field(
        description="The golongan, such as `III`, of `Catalog.pangkatGolonganOptions`.", default=None
    )
    ruang: str | None = strawberry.field(
        description="The ruang, such as `c`, of `Catalog.pangkatGolonganOptions`.", default=None
    )
    jenjang_jabatan: str | None = strawberry.field(
        description="Code of `Catalog.jenjangJabatanOptions`.", default=None
    )


@strawberry.input(description="Tab 1, Praktik Kinerja.")
class SavePraktikKinerjaInput(OnTab):
    indikator: str | None = strawberry.field(
        description="Code of the indikator, for TK and PAUD of the sub indikator; null if not chosen yet.",
        default=None,
    )

    def build_tab(self) -> PraktikKinerja:
        """Return tab 1."""
        return PraktikKinerja(self.indikator)


@strawberry.input(description="Tab 2, Pengembangan Kompetensi.")
class SavePengembanganKompetensiInput(OnTab):
    rhk: list[str] = strawberry.field(description="Codes of all chosen RHK, in the order to show.")

    def build_tab(self) -> PengembanganKompetensi:
        """Return tab 2."""
        return PengembanganKompetensi(tuple(self.rhk))


@strawberry.input(description="An additional duty with its surat keputusan or surat tugas.")
class TugasInput:
    code: str = strawberry.field(description="Code of the duty.")
    nomor_sk: str | None = strawberry.field(description="Number of the decree.", default=None)
    tanggal_sk: date | None = strawberry.field(description="Date of the decree.", default=None)


@strawberry.input(description="Tab 3, Tugas Tambahan.")
class SaveTugasTambahanInput(OnTab):
    tugas: list[TugasInput] = strawberry.field(description="All duties; an empty list if there are none.")

    def build_tab(self) -> TugasTambahan:
        """Return tab 3."""
        return TugasTambahan(
            tuple(
                Tugas(row.code, clean_text(row.nomor_sk or "") or None, row.tanggal_sk) for row in self.tugas
            )
        )


@strawberry.input(description="The behaviour chosen in one aspek.")
class PilihanInput:
    aspek: str = strawberry.field(description="Code of the aspek.")
    opsi: str = strawberry.field(description="Code of the behaviour.")


@strawberry.input(description="Tab 4, Perilaku Kerja.")
class SavePerilakuKerjaInput(OnTab):
    pilihan: list[PilihanInput] = strawberry.field(description="All choices that have been made.")

    def build_tab(self) -> PerilakuKerja:
        """Return tab 4."""
        return PerilakuKerja.of((row.aspek, row.opsi) for row in self.pilihan)


@strawberry.input(description="Fields of every transition whose warnings can be accepted.")
class OnTransition(OnPlan):
    acknowledge: list[WarningCode] = strawberry.field(
        description="Codes of the warnings that you accept. The history records them.", default_factory=list
    )


@strawberry.input(description="The submission of a plan (*Ajukan*).")
class SubmitPlanInput(OnTransition):
    pass


@strawberry.input(description="The approval of a plan (*Setujui*).")
class ApprovePlanInput(OnTransition):
    pass


@strawberry.input(description="The beginning of implementation (*Mulai Pelaksanaan*).")
class BeginImplementationInput(OnTransition):
    pass


@strawberry.input(description="The return of a plan to its teacher (*Perlu perbaikan*).")
class ReturnPlanInput(OnPlan):
    note: str = strawberry.field(
        description="What the teacher should change. The teacher reads it; at most 2,000 characters."
    )


@strawberry.input(description="The return of an approved plan to draft. For admins.")
class ReopenPlanInput(OnPlan):
    reason: str = strawberry.field(description="The reason. The teacher reads it; at most 2,000 characters.")


@strawberry.input(description="The move of a plan to the teacher's current sekolah induk. For admins.")
class MovePlanInput(OnPlan):
    reason: str = strawberry.field(description="The reason, for the history; at most 2,000 characters.")


@strawberry.input(description="A plan to approve.")
class PlanToApproveInput:
    plan_id: strawberry.ID = strawberry.field(description="Id of the plan.")
    expected_version: int = strawberry.field(description="The version that you read.")


@strawberry.input(description="Plans to approve.")
class ApprovePlansInput:
    plans: list[PlanToApproveInput] = strawberry.field(description="1 to 100 different plans.")
    acknowledge: list[WarningCode] = strawberry.field(
        description="Codes of the warnings that you accept for each of the plans. The history records them.",
        default_factory=list,
    )
    idempotency_key: str | None = strawberry.field(description=IDEMPOTENCY_KEY, default=None)


@strawberry.input(description="A comment on a plan. It neither needs nor changes the version of the plan.")
class CommentOnPlanInput:
    plan_id: strawberry.ID = strawberry.field(description="Id of the plan.")
    text: str = strawberry.field(
        description="The comment; 1 to 2,000 characters without the spaces around it."
    )
    idempotency_key: str | None = strawberry.field(description=IDEMPOTENCY_KEY, default=None)


@strawberry.input(description="The confirmation of the Plt of a school.")
class ConfirmAsPltInput:
    npsn: NPSN = strawberry.field(description="NPSN of the school.")
    period: strawberry.ID | None = strawberry.field(
        description="Code of the period. Default: the current one.", default=None
    )


@strawberry.input(description="A trigger of the plan's workflow version, also one that admins have added.")
class FirePlanTransitionInput(OnTransition):
    trigger: str = strawberry.field(description="The trigger, as in `availableTransitions`.")
    reason: str | None = strawberry.field(
        description="The reason, if the transition requires one.", default=None
    )


@strawberry.input(description="The notifications to mark as read.")
class MarkNotificationsReadInput:
    notification_ids: list[strawberry.ID] = strawberry.field(description="Ids of 1 to 100 notifications.")
