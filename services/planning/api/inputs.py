"""What mutations take. Every mutation on a plan names the version it was read at, and may carry a key for repeats."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

import strawberry

from services.planning.api.types.problems import WarningCode
from services.planning.plan.tabs import (
    PengembanganKompetensi,
    PerilakuKerja,
    PraktikKinerja,
    Tugas,
    TugasTambahan,
)

IDEMPOTENCY_KEY = (
    "Any text of 8 to 128 visible ASCII characters, new for each intent. Send the same key again after a lost answer: "
    "what was done is not done twice."
)


@strawberry.enum(description="What saving a tab leads to.")
class Then(Enum):
    STAY = strawberry.enum_value("stay", description="Simpan Draf: keeps an incomplete tab.")
    NEXT = strawberry.enum_value("next", description="On to the next tab: asks for a complete one.")


@strawberry.input(description="What every mutation on a plan takes.")
class OnPlan:
    plan_id: strawberry.ID = strawberry.field(description="The plan's id.")
    expected_version: int = strawberry.field(
        description="The version you read; if the plan has moved on, you get it back with the conflict."
    )
    idempotency_key: str | None = strawberry.field(description=IDEMPOTENCY_KEY, default=None)


@strawberry.input(description="What saving any tab takes.")
class OnTab(OnPlan):
    then: Then = strawberry.field(description="Stay or go on.", default=Then.STAY)


@strawberry.input(description="*Mulai*.")
class StartPlanInput:
    period: strawberry.ID | None = strawberry.field(
        description="The period; today's if left out.", default=None
    )


@strawberry.input(description="*Data sudah sesuai*.")
class ConfirmProfileInput(OnPlan):
    pass


@strawberry.input(
    description="*Edit* and *Simpan*: the one correction of the period. What is left out stays."
)
class CorrectProfileInput(OnPlan):
    pangkat_golongan: str | None = strawberry.field(description="The golongan, such as `III`.", default=None)
    ruang: str | None = strawberry.field(description="The ruang, such as `c`.", default=None)
    jenjang_jabatan: str | None = strawberry.field(
        description="The code of the jenjang jabatan.", default=None
    )


@strawberry.input(description="Tab 1, Praktik Kinerja.")
class SavePraktikKinerjaInput(OnTab):
    indikator: str | None = strawberry.field(
        description="The code of the indikator (TK, PAUD: sub indikator), or null while undecided.",
        default=None,
    )

    def build_tab(self) -> PraktikKinerja:
        """The first tab."""
        return PraktikKinerja(self.indikator)


@strawberry.input(description="Tab 2, Pengembangan Kompetensi.")
class SavePengembanganKompetensiInput(OnTab):
    rhk: list[str] = strawberry.field(description="The codes of all chosen RHK, in your order.")

    def build_tab(self) -> PengembanganKompetensi:
        """The second tab."""
        return PengembanganKompetensi(tuple(self.rhk))


@strawberry.input(description="An additional duty with its surat keputusan or surat tugas.")
class TugasInput:
    code: str = strawberry.field(description="The code of the duty.")
    nomor_sk: str | None = strawberry.field(description="The number of the decree.", default=None)
    tanggal_sk: date | None = strawberry.field(description="The date of the decree.", default=None)


@strawberry.input(description="Tab 3, Tugas Tambahan.")
class SaveTugasTambahanInput(OnTab):
    tugas: list[TugasInput] = strawberry.field(description="All duties; an empty list skips the tab.")

    def build_tab(self) -> TugasTambahan:
        """The third tab."""
        return TugasTambahan(tuple(Tugas(row.code, row.nomor_sk, row.tanggal_sk) for row in self.tugas))


@strawberry.input(description="The behaviour chosen in one aspek.")
class PilihanInput:
    aspek: str = strawberry.field(description="The code of the aspek.")
    opsi: str = strawberry.field(description="The code of the behaviour.")


@strawberry.input(description="Tab 4, Perilaku Kerja.")
class SavePerilakuKerjaInput(OnTab):
    pilihan: list[PilihanInput] = strawberry.field(description="All choices so far.")

    def build_tab(self) -> PerilakuKerja:
        """The fourth tab."""
        return PerilakuKerja.of((row.aspek, row.opsi) for row in self.pilihan)


@strawberry.input(description="*Ajukan*, *Setujui*, *Mulai Pelaksanaan*: a transition that needs no words.")
class TransitionInput(OnPlan):
    acknowledge: list[WarningCode] = strawberry.field(
        description="The codes of the warnings you have read and accept; recorded.", default_factory=list
    )


@strawberry.input(description="*Perlu perbaikan*: back to the teacher, with a note.")
class ReturnPlanInput(OnPlan):
    note: str = strawberry.field(
        description="What should change, for the teacher to read; up to 2,000 characters."
    )


@strawberry.input(description="Open an approved plan again. For admins.")
class ReopenPlanInput(OnPlan):
    reason: str = strawberry.field(description="Why, for the teacher to read; up to 2,000 characters.")


@strawberry.input(description="Move a plan to the teacher's sekolah induk of today. For admins.")
class MovePlanInput(OnPlan):
    reason: str = strawberry.field(description="Why, for the history; up to 2,000 characters.")


@strawberry.input(description="A plan to be approved, as it was read.")
class PlanToApprove:
    plan_id: strawberry.ID = strawberry.field(description="The plan's id.")
    expected_version: int = strawberry.field(description="The version you read.")


@strawberry.input(description="*Setujui* for many plans at once.")
class ApprovePlansInput:
    plans: list[PlanToApprove] = strawberry.field(description="From 1 to 100 plans, none of them twice.")
    acknowledge: list[WarningCode] = strawberry.field(
        description="The codes of the warnings you have read and accept, for each of the plans; recorded.",
        default_factory=list,
    )
    idempotency_key: str | None = strawberry.field(description=IDEMPOTENCY_KEY, default=None)


@strawberry.input(description="A comment on a plan. It needs no version, and raises none.")
class CommentOnPlanInput:
    plan_id: strawberry.ID = strawberry.field(description="The plan's id.")
    text: str = strawberry.field(
        description="What to say; 1 to 2,000 characters, spaces around it not counted."
    )
    idempotency_key: str | None = strawberry.field(description=IDEMPOTENCY_KEY, default=None)


@strawberry.input(description="Confirm as the Plt of a school.")
class ConfirmAsPltInput:
    npsn: str = strawberry.field(description="The school that you act for.")
    period: strawberry.ID | None = strawberry.field(
        description="The period; today's if left out.", default=None
    )


@strawberry.input(description="Any trigger of the plan's workflow, those that admins added included.")
class FirePlanTransitionInput(OnPlan):
    trigger: str = strawberry.field(description="The trigger, as `availableTransitions` names it.")
    reason: str | None = strawberry.field(description="Where the transition requires one.", default=None)
    acknowledge: list[WarningCode] = strawberry.field(
        description="The codes of the warnings you have read and accept; recorded.", default_factory=list
    )


@strawberry.input(description="A definition, to be kept as a draft. For admins.")
class DraftWorkflowInput:
    yaml: str = strawberry.field(description="The whole definition as strict YAML; at most 64 KB.")
    reason: str = strawberry.field(description="Why, for the other admins to read; up to 2,000 characters.")
    parent: strawberry.ID | None = strawberry.field(
        description="The `sha256` of the version it was made from; the published one if left out.",
        default=None,
    )


@strawberry.input(
    description="A version of a workflow, and why it is approved, rejected, published or retired. For admins."
)
class WorkflowActInput:
    sha256: strawberry.ID = strawberry.field(description="The version.")
    reason: str = strawberry.field(description="Why, for the other admins to read; up to 2,000 characters.")


@strawberry.input(
    description="A value, as the type of its parameter asks for; exactly one of these.", one_of=True
)
class ParameterValueInput:
    switch: strawberry.Maybe[bool] = strawberry.field(name="bool", description="A switch: on or off.")
    number: strawberry.Maybe[int] = strawberry.field(name="int", description="A whole number.")
    day: strawberry.Maybe[date] = strawberry.field(
        name="date", description="A day, local to each school; the last day of an interval belongs to it."
    )

    @property
    def as_json(self) -> bool | int | str:
        """The value as JSON can hold it."""
        value = self.switch or self.number or self.day
        assert value is not None, "one_of"
        return value.value.isoformat() if isinstance(value.value, date) else value.value


@strawberry.input(description="A parameter of a period, and the value it is to have.")
class ParameterInput:
    name: str = strawberry.field(description="The parameter, such as `planning_closes`.")
    value: ParameterValueInput = strawberry.field(description="The new value.")


@strawberry.input(description="A change of a period's values. For admins.")
class ProposeRevisionInput:
    period: strawberry.ID = strawberry.field(description="The period, such as `2024-1`.")
    values: list[ParameterInput] = strawberry.field(description="Only what changes; the rest stays.")
    effective_from: datetime | None = strawberry.field(
        description="From when it is to count; as soon as it is approved, if left out.", default=None
    )
    reason: str = strawberry.field(
        description="Why, such as the decree; everybody can read it with the revision. Up to 2,000 characters."
    )


@strawberry.input(description="An act on a proposal. For admins.")
class ProposalInput:
    proposal: strawberry.ID = strawberry.field(description="The proposal's id.")
    reason: str = strawberry.field(description="Why, for the other admins to read; up to 2,000 characters.")


@strawberry.input(description="A catalogue or a period as a file. For admins.")
class ProposeFileInput:
    yaml: str = strawberry.field(description="The whole file as strict YAML.")
    reason: str = strawberry.field(description="Why, for the other admins to read; up to 2,000 characters.")


@strawberry.input(description="A decision on a change request. For admins.")
class ChangeRequestInput:
    change_request: strawberry.ID = strawberry.field(description="The id of the change request.")
    reason: str = strawberry.field(description="Why, for the other admins to read; up to 2,000 characters.")


@strawberry.input(description="A timer that is to be tried again, or skipped. For admins.")
class TimerActInput:
    timer: strawberry.ID = strawberry.field(description="The timer's id.")
    expected_count: int = strawberry.field(
        description="Its `count` as you read it, so that no other firing is meant than the one you saw."
    )
    reason: str = strawberry.field(description="Why, for the other admins to read; up to 2,000 characters.")


@strawberry.input(description="The notifications to mark as read.")
class MarkNotificationsReadInput:
    ids: list[strawberry.ID] = strawberry.field(description="Ids of 1 to 100 notifications.")


@strawberry.input(description="A state of the one version, and the state of the other that takes its place.")
class StateMoveInput:
    from_: str = strawberry.field(name="from", description="A state of the version to move from.")
    to: str = strawberry.field(
        description="A state of the version to move to; of no later phase, for a migration takes no plan onward."
    )


@strawberry.input(description="Which living plans are to be moved to which version. For admins.")
class MigratePlansInput:
    from_: strawberry.ID = strawberry.field(
        name="from", description="The `sha256` of the version that they live by."
    )
    to: strawberry.ID = strawberry.field(
        description="The `sha256` of an approved or published version of the same workflow."
    )
    period: strawberry.ID | None = strawberry.field(
        description="Only plans of this period; of all, if left out.", default=None
    )
    npsn: str | None = strawberry.field(
        description="Only plans of this school; of all, if left out.", default=None
    )
    states: list[StateMoveInput] = strawberry.field(
        description="Where a state has another name or another phase in the new version.",
        default_factory=list,
    )
    reason: str = strawberry.field(
        description="Why: it stands in the history of each plan, for owner and head to read, so it must name no "
        "person. Up to 500 characters."
    )


@strawberry.input(description="An act on a migration. For admins.")
class MigrationActInput:
    id: strawberry.ID = strawberry.field(description="The migration's id.")
    reason: str = strawberry.field(
        description="Why, for the other admins to read; that of an undoing stands in the history of each plan, so it "
        "must name no person. Up to 500 characters."
    )


@strawberry.input(description="A version for a dry run on the recorded commands of a period. For admins.")
class TryWorkflowInput:
    sha256: strawberry.ID = strawberry.field(description="The version, a draft too.")
    period: strawberry.ID = strawberry.field(description="The period, such as `2024-1`.")
    states: list[StateMoveInput] = strawberry.field(
        description="Where a state of living plans has another name or another phase in the version.",
        default_factory=list,
    )
