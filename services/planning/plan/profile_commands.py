"""Data diri: the owner confirms or corrects them, and open plans follow Dapodik."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.planning.callers.model import Caller
from services.planning.people.identity.answers import Answer
from services.planning.people.model import School, TeacherFacts
from services.planning.people.services import Services
from services.planning.period.catalog import ProfileField
from services.planning.period.queries import get_period
from services.planning.plan import profile as profiles
from services.planning.plan.commands import Command, CommandResult, check_editable, execute_command
from services.planning.plan.decision import add_refresh
from services.planning.plan.erasable_text import profile_text
from services.planning.plan.event_kinds import (
    ProfileConfirmed,
    ProfileCorrected,
)
from services.planning.plan.events import EventActor
from services.planning.plan.model import (
    Change,
    Plan,
    follow_registry,
)
from services.planning.plan.profile import Profile, build_profile
from services.planning.plan.store import (
    Commit,
    CommitOutcome,
    commit_change,
    list_person_plans,
    load_plan,
)
from workflows.model.definition import Phase

MAX_OPEN_PLANS = 2  # of a teacher: the newest


async def confirm_profile(
    services: Services, caller: Caller, command: Command, jenjang_jabatan: str | None
) -> CommandResult:
    """Confirm data diri (*Data sudah sesuai*), so that planning may begin. A repeat keeps the first date."""

    async def confirm(plan: Plan) -> Change:
        await check_editable(services, caller, plan)
        now, profile = services.clock.now(), plan.profile
        if jenjang_jabatan is not None:
            setup = await get_period(services, plan.period)
            catalog = await services.catalogs.get(setup.catalog, services.connection)
            profile = profiles.fill_in_jenjang_jabatan(profile, jenjang_jabatan, catalog, now)
        profile = replace(profile, confirmed_at=profile.confirmed_at or now)
        return _change_profile(plan, profile, ProfileConfirmed(), caller, now)

    return await execute_command(services, caller, command, confirm)


async def correct_profile(
    services: Services, caller: Caller, command: Command, corrections: Mapping[ProfileField, str]
) -> CommandResult:
    """Correct data diri (*Edit* and *Simpan*) once, by status group, and confirm the rest. Dapodik stays as it is."""

    async def correct(plan: Plan) -> Change:
        await check_editable(services, caller, plan)
        now = services.clock.now()
        setup = await get_period(services, plan.period)
        catalog = await services.catalogs.get(setup.catalog, services.connection)
        profile, changed = profiles.correct(plan.profile, corrections, catalog, now)
        return _change_profile(
            plan, profile, ProfileCorrected(changed) if changed else ProfileConfirmed(), caller, now
        )

    return await execute_command(services, caller, command, correct)


def _change_profile(
    plan: Plan, profile: Profile, data: ProfileConfirmed | ProfileCorrected, caller: Caller, now: datetime
) -> Change:
    new_plan = replace(plan, profile=profile)
    return Change(new_plan, ()).with_event(data, EventActor.of(caller), now, texts=(profile_text(new_plan),))


async def refresh_plan(services: Services, plan: Plan, profile: Profile, school: School | None) -> Plan:
    """Let an open plan follow the registry (Guide 5), and return it. Another plan is returned as it is."""
    workflow = await services.workflows.get(plan.workflow, services.connection)
    new_plan, fields = follow_registry(plan, profile, school)
    if not fields or workflow.definition.state(plan.state).phase is not Phase.DRAFT:
        return plan
    change = add_refresh(Change(new_plan, ()), fields, services.clock.now())
    if await commit_change(Commit(change, plan.version), services.connection) is CommitOutcome.STORED:
        return change.plan
    return await load_plan(plan.ptk_id, plan.period, services.connection) or plan


async def refresh_plans(services: Services, answer: Answer[TeacherFacts]) -> None:
    """Let the open plans of a teacher follow the registry in data diri. A cached answer changes nothing."""
    if answer.is_cached:
        return
    for plan in await list_person_plans(answer.facts.ptk_id, None, MAX_OPEN_PLANS, services.connection):
        catalog = await services.catalogs.get(plan.catalog, services.connection)
        await refresh_plan(services, plan, build_profile(answer.facts, catalog), None)
