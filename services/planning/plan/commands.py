"""Commands of the owner: start the plan, save its tabs, confirm or correct data diri."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people.queries import Person, load_person
from services.planning.people.services import Services
from services.planning.period.catalog import Catalog, Choices, ProfileField
from services.planning.period.model import PeriodSetup
from services.planning.period.queries import get_period
from services.planning.plan import profile as profiles
from services.planning.plan.decision import load_decision_context
from services.planning.plan.erasable_text import profile_text
from services.planning.plan.event_kinds import (
    PlanStarted,
    ProfileConfirmed,
    ProfileCorrected,
    ProfileRefreshed,
    TabSaved,
)
from services.planning.plan.events import GENESIS, EventActor, canonical_json, sha256
from services.planning.plan.model import Change, CommandKey, Plan, PlanRefused, build_school, version_conflict
from services.planning.plan.profile import build_profile
from services.planning.plan.queries import load_visible_plan
from services.planning.plan.store import Commit, CommitOutcome, commit_change, find_keys, load_plan
from services.planning.plan.tabs import Content, Tab, TabContent, TugasTambahan
from services.planning.plan.timers import list_state_timers
from workflows.engine.decide import check_start
from workflows.model.definition import Phase

PLAN_ID = ("plan_id",)


@dataclass(frozen=True, slots=True)
class Command:
    """A mutation on a plan: which one, on which plan, read at which version, and its whole input (for the key)."""

    mutation: str
    ptk_id: str
    period: str
    expected_version: int
    input: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The plan after a command. `replayed`: it had been done before, and was not done again."""

    plan: Plan
    replayed: bool = False


async def execute_command(
    services: Services, caller: Caller, command: Command, decide: Callable[[Plan], Awaitable[Change]]
) -> CommandResult:
    """Carry a command out, once. Raises Refused (the plan cannot be seen) or PlanRefused; then nothing changed."""
    key = build_key(services, caller, command.mutation, command.key, command.input)
    plan = await load_visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
    if await is_replay(services, key, plan, command.expected_version):
        # Done, perhaps, only since the plan was read: the answer shows what was done.
        plan = await load_visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
        return CommandResult(plan, replayed=True)
    if plan.version != command.expected_version:
        raise version_conflict(command.expected_version, plan)
    try:
        change = await decide(plan)
    except RequestRefused as refused:
        if await is_replay(services, key, plan, command.expected_version):
            # The same command, sent twice at once, was done before its facts became unavailable.
            plan = await load_visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
            return CommandResult(plan, replayed=True)
        raise PlanRefused(refused.problems, plan) from None
    outcome = await commit_change(Commit(change, plan.version, key), services.connection)
    if outcome is CommitOutcome.STORED:
        return CommandResult(change.plan)
    # Somebody was faster: perhaps this very command, sent twice at once.
    plan = await load_visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
    if await is_replay(services, key, plan, command.expected_version):
        return CommandResult(plan, replayed=True)
    raise version_conflict(command.expected_version, plan)


def build_key(
    services: Services, caller: Caller, mutation: str, key: str | None, given: Mapping[str, Any]
) -> CommandKey | None:
    """The idempotency key in its scope, or None where the client sent none."""
    if key is None:
        return None
    return CommandKey(caller.subject, mutation, key, sha256(canonical_json(given)), services.clock.now())


async def is_replay(
    services: Services, key: CommandKey | None, plan: Plan, expected_version: int | None = None
) -> bool:
    """Return whether this input was committed under this key. Raises PlanRefused if the key had another input."""
    stored = (await find_keys([key], services.connection)).get(key.key) if key else None
    if key is None or stored is None:
        return False
    if not stored.matches(key, (plan.ptk_id, plan.period), expected_version):
        raise PlanRefused(Problem("key.reused", {}, ("idempotency_key",)), plan)
    return True


async def start_plan(services: Services, caller: Caller, period: str | None) -> CommandResult:
    """Start, or go on: there is one plan per teacher and period, so a repeat finds what the first one made."""
    person = await load_person(services, caller)
    if person is None:
        raise RequestRefused(Problem("access.no_ptk", {"who_can_fix": "helpdesk"}))
    used = await get_period(services, period, ("period",), zone=person.zone)
    catalog = await services.catalogs.get(used.catalog, services.connection)
    if problems := person.access(caller, catalog).problems:
        raise RequestRefused(problems)
    new = _new_plan(person, used, catalog, services)
    connection = services.connection
    existing = await load_plan(new.ptk_id, new.period, connection)
    if existing is not None:
        # What identity once said is nothing to refresh a plan with: the plan may know better.
        return await _go_on(services, caller, existing, existing if person.cached_as_of else new)
    case = await load_decision_context(services, new, caller, used)
    if refusals := check_start(case.workflow, case.snapshot, case.facts):
        raise RequestRefused(Problem(refusal.code, refusal.params, refusal.path) for refusal in refusals)
    by = EventActor(caller.ptk_id, caller.account)
    started = Change(new, ()).with_event(PlanStarted(), by, case.facts.now, texts=(profile_text(new),))
    started = replace(
        started, timers=list_state_timers(started.plan, case.workflow.definition, case.facts.params)
    )
    if await commit_change(Commit(started, 0), connection) is CommitOutcome.STORED:
        return CommandResult(started.plan)
    found = await load_plan(new.ptk_id, new.period, connection)  # started twice at once: one plan
    assert found is not None
    return CommandResult(found, replayed=True)


async def _go_on(services: Services, caller: Caller, plan: Plan, new: Plan) -> CommandResult:
    """The plan as it is; until data diri are confirmed they, and the school, follow the registry (Guide 5)."""
    seen = replace(plan, profile=new.profile, school=new.school)
    if plan.profile.is_confirmed or plan == seen:
        return CommandResult(plan, replayed=True)
    told = Change(seen, ()).with_event(
        ProfileRefreshed(),
        EventActor(caller.ptk_id, caller.account),
        services.clock.now(),
        texts=(profile_text(seen),),
    )
    connection = services.connection
    if await commit_change(Commit(told, plan.version), connection) is CommitOutcome.STORED:
        return CommandResult(told.plan, replayed=True)
    return CommandResult(await load_plan(plan.ptk_id, plan.period, connection) or plan, replayed=True)


def _new_plan(person: Person, used: PeriodSetup, catalog: Catalog, services: Services) -> Plan:
    teacher, school = person.teacher, build_school(person.school, catalog)
    assert school is not None, "access was given"
    return Plan(
        ptk_id=teacher.ptk_id,
        period=used.period.code,
        school=school,
        workflow=used.workflow.sha256,
        catalog=used.catalog,
        state=used.workflow.definition.initial.name,
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
    """Keep what one tab holds now. Raises PlanRefused with every reason, each with the path of its field."""

    tab = Tab.of(tab_content)

    async def decided(plan: Plan) -> Change:
        await check_editable(services, caller, plan)
        if not plan.profile.is_confirmed:
            raise RequestRefused(Problem("profile.not_confirmed", {}, ("profile",), in_plan=True))
        used = await get_period(services, plan.period)
        catalog = await services.catalogs.get(used.catalog, services.connection)
        choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
        if problems := list(_problems(tab_content, choices, used.period.ends, is_next)):
            raise RequestRefused(problems)
        saved = replace(
            plan,
            content=plan.content.with_tab(tab_content),
            tab=tab.next if is_next else tab,
            catalog=used.catalog,
        )
        by = EventActor(caller.ptk_id, caller.account)
        return Change(saved, ()).with_event(TabSaved(tab), by, services.clock.now())

    return await execute_command(services, caller, command, decided)


async def check_editable(services: Services, caller: Caller, plan: Plan) -> None:
    """RequestRefused unless the caller owns the plan and it is in phase draft: in no other phase is it edited."""
    if caller.ptk_id != plan.ptk_id:
        raise RequestRefused(Problem("actor.not_owner"))
    workflow = await services.workflows.get(plan.workflow, services.connection)
    state = workflow.definition.state(plan.state)
    if state.phase is not Phase.DRAFT:
        raise RequestRefused(
            Problem("plan.not_editable", {"state": state.label.id, "state_en": state.label.en})
        )


def _problems(filled: TabContent, choices: Choices, last_day: date, go_on: bool) -> Iterator[Problem]:
    faults = list(filled.check_draft(choices))
    if isinstance(filled, TugasTambahan):
        faults += filled.check_decree_dates(last_day)
    yield from faults or (filled.check_complete(choices) if go_on else ())


async def confirm_profile(services: Services, caller: Caller, command: Command) -> CommandResult:
    """*Data sudah sesuai*: planning may begin. Confirming twice is refused only by the version."""

    async def decided(plan: Plan) -> Change:
        await check_editable(services, caller, plan)
        now = services.clock.now()
        profile = replace(plan.profile, confirmed_at=plan.profile.confirmed_at or now)
        confirmed = replace(plan, profile=profile)
        return Change(confirmed, ()).with_event(
            ProfileConfirmed(), _by(caller), now, texts=(profile_text(confirmed),)
        )

    return await execute_command(services, caller, command, decided)


async def correct_profile(
    services: Services, caller: Caller, command: Command, corrections: Mapping[ProfileField, str]
) -> CommandResult:
    """*Edit* and *Simpan*: the one correction, by status group; it confirms the rest. Never told to Dapodik."""

    async def decided(plan: Plan) -> Change:
        await check_editable(services, caller, plan)
        now = services.clock.now()
        catalog = await services.catalogs.get(
            (await get_period(services, plan.period)).catalog, services.connection
        )
        corrected = replace(plan, profile=profiles.correct(plan.profile, corrections, catalog, now))
        data, texts = ProfileCorrected(tuple(sorted(corrections))), (profile_text(corrected),)
        return Change(corrected, ()).with_event(data, _by(caller), now, texts=texts)

    return await execute_command(services, caller, command, decided)


def _by(caller: Caller) -> EventActor:
    return EventActor(caller.ptk_id, caller.account)
