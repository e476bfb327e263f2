"""*Mulai*: a new plan at the sekolah induk, within the window; or the one that exists, to go on with."""

from __future__ import annotations

from dataclasses import replace

from services.kit.problem import Problem, Refused
from services.planning.domain.caller import Caller
from services.planning.domain.catalog import Catalog
from services.planning.domain.event import GENESIS
from services.planning.domain.kept import profile_text
from services.planning.domain.move import school_of
from services.planning.domain.plan import By, Change, Plan
from services.planning.domain.profile import profile_of
from services.planning.domain.tabs import Content, Tab
from services.planning.domain.timer import timers_of
from services.planning.planning import Planning
from services.planning.storage import plan as plans
from services.planning.storage.period import PeriodInUse
from services.planning.usecases.case import case_of
from services.planning.usecases.command import Outcome
from services.planning.usecases.period import period_of
from services.planning.usecases.person import Person, person_of
from workflows import check_start


async def start_plan(planning: Planning, caller: Caller, period: str | None) -> Outcome:
    """Start, or go on: there is one plan per teacher and period, so a repeat finds what the first one made."""
    person = await person_of(planning, caller)
    if person is None:
        raise Refused(Problem("access.no_ptk", {"who_can_fix": "helpdesk"}))
    used = await period_of(planning, period, ("input", "period"), zone=person.zone)
    catalog = await planning.catalogs.get(used.catalog)
    if problems := person.access(caller, catalog).problems:
        raise Refused(problems)
    new = _new_plan(person, used, catalog, planning)
    existing = await plans.load(new.ptk_id, new.period)
    if existing is not None:
        # What identity once said is nothing to refresh a plan with: the plan may know better.
        return await _go_on(planning, caller, existing, existing if person.kept_as_of else new)
    case = await case_of(planning, new, caller, used)
    if refusals := check_start(case.workflow, case.snapshot, case.facts):
        raise Refused(Problem(refusal.code, refusal.params, refusal.path) for refusal in refusals)
    by = By(caller.ptk_id, caller.account)
    started = Change(new, ()).then("started", by, case.facts.now, texts=(profile_text(new),))
    started = replace(started, timers=timers_of(started.plan, case.workflow.definition, case.facts.params))
    if await plans.commit(started, 0, None):
        return Outcome(started.plan)
    found = await plans.load(new.ptk_id, new.period)  # started twice at once: one plan
    assert found is not None
    return Outcome(found, replayed=True)


async def _go_on(planning: Planning, caller: Caller, plan: Plan, new: Plan) -> Outcome:
    """The plan as it is; until data diri are confirmed they, and the school, follow the registry (Guide 5)."""
    seen = replace(plan, profile=new.profile, school=new.school)
    if plan.profile.confirmed or plan == seen:
        return Outcome(plan, replayed=True)
    told = Change(seen, ()).then(
        "profile_refreshed",
        By(caller.ptk_id, caller.account),
        planning.clock.now(),
        texts=(profile_text(seen),),
    )
    if await plans.commit(told, plan.version, None):
        return Outcome(told.plan, replayed=True)
    return Outcome(await plans.load(plan.ptk_id, plan.period) or plan, replayed=True)


def _new_plan(person: Person, used: PeriodInUse, catalog: Catalog, planning: Planning) -> Plan:
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
        updated_at=planning.clock.now(),
    )
