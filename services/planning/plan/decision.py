"""The context that a decision about a plan is made in, and the change that follows from it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from services.kit.concurrency import map_concurrently
from services.kit.problems import Problem
from services.planning.callers.model import Caller
from services.planning.people import model as people_model
from services.planning.people import store as people_store
from services.planning.people.access import check_access
from services.planning.people.model import School, SchoolFacts, TeacherFacts
from services.planning.people.services import Services
from services.planning.period.model import PeriodSetup, resolve_parameters
from services.planning.period.queries import FALLBACK_ZONE, get_period
from services.planning.plan.erasable_text import content_text, profile_text
from services.planning.plan.event_kinds import Cause, ProfileRefreshed, TransitionFired
from services.planning.plan.events import SYSTEM, ErasableText, EventActor, OnBehalfOf
from services.planning.plan.model import (
    Change,
    Plan,
    build_school,
    check_school_change,
    follow_registry,
)
from services.planning.plan.profile import build_profile
from services.planning.plan.tabs import name_choices
from services.planning.plan.timers import list_state_timers
from workflows.engine.machine import Workflow
from workflows.model.contract import Contract
from workflows.model.decision import Decision, Step
from workflows.model.definition import Phase
from workflows.model.facts import Actor, Facts, Head, HeadKind, Refusal, Snapshot, WithdrawnChoice

if TYPE_CHECKING:
    from services.planning.people.identity.answers import Answer


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """A plan with its workflow version and the facts that guards read.

    plan: the plan, with the catalogue that its choices are checked against
    head_nama: name of the head of its school
    induk: school that the plan would move to, None if it cannot move
    owner_records: every ptk_id of its owner
    refreshed_fields: fields of the plan that differ from the stored ones, because an open plan follows the registry
    """

    plan: Plan
    workflow: Workflow
    facts: Facts
    head_nama: str | None
    induk: School | None
    owner_records: frozenset[str]
    refreshed_fields: tuple[str, ...] = ()

    @property
    def contract(self) -> Contract:
        """The contract of the plan's workflow version."""
        return self.workflow.definition.contract

    def actor(self, caller: Caller) -> Actor:
        """Return the caller for the workflow engine. A person with one of the owner's records has all of them."""
        other_records = self.owner_records if caller.ptk_id in self.owner_records else frozenset[str]()
        return Actor(caller.ptk_id, caller.scopes, other_records=other_records)

    @property
    def snapshot(self) -> Snapshot:
        """The plan in the form of the workflow engine."""
        return Snapshot(self.plan.state, self.plan.ptk_id, self.plan.school.npsn)


@dataclass(frozen=True, slots=True)
class PeriodContext:
    """What plans of a period at the same schools share.

    schools: the answer of identity by NPSN
    plt_confirmed_npsns: the schools whose Plt has confirmed
    """

    setup: PeriodSetup
    schools: Mapping[str, Answer[SchoolFacts] | None]
    plt_confirmed_npsns: Collection[str]


async def load_period_context(
    services: Services, period: str, npsns: Collection[str], setup: PeriodSetup | None = None
) -> PeriodContext:
    """Load what plans of a period at these schools share. Without `setup` the period is read."""
    setup = setup or await get_period(services, period)
    plt_confirmed_npsns, schools = await asyncio.gather(
        people_store.list_confirmed_schools(npsns, period, services.connection),
        map_concurrently(services.identity.school, npsns),
    )
    return PeriodContext(setup, dict(zip(npsns, schools, strict=True)), plt_confirmed_npsns)


async def load_decision_context(
    services: Services, plan: Plan, caller: Caller | None, setup: PeriodSetup | None = None
) -> DecisionContext:
    """Load the context of a decision by a caller (None: the system). Without `setup` the plan's period is read.

    Raises IdentityUnavailable if identity does not answer and has never answered before.
    """
    (context,) = await load_decision_contexts(services, plan, [caller], setup)
    return context


async def load_decision_contexts(
    services: Services, plan: Plan, callers: Collection[Caller | None], setup: PeriodSetup | None = None
) -> list[DecisionContext]:
    """Load the contexts of several callers from the same facts. Each question is asked once."""
    period, teacher = await asyncio.gather(
        load_period_context(services, plan.period, [plan.school.npsn], setup),
        services.identity.teacher(plan.ptk_id),
    )
    return [await build_decision_context(services, plan, caller, period, teacher) for caller in callers]


async def build_decision_context(
    services: Services,
    plan: Plan,
    caller: Caller | None,
    period: PeriodContext,
    teacher: Answer[TeacherFacts] | None,
) -> DecisionContext:
    """Build the context of a plan from what it shares with others and from the facts about its owner.

    A draft follows the registry and is checked against the period's catalogue of today. Any other plan stays as it was
    submitted, because its head decides on that.
    """
    setup, school = period.setup, period.schools[plan.school.npsn]
    workflow = await services.workflows.get(plan.workflow, services.connection)
    is_draft = workflow.definition.state(plan.state).phase is Phase.DRAFT
    if is_draft:
        plan = replace(plan, catalog=setup.catalog)
    catalog = await services.catalogs.get(plan.catalog, services.connection)
    school_facts = school.facts if school else None
    refreshed_fields: tuple[str, ...] = ()
    if is_draft and teacher and school and not (teacher.is_cached or school.is_cached):
        present_school = build_school(school_facts, catalog, teacher.facts.sekolah_induk)
        plan, refreshed_fields = follow_registry(plan, build_profile(teacher.facts, catalog), present_school)
    induk_npsn = teacher.facts.sekolah_induk.value if teacher else None
    induk_answer = None
    if induk_npsn is not None and induk_npsn != plan.school.npsn:
        induk_answer = await services.identity.school(induk_npsn)
    induk = None
    if teacher and induk_answer:
        induk = build_school(induk_answer.facts, catalog, teacher.facts.sekolah_induk)
    access = None
    if teacher and caller and caller.ptk_id == plan.ptk_id:
        access = check_access(teacher.facts, school_facts, caller.account, catalog)
    choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
    now = services.clock.now()
    revision = setup.period.parameters_at(now)
    instants = [answer.as_of for answer in (teacher, school, induk_answer) if answer]
    head = school_facts.head if school_facts else None
    owner_records = teacher.facts.records if teacher else frozenset({plan.ptk_id})
    facts = Facts(
        now=now,
        zone=ZoneInfo(plan.school.zone or FALLBACK_ZONE),
        params=resolve_parameters(workflow.definition, revision),
        params_revision=revision.number,
        head=_build_head(head, plan.ptk_id, owner_records),
        facts_as_of=min(instants) if teacher and school else None,
        sekolah_induk=induk_npsn,
        profile_confirmed=plan.profile.is_confirmed,
        access_refusals=_refusals(access.problems) if access else (),
        move_refusals=_refusals(check_school_change(plan, induk_npsn, induk)),
        missing_parts=_refusals(plan.content.check_complete(choices)),
        withdrawn_choices=tuple(
            WithdrawnChoice(str(problem.params["code"]), problem.path)
            for problem in name_choices(plan.content.check_offered(choices), catalog)
        ),
        points=plan.content.points(choices),
        revision_due=plan.revision_due,
        plt_confirmed=plan.school.npsn in period.plt_confirmed_npsns,
    )
    return DecisionContext(
        plan, workflow, facts, head.nama if head else None, induk, owner_records, refreshed_fields
    )


def _build_head(head: people_model.Head | None, owner: str, owner_records: frozenset[str]) -> Head:
    """Return the head for the engine, by the owner's ptk_id if another record of the owner is the head."""
    if head is None:
        return Head(HeadKind.KOSONG)
    return Head(HeadKind(head.kind), owner if head.ptk_id in owner_records else head.ptk_id, head.is_disputed)


def _refusals(problems: Iterable[Problem]) -> tuple[Refusal, ...]:
    return tuple(Refusal(problem.code, problem.params, problem.path) for problem in problems)


def apply_decision(
    context: DecisionContext, decision: Decision, caller: Caller | None, cause: Cause | None = None
) -> Change:
    """Return the change that all steps make of the plan. `cause` goes into the event of the first step."""
    facts, change = context.facts, Change(context.plan, ())
    if context.refreshed_fields:
        change = add_refresh(change, context.refreshed_fields, facts.now)
    for number, step in enumerate(decision.steps):
        plan, texts = _apply_effects(change.plan, step, context)
        actor, actor_texts = _find_actor(step, context, caller)
        data = TransitionFired(
            trigger=step.trigger,
            transition=step.transition,
            parameters=facts.params_revision,
            evidence=step.evidence,
            acknowledged_warnings=tuple(warning.code for warning in step.acknowledged_warnings),
            exceptional=step.exceptional,
            moved_from=change.plan.school.npsn if plan.school != change.plan.school else None,
            cause=None if number else cause,
        )
        change = replace(change, plan=plan).with_event(
            data, actor, facts.now, to_state=step.to_state, texts=(*texts, *actor_texts)
        )
    if all(step.to_state == step.from_state for step in decision.steps):
        return change
    return replace(change, timers=list_state_timers(change.plan, context.workflow.definition, facts.params))


def add_refresh(change: Change, fields: tuple[str, ...], now: datetime) -> Change:
    """Add the event of a plan that followed the registry."""
    return change.with_event(ProfileRefreshed(fields), SYSTEM, now, texts=(profile_text(change.plan),))


def _apply_effects(plan: Plan, step: Step, context: DecisionContext) -> tuple[Plan, tuple[ErasableText, ...]]:
    facts = context.facts
    texts = [ErasableText.of("reason", step.reason)] if step.reason else []
    for effect in step.effects:
        match effect.name:
            case "remember_submission":
                texts += [content_text(plan), profile_text(plan)]
                plan = replace(plan, submitted_at=plan.next_instant(facts.now), reopened_at=None)
            case "open_revision":
                due = facts.today + timedelta(days=int(str(effect.args["days"])))
                plan = replace(plan, revision_due=due, note=step.reason)
            case "remember_reopening":
                plan = replace(plan, reopened_at=plan.next_instant(facts.now))
            case "move_to_sekolah_induk":
                assert context.induk is not None, "the guard `may_move` passed"
                plan = replace(plan, school=context.induk)
            case unknown:
                raise LookupError(f"effect {unknown} is registered and not implemented")
    return plan, tuple(texts)


def _find_actor(
    step: Step, context: DecisionContext, caller: Caller | None
) -> tuple[EventActor, tuple[ErasableText, ...]]:
    """Return the actor of a step, and for the head of the school a text with the name, which is stored nowhere else.

    The transition decides on whose behalf the actor acts: a head who reopens a plan as an admin acts for no school.
    """
    if step.actor.system or caller is None:
        return SYSTEM, ()
    transition = next(row for row in context.workflow.definition.transitions if row.id == step.transition)
    if transition.authority.relation != "head_of_school":
        return EventActor.of(caller), ()
    on_behalf_of = OnBehalfOf(context.plan.school.npsn, context.facts.head.kind)
    texts = (ErasableText.of("nama", context.head_nama),) if context.head_nama else ()
    return EventActor.of(caller, on_behalf_of), texts
