"""Inputs of mutations. A mutation on a plan takes the version that was read and an optional idempotency key."""

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
    "Any text of 8 to 128 visible ASCII characters, new for each command. If the answer is lost, send the same key "
    "again: the command then runs only once."
)


@strawberry.enum(description="What follows after a tab is saved.")
class Then(Enum):
    STAY = strawberry.enum_value("stay", description="*Simpan Draf*: the tab can be incomplete.")
    NEXT = strawberry.enum_value("next", description="The next tab: this tab must be complete.")


@strawberry.input(description="Fields of every mutation on a plan.")
class OnPlan:
    plan_id: strawberry.ID = strawberry.field(description="Id of the plan.")
    expected_version: int = strawberry.field(
        description="The version that you read. If the plan has changed since, you get `VersionConflict` and the "
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
    pass


@strawberry.input(description="The correction of data diri. Fields that you omit stay unchanged.")
class CorrectProfileInput(OnPlan):
    pangkat_golongan: str | None = strawberry.field(description="The golongan, such as `III`.", default=None)
    ruang: str | None = strawberry.field(description="The ruang, such as `c`.", default=None)
    jenjang_jabatan: str | None = strawberry.field(description="Code of the jenjang jabatan.", default=None)


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
        return TugasTambahan(tuple(Tugas(row.code, row.nomor_sk, row.tanggal_sk) for row in self.tugas))


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


@strawberry.input(description="A transition that takes no reason: *Ajukan*, *Setujui*, *Mulai Pelaksanaan*.")
class TransitionInput(OnPlan):
    acknowledge: list[WarningCode] = strawberry.field(
        description="Codes of the warnings that you accept. The history records them.", default_factory=list
    )


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
class PlanToApprove:
    plan_id: strawberry.ID = strawberry.field(description="Id of the plan.")
    expected_version: int = strawberry.field(description="The version that you read.")


@strawberry.input(description="Plans to approve.")
class ApprovePlansInput:
    plans: list[PlanToApprove] = strawberry.field(description="1 to 100 different plans.")
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
    npsn: str = strawberry.field(description="NPSN of the school.")
    period: strawberry.ID | None = strawberry.field(
        description="Code of the period. Default: the current one.", default=None
    )


@strawberry.input(description="A trigger of the plan's workflow version, also one that admins have added.")
class FirePlanTransitionInput(OnPlan):
    trigger: str = strawberry.field(description="The trigger, as in `availableTransitions`.")
    reason: str | None = strawberry.field(
        description="The reason, if the transition requires one.", default=None
    )
    acknowledge: list[WarningCode] = strawberry.field(
        description="Codes of the warnings that you accept. The history records them.", default_factory=list
    )


@strawberry.input(description="A definition to store as a draft. For admins.")
class DraftWorkflowInput:
    yaml: str = strawberry.field(description="The complete definition as strict YAML; at most 64 KB.")
    reason: str = strawberry.field(description="The reason. Other admins read it; at most 2,000 characters.")
    parent: strawberry.ID | None = strawberry.field(
        description="`sha256` of the version that the draft is based on. Default: the published one.",
        default=None,
    )


@strawberry.input(
    description="The approval, rejection, publication or retirement of a workflow version. For admins."
)
class WorkflowActInput:
    sha256: strawberry.ID = strawberry.field(description="`sha256` of the version.")
    reason: str = strawberry.field(description="The reason. Other admins read it; at most 2,000 characters.")


@strawberry.input(
    description="A value of the type of its parameter: exactly one of these fields.", one_of=True
)
class ParameterValueInput:
    switch: strawberry.Maybe[bool] = strawberry.field(name="bool", description="A switch: on or off.")
    number: strawberry.Maybe[int] = strawberry.field(name="int", description="A whole number.")
    day: strawberry.Maybe[date] = strawberry.field(
        name="date",
        description="A day in the time zone of each school. The last day of an interval is part of it.",
    )

    @property
    def as_json(self) -> bool | int | str:
        """Return the value as JSON."""
        value = self.switch or self.number or self.day
        assert value is not None, "one_of"
        return value.value.isoformat() if isinstance(value.value, date) else value.value


@strawberry.input(description="A new value of a parameter of a period.")
class ParameterInput:
    name: str = strawberry.field(description="Name of the parameter, such as `planning_closes`.")
    value: ParameterValueInput = strawberry.field(description="The new value.")


@strawberry.input(description="New values for a period. For admins.")
class ProposeRevisionInput:
    period: strawberry.ID = strawberry.field(description="Code of the period, such as `2024-1`.")
    values: list[ParameterInput] = strawberry.field(
        description="The parameters that change. The others stay."
    )
    effective_from: datetime | None = strawberry.field(
        description="When the new values take effect. Default: on approval.", default=None
    )
    reason: str = strawberry.field(
        description="The reason, such as the decree. Everybody can read it with the revision; at most 2,000 "
        "characters."
    )


@strawberry.input(description="The decision on a proposal. For admins.")
class ProposalInput:
    proposal: strawberry.ID = strawberry.field(description="Id of the proposal.")
    reason: str = strawberry.field(description="The reason. Other admins read it; at most 2,000 characters.")


@strawberry.input(description="A catalogue file or a period file. For admins.")
class ProposeFileInput:
    yaml: str = strawberry.field(description="The complete file as strict YAML.")
    reason: str = strawberry.field(description="The reason. Other admins read it; at most 2,000 characters.")


@strawberry.input(description="The decision on a change request. For admins.")
class ChangeRequestInput:
    change_request: strawberry.ID = strawberry.field(description="Id of the change request.")
    reason: str = strawberry.field(description="The reason. Other admins read it; at most 2,000 characters.")


@strawberry.input(description="A timer to try again or to skip. For admins.")
class TimerActInput:
    timer: strawberry.ID = strawberry.field(description="Id of the timer.")
    expected_count: int = strawberry.field(
        description="The `count` that you read. It makes sure that you act on the firing that you saw."
    )
    reason: str = strawberry.field(description="The reason. Other admins read it; at most 2,000 characters.")


@strawberry.input(description="The notifications to mark as read.")
class MarkNotificationsReadInput:
    ids: list[strawberry.ID] = strawberry.field(description="Ids of 1 to 100 notifications.")


@strawberry.input(description="A state of the old version and the state of the new version that replaces it.")
class StateMoveInput:
    from_: str = strawberry.field(name="from", description="A state of the old version.")
    to: str = strawberry.field(description="A state of the new version. Its phase must not be later.")


@strawberry.input(description="A migration of plans to another version. For admins.")
class MigratePlansInput:
    from_: strawberry.ID = strawberry.field(name="from", description="`sha256` of the old version.")
    to: strawberry.ID = strawberry.field(
        description="`sha256` of the new version: approved or published, of the same workflow."
    )
    period: strawberry.ID | None = strawberry.field(
        description="Only plans of this period. Default: all periods.", default=None
    )
    npsn: str | None = strawberry.field(
        description="Only plans of this school (NPSN). Default: all schools.", default=None
    )
    states: list[StateMoveInput] = strawberry.field(
        description="Replacements of states that have another name or phase in the new version.",
        default_factory=list,
    )
    reason: str = strawberry.field(
        description="The reason. It becomes part of the history of each plan, where owner and head read it: do not "
        "name a person. At most 500 characters."
    )


@strawberry.input(description="The stop, resumption or undoing of a migration. For admins.")
class MigrationActInput:
    id: strawberry.ID = strawberry.field(description="Id of the migration.")
    reason: str = strawberry.field(
        description="The reason. Other admins read it. The reason of an undoing becomes part of the history of each "
        "plan: do not name a person. At most 500 characters."
    )


@strawberry.input(description="A dry run of a version on the recorded commands of a period. For admins.")
class TryWorkflowInput:
    sha256: strawberry.ID = strawberry.field(description="`sha256` of the version. It can be a draft.")
    period: strawberry.ID = strawberry.field(description="Code of the period, such as `2024-1`.")
    states: list[StateMoveInput] = strawberry.field(
        description="Replacements of states that have another name or phase in the version.",
        default_factory=list,
    )
