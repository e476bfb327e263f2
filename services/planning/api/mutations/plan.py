"""Mutations on one plan: start, data diri, the four tabs, transitions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import strawberry

from services.kit.problems import Problem, RequestRefused
from services.kit.text import clean_text, find_text_problems
from services.planning.api import inputs
from services.planning.api.command import parse_command
from services.planning.api.context import Info
from services.planning.api.fields import CommandInput, mutation
from services.planning.api.types import plan_payloads as payloads
from services.planning.api.types.plan_payloads import Payload
from services.planning.period.catalog import ProfileField
from services.planning.plan import owner_commands, profile_commands
from services.planning.plan.model import PlanRefused
from services.planning.plan.tabs import TabContent
from services.planning.plan.transitions import fire_transition
from workflows.model import facts

CORRECTABLE_FIELDS: tuple[ProfileField, ...] = ("pangkat_golongan", "ruang", "jenjang_jabatan")
MAX_REASON_LENGTH = 2_000


@strawberry.type
class PlanMutations:
    @mutation(
        "*Mulai*: start your plan of a period at your sekolah induk. Returns the plan that exists if there is one."
    )
    async def start_plan(
        self, info: Info, input: CommandInput[inputs.StartPlanInput]
    ) -> payloads.StartPlanResult:
        context = info.context
        outcome = await owner_commands.start_plan(context.services, context.require_caller(), input.period)
        return await payloads.resolve_payload(payloads.StartPlanPayload, outcome, context)

    @mutation("*Data sudah sesuai*: confirm your data diri. Planning can begin afterwards.")
    async def confirm_profile(
        self, info: Info, input: CommandInput[inputs.ConfirmProfileInput]
    ) -> payloads.ConfirmProfileResult:
        context, command = info.context, parse_command(info, input)
        outcome = await profile_commands.confirm_profile(
            context.services, context.require_caller(), command, input.jenjang_jabatan
        )
        return await payloads.resolve_payload(payloads.ConfirmProfilePayload, outcome, context)

    @mutation(
        "*Edit* and *Simpan*: correct your data diri, once in a period. Dapodik does not change. Values that are the "
        "same as before only confirm data diri: the correction remains."
    )
    async def correct_profile(
        self, info: Info, input: CommandInput[inputs.CorrectProfileInput]
    ) -> payloads.CorrectProfileResult:
        context, command = info.context, parse_command(info, input)
        corrections = {
            name: value for name in CORRECTABLE_FIELDS if (value := getattr(input, name)) is not None
        }
        outcome = await profile_commands.correct_profile(
            context.services, context.require_caller(), command, corrections
        )
        return await payloads.resolve_payload(payloads.CorrectProfilePayload, outcome, context)

    @mutation("Save tab 1, Praktik Kinerja: exactly one indikator, for TK and PAUD a sub indikator.")
    async def save_praktik_kinerja(
        self, info: Info, input: CommandInput[inputs.SavePraktikKinerjaInput]
    ) -> payloads.SavePraktikKinerjaResult:
        return await _save_tab(payloads.SavePraktikKinerjaPayload, info, input, input.build_tab)

    @mutation("Save tab 2, Pengembangan Kompetensi: one or more RHK.")
    async def save_pengembangan_kompetensi(
        self, info: Info, input: CommandInput[inputs.SavePengembanganKompetensiInput]
    ) -> payloads.SavePengembanganKompetensiResult:
        return await _save_tab(payloads.SavePengembanganKompetensiPayload, info, input, input.build_tab)

    @mutation("Save tab 3, Tugas Tambahan: any number of duties, each with its decree.")
    async def save_tugas_tambahan(
        self, info: Info, input: CommandInput[inputs.SaveTugasTambahanInput]
    ) -> payloads.SaveTugasTambahanResult:
        return await _save_tab(payloads.SaveTugasTambahanPayload, info, input, input.build_tab)

    @mutation("Save tab 4, Perilaku Kerja: one behaviour in each of the seven aspek.")
    async def save_perilaku_kerja(
        self, info: Info, input: CommandInput[inputs.SavePerilakuKerjaInput]
    ) -> payloads.SavePerilakuKerjaResult:
        return await _save_tab(payloads.SavePerilakuKerjaPayload, info, input, input.build_tab)

    @mutation(
        "*Ajukan*: submit the plan to the head of the school. If a Plt heads the school, the system approves it at "
        "once."
    )
    async def submit_plan(
        self, info: Info, input: CommandInput[inputs.SubmitPlanInput]
    ) -> payloads.SubmitPlanResult:
        return await _fire(payloads.SubmitPlanPayload, info, input, acknowledge=input.acknowledge)

    @mutation("*Setujui*: approve the plan, as the head of the school.")
    async def approve_plan(
        self, info: Info, input: CommandInput[inputs.ApprovePlanInput]
    ) -> payloads.ApprovePlanResult:
        return await _fire(payloads.ApprovePlanPayload, info, input, acknowledge=input.acknowledge)

    @mutation("*Perlu perbaikan*: return the plan with a note, as the head of the school.")
    async def return_plan(
        self, info: Info, input: CommandInput[inputs.ReturnPlanInput]
    ) -> payloads.ReturnPlanResult:
        return await _fire(payloads.ReturnPlanPayload, info, input, input.note, reason_field="note")

    @mutation("*Mulai Pelaksanaan*: begin implementation, as the owner of the plan.")
    async def begin_implementation(
        self, info: Info, input: CommandInput[inputs.BeginImplementationInput]
    ) -> payloads.BeginImplementationResult:
        return await _fire(
            payloads.BeginImplementationPayload,
            info,
            input,
            acknowledge=input.acknowledge,
        )

    @mutation("Fire a trigger that `availableTransitions` lists.")
    async def fire_plan_transition(
        self, info: Info, input: CommandInput[inputs.FirePlanTransitionInput]
    ) -> payloads.FirePlanTransitionResult:
        return await _fire(
            payloads.FirePlanTransitionPayload,
            info,
            input,
            input.reason,
            input.acknowledge,
            trigger=input.trigger,
        )

    @mutation(
        "Return an approved plan to draft for a correction. The plan keeps its content and gets its own due "
        "date; owner and head are notified. Refused in phase `SUBMITTED`, where the head returns the plan. For admins."
    )
    async def reopen_plan(
        self, info: Info, input: CommandInput[inputs.ReopenPlanInput]
    ) -> payloads.ReopenPlanResult:
        info.context.require_admin()
        return await _fire(payloads.ReopenPlanPayload, info, input, input.reason)

    @mutation(
        "Move a plan to the teacher's current sekolah induk. A waiting plan is decided again there. Refused in phase "
        "`IN_IMPLEMENTATION`. For admins."
    )
    async def move_plan(
        self, info: Info, input: CommandInput[inputs.MovePlanInput]
    ) -> payloads.MovePlanResult:
        info.context.require_admin()
        return await _fire(payloads.MovePlanPayload, info, input, input.reason)


async def _save_tab(
    kind: type[Payload], info: Info, input: inputs.OnTab, build_tab: Callable[[], TabContent]
) -> Payload:
    """Save a tab. `build_tab` runs after the check of sign-in, because it refuses what no tab can hold."""
    context, caller = info.context, info.context.require_caller()
    tab, command = build_tab(), parse_command(info, input)
    outcome = await owner_commands.save_tab(
        context.services, caller, command, tab, is_next=input.then is inputs.Then.NEXT
    )
    return await payloads.resolve_payload(kind, outcome, context)


async def _fire(
    kind: type[Payload],
    info: Info,
    input: inputs.OnPlan,
    reason: str | None = None,
    acknowledge: Collection[str] = (),
    *,
    trigger: str | None = None,
    reason_field: str = "reason",
) -> Payload:
    """Fire a trigger. `reason_field` is the field of the input that holds the reason, for problems about it."""
    context = info.context
    caller, command = context.require_caller(), parse_command(info, input)
    if problems := tuple(find_text_problems(reason or "", MAX_REASON_LENGTH, (reason_field,))):
        raise RequestRefused(problems)
    command_input = facts.CommandInput(clean_text(reason or "") or None, frozenset(acknowledge))
    try:
        outcome = await fire_transition(context.services, caller, command, command_input, trigger)
        return await payloads.resolve_payload(kind, outcome, context)
    except PlanRefused as refusal:
        problems = tuple(_rename_path(problem, reason_field) for problem in refusal.problems)
        raise PlanRefused(problems, refusal.plan) from None


def _rename_path(problem: Problem, reason_field: str) -> Problem:
    return replace(problem, path=(reason_field,)) if problem.path == ("reason",) else problem
