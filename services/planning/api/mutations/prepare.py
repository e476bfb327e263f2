"""Beginning a plan: *Mulai*, and data diri."""

from __future__ import annotations

import strawberry

from services.planning.api.command import changed, command_of
from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.inputs import ConfirmProfileInput, CorrectProfileInput, Given, StartPlanInput
from services.planning.api.types.result import PlanResult
from services.planning.domain.catalog_rows import ProfileField
from services.planning.usecases import profile
from services.planning.usecases.start_plan import start_plan

FIELDS: tuple[ProfileField, ...] = ("pangkat_golongan", "ruang", "jenjang_jabatan")


@strawberry.type
class Prepare:
    """Merged into Mutation."""

    @mutation("*Mulai*: start your plan at your sekolah induk, or go on with the one that exists.")
    async def start_plan(self, info: Info, input: Given[StartPlanInput]) -> PlanResult:
        """Within the window only; once started, the plan is there."""
        context = info.context
        return await changed(await start_plan(context.planning, context.signed_in(), input.period), context)

    @mutation("*Data sudah sesuai*: planning may begin.")
    async def confirm_profile(self, info: Info, input: Given[ConfirmProfileInput]) -> PlanResult:
        """The owner, in phase draft."""
        context, command = info.context, command_of(info, input)
        done = await profile.confirm_profile(context.planning, context.signed_in(), command)
        return await changed(done, context)

    @mutation("*Edit* and *Simpan*: correct data diri, once per period; Dapodik is not changed by it.")
    async def correct_profile(self, info: Info, input: Given[CorrectProfileInput]) -> PlanResult:
        """The owner, in phase draft, by employment status."""
        context, command = info.context, command_of(info, input)
        given = {name: value for name in FIELDS if (value := getattr(input, name)) is not None}
        done = await profile.correct_profile(context.planning, context.signed_in(), command, given)
        return await changed(done, context)
