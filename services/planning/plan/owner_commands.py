"""The owner starts a plan and saves its tabs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people.access import check_access
from services.planning.people.queries import Person, load_person
from services.planning.people.services import Services
from services.planning.period.catalog import Catalog, Choices
from services.planning.period.model import PeriodSetup
from services.planning.period.queries import get_period, local_today
from services.planning.plan import profile as profiles
from services.planning.plan.commands import Command, CommandResult, check_editable, execute_command
from services.planning.plan.decision import load_decision_context
from services.planning.plan.erasable_text import profile_text
from services.planning.plan.event_kinds import (
    PlanStarted,
    TabSaved,
)
from services.planning.plan.events import GENESIS, EventActor
from services.planning.plan.model import (
    Change,
    Plan,
    build_school,
)
from services.planning.plan.profile import build_profile
from services.planning.plan.profile_commands import refresh_plan
from services.planning.plan.store import (
    Commit,
    CommitOutcome,
    commit_change,
    list_person_plans,
    load_plan,
)
from services.planning.plan.tabs import Content, Tab, TabContent, TugasTambahan, name_choices
from services.planning.plan.timers import list_state_timers
from workflows.engine.decide import check_start


async def start_plan(services: Services, caller: Caller, period: str | None) -> CommandResult:
    """Start the caller's plan of a period, or return the plan that exists: there is one per teacher and period.

    Raises RequestRefused if the caller may not plan, and with the refusals of the workflow.
    """
    person = await load_person(services, caller)
    if person is None:
        raise RequestRefused(Problem("access.no_ptk", {"who_can_fix": "helpdesk"}))
    setup = await get_period(services, period, ("period",), zone=person.zone)
    catalog = await services.catalogs.get(setup.catalog, services.connection)
    if problems := check_access(person.teacher, person.school, caller.account, catalog).problems:
        raise RequestRefused(problems)
    plan = _new_plan(person, setup, catalog, services)
    if existing := await load_plan(plan.ptk_id, plan.period, services.connection):
        # The plan may be newer than a cached answer of identity.
        if not person.cached_as_of:
            existing = await refresh_plan(services, existing, plan.profile, plan.school)
        return CommandResult(existing, replayed=True)
    if earlier := await list_person_plans(plan.ptk_id, plan.period, 1, services.connection):
        plan = replace(plan, profile=profiles.keep_jenjang_jabatan(plan.profile, earlier[0].profile, catalog))
    context = await load_decision_context(services, plan, caller, setup)
    if refusals := check_start(context.workflow, context.snapshot, context.facts):
        raise RequestRefused(Problem(refusal.code, refusal.params, refusal.path) for refusal in refusals)
    change = Change(plan, ()).with_event(
        PlanStarted(), EventActor.of(caller), context.facts.now, texts=(profile_text(plan),)
    )
    timers = list_state_timers(change.plan, context.workflow.definition, context.facts.params)
    commit = Commit(replace(change, timers=timers), 0)
    if await commit_change(commit, services.connection) is CommitOutcome.STORED:
        return CommandResult(change.plan)
    existing = await load_plan(plan.ptk_id, plan.period, services.connection)
    assert existing is not None, "another request has started the plan"
    return CommandResult(existing, replayed=True)


def _new_plan(person: Person, setup: PeriodSetup, catalog: Catalog, services: Services) -> Plan:
    teacher, school = person.teacher, build_school(person.school, catalog, person.teacher.sekolah_induk)
    assert school is not None, "check_access refuses an unknown school"
    return Plan(
        ptk_id=teacher.ptk_id,
        period=setup.period.code,
        school=school,
        workflow=setup.workflow.sha256,
        catalog=setup.catalog,
        state=setup.workflow.definition.initial.name,
        version=0,
        last_hash=GENESIS,
        tab=Tab.PRAKTIK_KINERJA,
        profile=build_profile(teacher, catalog),
        content=Content(),
        updated_at=services.clock.now(),
    )


async def save_tab(
    services: Services, caller: Caller, command: Command, tab_content: TabContent, *, is_next: bool
) -> CommandResult:
    """Save one tab. With `is_next` it must be complete, and the plan opens at the tab behind it.

    Raises PlanRefused with every reason, each with the path of its field.
    """
    tab = Tab.of(tab_content)

    async def save(plan: Plan) -> Change:
        await check_editable(services, caller, plan)
        if not plan.profile.is_confirmed:
            raise RequestRefused(Problem("profile.not_confirmed", {}, ("profile",), in_plan=True))
        setup = await get_period(services, plan.period)
        catalog = await services.catalogs.get(setup.catalog, services.connection)
        choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
        last_day = min(setup.period.ends, local_today(services, plan.school.zone))
        if problems := list(_check_tab(tab_content, choices, last_day, is_next)):
            raise RequestRefused(name_choices(problems, catalog))
        content, next_tab = plan.content.with_tab(tab_content), tab.next if is_next else tab
        plan_with_tab = replace(plan, content=content, tab=next_tab, catalog=setup.catalog)
        return Change(plan_with_tab, ()).with_event(
            TabSaved(tab), EventActor.of(caller), services.clock.now()
        )

    return await execute_command(services, caller, command, save)


def _check_tab(tab: TabContent, choices: Choices, last_day: date, is_next: bool) -> Iterator[Problem]:
    problems = list(tab.check_draft(choices))
    if isinstance(tab, TugasTambahan):
        problems += tab.check_decree_dates(last_day)
    yield from problems or (tab.check_complete(choices) if is_next else ())
