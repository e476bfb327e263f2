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
from services.planning.plan.decision import case_of
from services.planning.plan.erasable_text import profile_text
from services.planning.plan.event_kinds import (
    PlanStarted,
    ProfileConfirmed,
    ProfileCorrected,
    ProfileRefreshed,
    TabSaved,
)
from services.planning.plan.events import GENESIS, By, canonical, sha256
from services.planning.plan.model import Change, CommandKey, Plan, PlanRefused, conflict, school_of
from services.planning.plan.profile import profile_of
from services.planning.plan.queries import visible_plan
from services.planning.plan.store import Commit, CommitOutcome, commit_change, find_keys, load_plan
from services.planning.plan.tabs import AnyTab, Content, Tab, TugasTambahan
from services.planning.plan.timers import timers_of
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
    given: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The plan after a command. `replayed`: it had been done before, and was not done again."""

    plan: Plan
    replayed: bool = False


async def on_plan(
    services: Services, caller: Caller, command: Command, decide: Callable[[Plan], Awaitable[Change]]
) -> Outcome:
    """Carry a command out, once. Raises Refused (the plan cannot be seen) or PlanRefused; then nothing changed."""
    key = key_of(services, caller, command.mutation, command.key, command.given)
    plan = await visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
    if await done_before(services, key, plan, command.expected_version):
        # Done, perhaps, only since the plan was read: the answer shows what was done.
        plan = await visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
        return Outcome(plan, replayed=True)
    if plan.version != command.expected_version:
        raise conflict(command.expected_version, plan)
    try:
        change = await decide(plan)
    except RequestRefused as refused:
        if await done_before(services, key, plan, command.expected_version):
            # The same command, sent twice at once, was done before its facts became unavailable.
            plan = await visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
            return Outcome(plan, replayed=True)
        raise PlanRefused(refused.problems, plan) from None
    outcome = await commit_change(Commit(change, plan.version, key), services.connection)
    if outcome is CommitOutcome.STORED:
        return Outcome(change.plan)
    # Somebody was faster: perhaps this very command, sent twice at once.
    plan = await visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
    if await done_before(services, key, plan, command.expected_version):
        return Outcome(plan, replayed=True)
    raise conflict(command.expected_version, plan)


def key_of(
    services: Services, caller: Caller, mutation: str, key: str | None, given: Mapping[str, Any]
) -> CommandKey | None:
    """The idempotency key in its scope, or None where the client sent none."""
    if key is None:
        return None
    return CommandKey(caller.subject, mutation, key, sha256(canonical(given)), services.clock.now())


async def done_before(
    services: Services, key: CommandKey | None, plan: Plan, expected_version: int | None = None
) -> bool:
    """Return whether this input was committed under this key. Raises PlanRefused if the key had another input."""
    stored = (await find_keys([key], services.connection)).get(key.key) if key else None
    if key is None or stored is None:
        return False
    if not stored.matches(key, (plan.ptk_id, plan.period), expected_version):
        raise PlanRefused(Problem("key.reused", {}, ("idempotency_key",)), plan)
    return True


async def start_plan(services: Services, caller: Caller, period: str | None) -> Outcome:
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
    case = await case_of(services, new, caller, used)
    if refusals := check_start(case.workflow, case.snapshot, case.facts):
        raise RequestRefused(Problem(refusal.code, refusal.params, refusal.path) for refusal in refusals)
    by = By(caller.ptk_id, caller.account)
    started = Change(new, ()).then(PlanStarted(), by, case.facts.now, texts=(profile_text(new),))
    started = replace(started, timers=timers_of(started.plan, case.workflow.definition, case.facts.params))
    if await commit_change(Commit(started, 0), connection) is CommitOutcome.STORED:
        return Outcome(started.plan)
    found = await load_plan(new.ptk_id, new.period, connection)  # started twice at once: one plan
    assert found is not None
    return Outcome(found, replayed=True)


async def _go_on(services: Services, caller: Caller, plan: Plan, new: Plan) -> Outcome:
    """The plan as it is; until data diri are confirmed they, and the school, follow the registry (Guide 5)."""
    seen = replace(plan, profile=new.profile, school=new.school)
    if plan.profile.confirmed or plan == seen:
        return Outcome(plan, replayed=True)
    told = Change(seen, ()).then(
        ProfileRefreshed(),
        By(caller.ptk_id, caller.account),
        services.clock.now(),
        texts=(profile_text(seen),),
    )
    connection = services.connection
    if await commit_change(Commit(told, plan.version), connection) is CommitOutcome.STORED:
        return Outcome(told.plan, replayed=True)
    return Outcome(await load_plan(plan.ptk_id, plan.period, connection) or plan, replayed=True)


def _new_plan(person: Person, used: PeriodSetup, catalog: Catalog, services: Services) -> Plan:
    teacher, school = person.teacher, school_of(person.school, catalog)
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
        profile=profile_of(teacher, catalog),
        content=Content(),
        updated_at=services.clock.now(),
    )


async def save_tab(
    services: Services, caller: Caller, command: Command, filled: AnyTab, *, go_on: bool
) -> Outcome:
    """Keep what one tab holds now. Raises PlanRefused with every reason, each with the path of its field."""

    tab = Tab.of(filled)

    async def decided(plan: Plan) -> Change:
        await owner_may_edit(services, caller, plan)
        if not plan.profile.confirmed:
            raise RequestRefused(Problem("profile.not_confirmed", {}, ("profile",), in_plan=True))
        used = await get_period(services, plan.period)
        catalog = await services.catalogs.get(used.catalog, services.connection)
        choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
        if problems := list(_problems(filled, choices, used.period.ends, go_on)):
            raise RequestRefused(problems)
        saved = replace(
            plan, content=plan.content.with_tab(filled), tab=tab.next if go_on else tab, catalog=used.catalog
        )
        by = By(caller.ptk_id, caller.account)
        return Change(saved, ()).then(TabSaved(tab), by, services.clock.now())

    return await on_plan(services, caller, command, decided)


async def owner_may_edit(services: Services, caller: Caller, plan: Plan) -> None:
    """RequestRefused unless the caller owns the plan and it is in phase draft: in no other phase is it edited."""
    if caller.ptk_id != plan.ptk_id:
        raise RequestRefused(Problem("actor.not_owner"))
    workflow = await services.workflows.get(plan.workflow, services.connection)
    state = workflow.definition.state(plan.state)
    if state.phase is not Phase.DRAFT:
        raise RequestRefused(
            Problem("plan.not_editable", {"state": state.label.id, "state_en": state.label.en})
        )


def _problems(filled: AnyTab, choices: Choices, last_day: date, go_on: bool) -> Iterator[Problem]:
    faults = list(filled.refused(choices))
    if isinstance(filled, TugasTambahan):
        faults += filled.dated_after(last_day)
    yield from faults or (filled.missing(choices) if go_on else ())


async def confirm_profile(services: Services, caller: Caller, command: Command) -> Outcome:
    """*Data sudah sesuai*: planning may begin. Confirming twice is refused only by the version."""

    async def decided(plan: Plan) -> Change:
        await owner_may_edit(services, caller, plan)
        now = services.clock.now()
        profile = replace(plan.profile, confirmed_at=plan.profile.confirmed_at or now)
        confirmed = replace(plan, profile=profile)
        return Change(confirmed, ()).then(
            ProfileConfirmed(), _by(caller), now, texts=(profile_text(confirmed),)
        )

    return await on_plan(services, caller, command, decided)


async def correct_profile(
    services: Services, caller: Caller, command: Command, given: Mapping[ProfileField, str]
) -> Outcome:
    """*Edit* and *Simpan*: the one correction, by status group; it confirms the rest. Never told to Dapodik."""

    async def decided(plan: Plan) -> Change:
        await owner_may_edit(services, caller, plan)
        now = services.clock.now()
        catalog = await services.catalogs.get(
            (await get_period(services, plan.period)).catalog, services.connection
        )
        corrected = replace(plan, profile=profiles.correct(plan.profile, given, catalog, now))
        data, texts = ProfileCorrected(tuple(sorted(given))), (profile_text(corrected),)
        return Change(corrected, ()).then(data, _by(caller), now, texts=texts)

    return await on_plan(services, caller, command, decided)


def _by(caller: Caller) -> By:
    return By(caller.ptk_id, caller.account)
