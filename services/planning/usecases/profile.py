"""Data diri: confirmed as it is, or corrected once per period (Guide 5 and 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from services.kit.problem import Problem, Refused
from services.planning.domain import profile as profiles
from services.planning.domain.caller import Caller
from services.planning.domain.catalog_rows import ProfileField
from services.planning.domain.kept import profile_text
from services.planning.domain.plan import By, Change, Plan
from services.planning.planning import Planning
from services.planning.usecases.command import Command, Outcome, on_plan
from services.planning.usecases.period import period_of
from services.planning.usecases.save_tab import owner_may_edit


async def confirm_profile(planning: Planning, caller: Caller, command: Command) -> Outcome:
    """*Data sudah sesuai*: planning may begin. Confirming twice is refused only by the version."""

    async def decided(plan: Plan) -> Change:
        await owner_may_edit(planning, caller, plan)
        now = planning.clock.now()
        profile = replace(plan.profile, confirmed_at=plan.profile.confirmed_at or now)
        confirmed = replace(plan, profile=profile)
        return Change(confirmed, ()).then(
            "profile_confirmed", _by(caller), now, texts=(profile_text(confirmed),)
        )

    return await on_plan(planning, caller, command, decided)


async def correct_profile(
    planning: Planning, caller: Caller, command: Command, given: Mapping[ProfileField, str]
) -> Outcome:
    """*Edit* and *Simpan*: the one correction, by status group; it confirms the rest. Never told to Dapodik."""

    async def decided(plan: Plan) -> Change:
        await owner_may_edit(planning, caller, plan)
        now = planning.clock.now()
        catalog = await planning.catalogs.get((await period_of(planning, plan.period)).catalog)
        try:
            corrected = replace(plan, profile=profiles.correct(plan.profile, given, catalog, now))
        except Refused as refused:
            raise Refused(_in_input(problem) for problem in refused.problems) from None
        detail, texts = {"fields": sorted(given)}, (profile_text(corrected),)
        return Change(corrected, ()).then("profile_corrected", _by(caller), now, detail=detail, texts=texts)

    return await on_plan(planning, caller, command, decided)


def _by(caller: Caller) -> By:
    return By(caller.ptk_id, caller.account)


def _in_input(problem: Problem) -> Problem:
    return Problem(problem.code, problem.params, ("input", *problem.path))
