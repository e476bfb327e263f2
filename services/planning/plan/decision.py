"""What a decision about a plan rests on, and what follows from it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from services.kit.concurrency import map_concurrently
from services.kit.problems import Problem
from services.planning.callers.model import Caller
from services.planning.people import store as people_store
from services.planning.people.access import check_access
from services.planning.people.model import School, SchoolFacts, TeacherFacts
from services.planning.people.services import Services
from services.planning.period.model import PeriodSetup, resolve_parameters
from services.planning.period.queries import FALLBACK_ZONE, get_period
from services.planning.plan import model as move
from services.planning.plan.erasable_text import content_text, profile_text
from services.planning.plan.event_kinds import Cause, TransitionFired
from services.planning.plan.events import SYSTEM, ErasableText, EventActor, OnBehalfOf
from services.planning.plan.model import Change, Plan
from services.planning.plan.timers import list_state_timers
from workflows.engine.machine import Workflow
from workflows.model.decision import Decision, Step
from workflows.model.definition import Phase
from workflows.model.facts import Facts, Head, HeadKind, Refusal, Snapshot, WithdrawnChoice

if TYPE_CHECKING:
    from services.planning.people.identity.answers import Answer


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """`plan` names the lists it is judged by, `head_nama` who heads its school, `induk` where a move would take it."""

    plan: Plan
    workflow: Workflow
    facts: Facts
    head_nama: str | None
    induk: School | None

    @property
    def snapshot(self) -> Snapshot:
        """The plan as the workflow sees it."""
        return Snapshot(self.plan.state, self.plan.ptk_id, self.plan.school.npsn)


@dataclass(frozen=True, slots=True)
class PeriodContext:
    """A period as it stands now, schools with who heads them, and those of them whose Plt has confirmed."""

    used: PeriodSetup
    schools: Mapping[str, Answer[SchoolFacts] | None]
    plt_confirmed_npsns: Collection[str]


async def load_period_context(
    services: Services, period: str, npsns: Collection[str], used: PeriodSetup | None = None
) -> PeriodContext:
    """What plans of a period at these schools have in common: three things to ask, whatever their number.

    Without `used` the period is read.
    """
    used = used or await get_period(services, period)
    confirmed, known = await asyncio.gather(
        people_store.list_confirmed_schools(npsns, period, services.connection),
        map_concurrently(services.identity.school, npsns),
    )
    return PeriodContext(used, dict(zip(npsns, known, strict=True)), confirmed)


def catalog_of_plan(plan: Plan, used: PeriodSetup, workflow: Workflow) -> str:
    """The catalogue that a plan is read with: a draft sees today's lists, any other those it was handed in with."""
    draft = workflow.definition.state(plan.state).phase is Phase.DRAFT
    return used.catalog if draft else plan.catalog


async def load_decision_context(
    services: Services, plan: Plan, caller: Caller | None, used: PeriodSetup | None = None
) -> DecisionContext:
    """The case of a plan for a caller (None: the system); IdentityAway where nothing is known of the people.

    Without `used` the plan's own period is read.
    """
    (case,) = await load_decision_contexts(services, plan, [caller], used)
    return case


async def load_decision_contexts(
    services: Services, plan: Plan, callers: Collection[Caller | None], used: PeriodSetup | None = None
) -> list[DecisionContext]:
    """The same for several callers, on the same facts: everything is asked for once."""
    season, teacher = await asyncio.gather(
        load_period_context(services, plan.period, [plan.school.npsn], used),
        services.identity.teacher(plan.ptk_id),
    )
    return [await build_decision_context(services, plan, caller, season, teacher) for caller in callers]


async def build_decision_context(
    services: Services,
    plan: Plan,
    caller: Caller | None,
    season: PeriodContext,
    teacher: Answer[TeacherFacts] | None,
) -> DecisionContext:
    """The case of a plan, with what it shares with others and what is known of its owner."""
    used, school = season.used, season.schools[plan.school.npsn]
    workflow = await services.workflows.get(plan.workflow, services.connection)
    lists = catalog_of_plan(plan, used, workflow)
    catalog = await services.catalogs.get(lists, services.connection)
    here = school.facts if school else None
    npsn = teacher.facts.sekolah_induk.value if teacher else None
    other = await _other_school(services, npsn, plan)
    induk = move.build_school(other.facts if other else None, catalog)
    acts = caller if caller and caller.ptk_id == plan.ptk_id else None
    own = check_access(teacher.facts, here, acts.account, catalog) if teacher and acts else None
    choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
    revision = used.period.parameters_at(services.clock.now())
    asked = [known.as_of for known in (teacher, school, other) if known]
    facts = Facts(
        now=services.clock.now(),
        zone=ZoneInfo(plan.school.zone or FALLBACK_ZONE),
        params=resolve_parameters(workflow.definition, revision),
        params_revision=revision.number,
        head=Head(HeadKind(here.head.kind), here.head.ptk_id) if here else Head(HeadKind.KOSONG),
        facts_as_of=min(asked) if teacher and school else None,
        sekolah_induk=npsn,
        profile_confirmed=plan.profile.is_confirmed,
        access_refusals=_refusals(own.problems) if own else (),
        move_refusals=_refusals(move.check_school_change(plan, npsn, induk)),
        missing_parts=_refusals(plan.content.check_complete(choices)),
        withdrawn_choices=tuple(
            WithdrawnChoice(str(p.params["code"]), p.path) for p in plan.content.check_offered(choices)
        ),
        points=plan.content.points(choices),
        revision_due=plan.revision_due,
        plt_confirmed=plan.school.npsn in season.plt_confirmed_npsns,
    )
    return DecisionContext(
        replace(plan, catalog=lists), workflow, facts, here.head.nama if here else None, induk
    )


async def _other_school(services: Services, npsn: str | None, plan: Plan) -> Answer[SchoolFacts] | None:
    if npsn is None or npsn == plan.school.npsn:
        return None
    return await services.identity.school(npsn)


def _refusals(problems: Iterable[Problem]) -> tuple[Refusal, ...]:
    return tuple(Refusal(problem.code, problem.params, problem.path) for problem in problems)


def apply_decision(
    case: DecisionContext, decision: Decision, caller: Caller | None, cause: Cause | None = None
) -> Change:
    """The change of all steps; `cause` goes into the event of the first one."""
    change = Change(case.plan, ())
    for step in decision.steps:
        changed, texts = _effects(change.plan, step, case)
        by, names = _by(step, case, caller)
        data = TransitionFired(
            trigger=step.trigger,
            transition=step.transition,
            parameters=case.facts.params_revision,
            evidence=step.evidence,
            acknowledged_warnings=tuple(warning.code for warning in step.acknowledged_warnings),
            exceptional=step.exceptional,
            moved_from=change.plan.school.npsn if changed.school != change.plan.school else None,
            cause=None if change.events else cause,
        )
        change = replace(change, plan=changed).with_event(
            data, by, case.facts.now, to=step.to_state, texts=(*texts, *names)
        )
    if all(step.to_state == step.from_state for step in decision.steps):
        return change
    return replace(change, timers=list_state_timers(change.plan, case.workflow.definition, case.facts.params))


def _effects(plan: Plan, step: Step, case: DecisionContext) -> tuple[Plan, tuple[ErasableText, ...]]:
    facts = case.facts
    texts = [ErasableText.of("reason", step.reason)] if step.reason else []
    for effect in step.effects:
        match effect.name:
            case "remember_submission":
                texts += [content_text(plan), profile_text(plan)]
                plan = replace(plan, submitted_at=facts.now, reopened_at=None)
            case "open_revision":
                due = facts.today + timedelta(days=int(str(effect.args["days"])))
                plan = replace(plan, revision_due=due, note=step.reason)
            case "remember_reopening":
                plan = replace(plan, reopened_at=facts.now)
            case "move_to_sekolah_induk":
                assert case.induk is not None, "the guard `may_move` let it pass"
                plan = replace(plan, school=case.induk)
            case unknown:
                raise LookupError(f"effect {unknown} is registered and not carried out")
    return plan, tuple(texts)


def _by(
    step: Step, case: DecisionContext, caller: Caller | None
) -> tuple[EventActor, tuple[ErasableText, ...]]:
    """Who it was; of a head of the school also the name, which nobody could look up later.

    As the row says: who heads the school and reopens a plan as an admin does not act on the school's behalf.
    """
    if step.actor.system or caller is None:
        return SYSTEM, ()
    row = next(row for row in case.workflow.definition.transitions if row.id == step.transition)
    if row.authority.relation != "head_of_school":
        return EventActor(caller.ptk_id, caller.account), ()
    behalf = OnBehalfOf(case.plan.school.npsn, case.facts.head.kind)
    names = (ErasableText.of("nama", case.head_nama),) if case.head_nama else ()
    return EventActor(caller.ptk_id, caller.account, behalf), names
