"""Commands on a plan, and those of its owner: start it, save a tab, confirm or correct data diri."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people.access import check_access
from services.planning.people.identity.answers import Answer
from services.planning.people.model import School, TeacherFacts
from services.planning.people.queries import Person, load_person
from services.planning.people.services import Services
from services.planning.period.catalog import Catalog, Choices, ProfileField
from services.planning.period.model import PeriodSetup
from services.planning.period.queries import get_period, local_today
from services.planning.plan import profile as profiles
from services.planning.plan.decision import add_refresh, load_decision_context
from services.planning.plan.erasable_text import profile_text
from services.planning.plan.event_kinds import (
    PlanStarted,
    ProfileConfirmed,
    ProfileCorrected,
    TabSaved,
)
from services.planning.plan.events import GENESIS, EventActor, canonical_json, sha256
from services.planning.plan.model import (
    Change,
    CommandKey,
    Plan,
    PlanRefused,
    build_school,
    follow_registry,
    version_conflict,
)
from services.planning.plan.profile import Profile, build_profile
from services.planning.plan.queries import load_visible_plan
from services.planning.plan.store import (
    Commit,
    CommitOutcome,
    commit_change,
    find_keys,
    list_person_plans,
    load_plan,
)
from services.planning.plan.tabs import Content, Tab, TabContent, TugasTambahan, name_choices
from services.planning.plan.timers import list_state_timers
from workflows.engine.decide import check_start
from workflows.model.definition import Definition, Phase, State

PLAN_ID = ("plan_id",)
MAX_OPEN_PLANS = 2  # of a teacher: the newest


@dataclass(frozen=True, slots=True)
class Command:
    """A mutation on a plan that the client read at `expected_version`.

    `input` is the whole input, which the idempotency key `key` is bound to.
    """

    mutation: str
    ptk_id: str
    period: str
    expected_version: int
    input: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The plan after a command. `replayed`: an earlier request with the same key had carried the command out."""

    plan: Plan
    replayed: bool = False


async def execute_command(
    services: Services, caller: Caller, command: Command, decide: Callable[[Plan], Awaitable[Change]]
) -> CommandResult:
    """Carry a command out once. `decide` returns the change of the plan, or raises RequestRefused.

    Raises RequestRefused if the caller cannot see the plan, PlanRefused if the command is refused. A refusal changes
    nothing.
    """
    async with services.plan_shares.take((command.ptk_id, command.period)):
        return await _execute(services, caller, command, decide)


async def _execute(
    services: Services, caller: Caller, command: Command, decide: Callable[[Plan], Awaitable[Change]]
) -> CommandResult:
    key = build_key(services, caller, command.mutation, command.key, command.input)
    plan = await load_visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)

    async def find_replay() -> CommandResult | None:
        if not await is_replay(services, key, plan, command.expected_version):
            return None
        # The command may have been carried out after the plan was read.
        current = await load_visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
        return CommandResult(current, replayed=True)

    if replay := await find_replay():
        return replay
    if plan.version != command.expected_version:
        raise version_conflict(command.expected_version, plan)
    try:
        change = await decide(plan)
    except RequestRefused as error:
        # The same command, sent twice at once, may have been carried out before its facts became unavailable.
        if replay := await find_replay():
            return replay
        raise PlanRefused(error.problems, plan) from None
    if await commit_change(Commit(change, plan.version, key), services.connection) is CommitOutcome.STORED:
        return CommandResult(change.plan)
    plan = await load_visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
    if replay := await find_replay():  # the same command, sent twice at once
        return replay
    raise version_conflict(command.expected_version, plan)


def build_key(
    services: Services, caller: Caller, mutation: str, key: str | None, input: Mapping[str, Any]
) -> CommandKey | None:
    """Return the idempotency key in its scope, bound to the input; None if the client sent none."""
    if key is None:
        return None
    return CommandKey(caller.subject, mutation, key, sha256(canonical_json(input)), services.clock.now())


async def is_replay(
    services: Services, key: CommandKey | None, plan: Plan, expected_version: int | None = None
) -> bool:
    """Return whether this input was committed under this key. Raises PlanRefused if the key had another input."""
    stored_key = (await find_keys([key], services.connection)).get(key.key) if key else None
    if key is None or stored_key is None:
        return False
    if not stored_key.matches(key, (plan.ptk_id, plan.period), expected_version):
        raise PlanRefused(Problem("key.reused", {}, ("idempotency_key",)), plan)
    return True


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
        await _check_editable(services, caller, plan)
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


async def _check_editable(services: Services, caller: Caller, plan: Plan) -> None:
    """Raise RequestRefused unless the caller owns the plan and its phase is draft."""
    if caller.ptk_id != plan.ptk_id:
        raise RequestRefused(Problem("actor.not_owner"))
    workflow = await services.workflows.get(plan.workflow, services.connection)
    state = workflow.definition.state(plan.state)
    if state.phase is not Phase.DRAFT:
        way = _find_way_to_draft(workflow.definition, state)
        raise RequestRefused(Problem("plan.not_editable", {"state": state.label, "way": way}))


def _find_way_to_draft(definition: Definition, state: State) -> Problem:
    """Return the transition that makes a plan editable again and who fires it: the nearest to the owner."""
    ways = {
        transition.authority.role: transition.label
        for transition in definition.transitions
        if state.name in transition.from_states and definition.state(transition.to_state).phase is Phase.DRAFT
    }
    codes = {
        "teacher": "plan.editable_by_owner",
        "superior": "plan.editable_by_head",
        "dinas": "plan.editable_by_head",
        "admin": "plan.editable_by_admin",
    }
    role = next((role for role in codes if role in ways), None)
    return Problem(codes[role], {"label": ways[role]}) if role else Problem("plan.editable_by_nobody")


def _check_tab(tab: TabContent, choices: Choices, last_day: date, is_next: bool) -> Iterator[Problem]:
    problems = list(tab.check_draft(choices))
    if isinstance(tab, TugasTambahan):
        problems += tab.check_decree_dates(last_day)
    yield from problems or (tab.check_complete(choices) if is_next else ())


async def confirm_profile(
    services: Services, caller: Caller, command: Command, jenjang_jabatan: str | None
) -> CommandResult:
    """Confirm data diri (*Data sudah sesuai*), so that planning may begin. A repeat keeps the first date."""

    async def confirm(plan: Plan) -> Change:
        await _check_editable(services, caller, plan)
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
        await _check_editable(services, caller, plan)
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
