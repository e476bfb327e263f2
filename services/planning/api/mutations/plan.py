"""Mutations on one plan: start, data diri, the four tabs, transitions, its timers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Annotated

import strawberry

from services.kit.problems import Problem, RequestRefused
from services.kit.text import find_text_problems
from services.planning.api import inputs
from services.planning.api.command import parse_command, resolve_outcome
from services.planning.api.context import Info
from services.planning.api.fields import CommandInput, mutation
from services.planning.api.ids import parse_timer_id
from services.planning.api.types.plan import Plan, PlanResult, Refused
from services.planning.api.types.timers import ArmedTimer, render_timer
from services.planning.period.catalog import ProfileField
from services.planning.plan import commands
from services.planning.plan.model import PlanRefused
from services.planning.plan.tabs import TabContent
from services.planning.plan.transitions import fire_transition
from services.planning.timers.commands import TIMER, TimerCommand, retry_timer, skip_timer
from services.planning.timers.model import TimerKey
from workflows.model import facts

CORRECTABLE_FIELDS: tuple[ProfileField, ...] = ("pangkat_golongan", "ruang", "jenjang_jabatan")
MAX_REASON_LENGTH = 2_000

TimerResult = Annotated[
    ArmedTimer | Refused,
    strawberry.union("TimerResult", description="The timer after the act, or every reason for the refusal."),
]


@strawberry.type
class PlanMutations:
    @mutation(
        "*Mulai*: start your plan of a period at your sekolah induk. Returns the plan that exists if there is one."
    )
    async def start_plan(self, info: Info, input: CommandInput[inputs.StartPlanInput]) -> PlanResult:
        context = info.context
        outcome = await commands.start_plan(context.services, context.require_caller(), input.period)
        return await resolve_outcome(outcome, context)

    @mutation("*Data sudah sesuai*: confirm your data diri. Planning can begin afterwards.")
    async def confirm_profile(
        self, info: Info, input: CommandInput[inputs.ConfirmProfileInput]
    ) -> PlanResult:
        context, command = info.context, parse_command(info, input)
        outcome = await commands.confirm_profile(context.services, context.require_caller(), command)
        return await resolve_outcome(outcome, context)

    @mutation("*Edit* and *Simpan*: correct your data diri, once in a period. Dapodik does not change.")
    async def correct_profile(
        self, info: Info, input: CommandInput[inputs.CorrectProfileInput]
    ) -> PlanResult:
        context, command = info.context, parse_command(info, input)
        corrections = {
            name: value for name in CORRECTABLE_FIELDS if (value := getattr(input, name)) is not None
        }
        outcome = await commands.correct_profile(
            context.services, context.require_caller(), command, corrections
        )
        return await resolve_outcome(outcome, context)

    @mutation("Save tab 1, Praktik Kinerja: exactly one indikator, for TK and PAUD a sub indikator.")
    async def save_praktik_kinerja(
        self, info: Info, input: CommandInput[inputs.SavePraktikKinerjaInput]
    ) -> PlanResult:
        return await _save_tab(info, input, input.build_tab)

    @mutation("Save tab 2, Pengembangan Kompetensi: one or more RHK.")
    async def save_pengembangan_kompetensi(
        self, info: Info, input: CommandInput[inputs.SavePengembanganKompetensiInput]
    ) -> PlanResult:
        return await _save_tab(info, input, input.build_tab)

    @mutation("Save tab 3, Tugas Tambahan: any number of duties, each with its decree.")
    async def save_tugas_tambahan(
        self, info: Info, input: CommandInput[inputs.SaveTugasTambahanInput]
    ) -> PlanResult:
        return await _save_tab(info, input, input.build_tab)

    @mutation("Save tab 4, Perilaku Kerja: one behaviour in each of the seven aspek.")
    async def save_perilaku_kerja(
        self, info: Info, input: CommandInput[inputs.SavePerilakuKerjaInput]
    ) -> PlanResult:
        return await _save_tab(info, input, input.build_tab)

    @mutation(
        "*Ajukan*: submit the plan to the head of the school. If a Plt heads the school, the system approves it at "
        "once."
    )
    async def submit_plan(self, info: Info, input: CommandInput[inputs.TransitionInput]) -> PlanResult:
        return await _fire(info, input, acknowledge=input.acknowledge)

    @mutation("*Setujui*: approve the plan, as the head of the school.")
    async def approve_plan(self, info: Info, input: CommandInput[inputs.TransitionInput]) -> PlanResult:
        return await _fire(info, input, acknowledge=input.acknowledge)

    @mutation("*Perlu perbaikan*: return the plan with a note, as the head of the school.")
    async def return_plan(self, info: Info, input: CommandInput[inputs.ReturnPlanInput]) -> PlanResult:
        return await _fire(info, input, input.note, reason_field="note")

    @mutation("*Mulai Pelaksanaan*: begin implementation, as the owner of the plan.")
    async def begin_implementation(
        self, info: Info, input: CommandInput[inputs.TransitionInput]
    ) -> PlanResult:
        return await _fire(info, input, acknowledge=input.acknowledge)

    @mutation("Fire a trigger that `availableTransitions` lists.")
    async def fire_plan_transition(
        self, info: Info, input: CommandInput[inputs.FirePlanTransitionInput]
    ) -> PlanResult:
        return await _fire(info, input, input.reason, input.acknowledge, trigger=input.trigger)

    @mutation(
        "Return an approved plan to draft for a correction. The plan keeps its content and gets its own due "
        "date; owner and head are notified. Refused in phase `SUBMITTED`, where the head returns the plan. For admins."
    )
    async def reopen_plan(self, info: Info, input: CommandInput[inputs.ReopenPlanInput]) -> PlanResult:
        return await _fire(info, input, input.reason)

    @mutation(
        "Move a plan to the teacher's current sekolah induk. A waiting plan is decided again there. Refused in phase "
        "`IN_IMPLEMENTATION`. For admins."
    )
    async def move_plan(self, info: Info, input: CommandInput[inputs.MovePlanInput]) -> PlanResult:
        return await _fire(info, input, input.reason)

    @mutation("Try a failed timer again, within seconds. For admins.")
    async def retry_timer(self, info: Info, input: CommandInput[inputs.TimerActInput]) -> TimerResult:
        context, actor = info.context, info.context.require_admin()
        timer = await retry_timer(context.services, actor, _parse_timer(input), context.connection)
        return render_timer(timer, context)

    @mutation(
        "Skip the next firing of a timer. A timer that repeats goes on with the firing after it. For admins."
    )
    async def skip_timer(self, info: Info, input: CommandInput[inputs.TimerActInput]) -> TimerResult:
        context, actor = info.context, info.context.require_admin()
        timer = await skip_timer(context.services, actor, _parse_timer(input), context.connection)
        return render_timer(timer, context)


async def _save_tab(info: Info, input: inputs.OnTab, build_tab: Callable[[], TabContent]) -> Plan:
    """Save a tab. `build_tab` runs after the check of sign-in, because it refuses what no tab can hold."""
    context, caller = info.context, info.context.require_caller()
    tab, command = build_tab(), parse_command(info, input)
    outcome = await commands.save_tab(
        context.services, caller, command, tab, is_next=input.then is inputs.Then.NEXT
    )
    return await resolve_outcome(outcome, context)


async def _fire(
    info: Info,
    input: inputs.OnPlan,
    reason: str | None = None,
    acknowledge: Collection[str] = (),
    *,
    trigger: str | None = None,
    reason_field: str = "reason",
) -> Plan:
    """Fire the trigger of this mutation, or `trigger`.

    `reason_field` is the field of the input that holds the reason, for problems about it.
    """
    context = info.context
    caller, command = context.require_caller(), parse_command(info, input)
    if problems := tuple(find_text_problems(reason or "", MAX_REASON_LENGTH, (reason_field,))):
        raise RequestRefused(problems)
    command_input = facts.CommandInput(reason, frozenset(acknowledge))
    try:
        outcome = await fire_transition(context.services, caller, command, command_input, trigger)
        return await resolve_outcome(outcome, context)
    except PlanRefused as refusal:
        problems = tuple(_rename_path(problem, reason_field) for problem in refusal.problems)
        raise PlanRefused(problems, refusal.plan) from None


def _rename_path(problem: Problem, reason_field: str) -> Problem:
    return replace(problem, path=(reason_field,)) if problem.path == ("reason",) else problem


def _parse_timer(input: inputs.TimerActInput) -> TimerCommand:
    return TimerCommand(TimerKey(*parse_timer_id(input.timer, TIMER)), input.expected_count, input.reason)
