"""Beginning a plan and composing it: *Mulai*, data diri, and the four tabs that are saved."""

from __future__ import annotations

from collections.abc import Callable

import strawberry

from services.planning.api import inputs
from services.planning.api.command import parse_command, resolve_outcome
from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.inputs import (
    CommandInput,
    ConfirmProfileInput,
    CorrectProfileInput,
    StartPlanInput,
    Then,
)
from services.planning.api.types.plan import Plan
from services.planning.api.types.result import PlanResult
from services.planning.period.catalog import ProfileField
from services.planning.plan import commands as profile
from services.planning.plan.commands import save_tab, start_plan
from services.planning.plan.tabs import TabContent

CORRECTABLE_FIELDS: tuple[ProfileField, ...] = ("pangkat_golongan", "ruang", "jenjang_jabatan")


@strawberry.type
class ProfileMutations:
    @mutation("*Mulai*: start your plan at your sekolah induk, or go on with the one that exists.")
    async def start_plan(self, info: Info, input: CommandInput[StartPlanInput]) -> PlanResult:
        context = info.context
        return await resolve_outcome(
            await start_plan(context.services, context.require_caller(), input.period), context
        )

    @mutation("*Data sudah sesuai*: planning may begin.")
    async def confirm_profile(self, info: Info, input: CommandInput[ConfirmProfileInput]) -> PlanResult:
        context, command = info.context, parse_command(info, input)
        outcome = await profile.confirm_profile(context.services, context.require_caller(), command)
        return await resolve_outcome(outcome, context)

    @mutation("*Edit* and *Simpan*: correct data diri, once per period; Dapodik is not changed by it.")
    async def correct_profile(self, info: Info, input: CommandInput[CorrectProfileInput]) -> PlanResult:
        context, command = info.context, parse_command(info, input)
        corrections = {
            name: value for name in CORRECTABLE_FIELDS if (value := getattr(input, name)) is not None
        }
        outcome = await profile.correct_profile(
            context.services, context.require_caller(), command, corrections
        )
        return await resolve_outcome(outcome, context)


@strawberry.type
class TabMutations:
    @mutation("Tab 1, Praktik Kinerja: exactly one indikator; TK and PAUD choose a sub indikator.")
    async def save_praktik_kinerja(
        self, info: Info, input: CommandInput[inputs.SavePraktikKinerjaInput]
    ) -> PlanResult:
        return await _save_tab(info, input, input.build_tab)

    @mutation("Tab 2, Pengembangan Kompetensi: one or more RHK.")
    async def save_pengembangan_kompetensi(
        self, info: Info, input: CommandInput[inputs.SavePengembanganKompetensiInput]
    ) -> PlanResult:
        return await _save_tab(info, input, input.build_tab)

    @mutation("Tab 3, Tugas Tambahan: none, one or many, each with its decree.")
    async def save_tugas_tambahan(
        self, info: Info, input: CommandInput[inputs.SaveTugasTambahanInput]
    ) -> PlanResult:
        return await _save_tab(info, input, input.build_tab)

    @mutation("Tab 4, Perilaku Kerja: one behaviour in each of the seven aspects.")
    async def save_perilaku_kerja(
        self, info: Info, input: CommandInput[inputs.SavePerilakuKerjaInput]
    ) -> PlanResult:
        return await _save_tab(info, input, input.build_tab)


async def _save_tab(info: Info, input: inputs.OnTab, build_tab: Callable[[], TabContent]) -> Plan:
    """Save a tab. It is built after the check of sign-in, because what no tab can hold is refused there."""
    context, caller = info.context, info.context.require_caller()
    tab, command = build_tab(), parse_command(info, input)
    outcome = await save_tab(context.services, caller, command, tab, is_next=input.then is Then.NEXT)
    return await resolve_outcome(outcome, context)
