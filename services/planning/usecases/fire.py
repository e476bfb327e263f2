"""A transition of the workflow: submit, approve, return, begin, and whatever triggers admins add."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from services.kit.problem import Problem, Refused
from services.planning.domain.caller import Caller
from services.planning.domain.event import ErasableText
from services.planning.domain.kept import content_text, profile_text
from services.planning.domain.plan import SYSTEM, By, Change, Plan
from services.planning.domain.refusals import Acknowledgeable
from services.planning.planning import Planning
from services.planning.usecases.command import Command, Outcome, on_plan
from services.planning.usecases.facts import facts_about, lists_of, period_of
from workflows import Actor, Availability, Decision, Facts, Given, Snapshot, Step, available, decide


async def fire_transition(
    planning: Planning, caller: Caller, command: Command, trigger: str, given: Given
) -> Outcome:
    """Fire a trigger on a plan. Raises PlanRefused with every reason and every warning to acknowledge."""

    async def decided(plan: Plan) -> Change:
        used = await period_of(planning, plan.period)
        workflow = await planning.workflows.get(plan.workflow)
        facts = await facts_about(planning, plan, used, workflow, caller)
        decision = decide(workflow, snapshot_of(plan), trigger, actor_of(caller), facts, given)
        if not decision.allowed:
            raise Refused(_problems(decision))
        read_with = replace(plan, catalog=lists_of(plan, used, workflow))
        return _carried_out(read_with, decision, caller, facts)

    return await on_plan(planning, caller, command, decided)


async def available_transitions(planning: Planning, caller: Caller, plan: Plan) -> tuple[Availability, ...]:
    """The buttons that this caller could ever press on this plan, and why not now."""
    used = await period_of(planning, plan.period)
    workflow = await planning.workflows.get(plan.workflow)
    facts = await facts_about(planning, plan, used, workflow, caller)
    return available(workflow, snapshot_of(plan), actor_of(caller), facts)


def snapshot_of(plan: Plan) -> Snapshot:
    """The plan as the workflow sees it."""
    return Snapshot(plan.state, plan.ptk_id, plan.school.npsn)


def actor_of(caller: Caller) -> Actor:
    """The caller as the workflow sees them."""
    return Actor(caller.ptk_id, caller.scopes)


def _carried_out(plan: Plan, decision: Decision, caller: Caller, facts: Facts) -> Change:
    change = Change(plan, ())
    for step in decision.steps:
        changed, texts = _effects(change.plan, step, facts)
        change = Change(changed, change.events).then(
            "transition",
            _by(step, plan, caller, facts),
            facts.now,
            to=step.to_state,
            texts=texts,
            trigger=step.trigger,
            transition=step.transition,
            parameters=facts.params_revision,
            because=step.evidence,
            acknowledged=[warning.code for warning in step.acknowledged],
            exceptional=step.exceptional,
        )
    return change


def _effects(plan: Plan, step: Step, facts: Facts) -> tuple[Plan, tuple[ErasableText, ...]]:
    texts = [ErasableText.of("reason", step.reason)] if step.reason else []
    plan = replace(plan, note=step.reason) if step.reason else plan
    for effect in step.effects:
        match effect.name:
            case "remember_submission":
                texts += [content_text(plan), profile_text(plan)]
                plan = replace(plan, submitted_at=facts.now)
            case "open_revision":
                plan = replace(plan, revision_due=facts.today + timedelta(days=int(str(effect.args["days"]))))
            case unknown:
                raise LookupError(f"effect {unknown} is registered and not carried out")
    return plan, tuple(texts)


def _by(step: Step, plan: Plan, caller: Caller, facts: Facts) -> By:
    if step.by.system:
        return SYSTEM
    head = caller.ptk_id is not None and caller.ptk_id == facts.head.ptk_id != plan.ptk_id
    behalf = {"npsn": plan.school.npsn, "head": facts.head.kind.value} if head else None
    return By(caller.ptk_id, caller.account, behalf)


def _problems(decision: Decision) -> Iterator[Problem]:
    for refusal in decision.refusals:
        yield Problem(refusal.code, refusal.params, refusal.path)
    for warning in decision.warnings:
        yield Acknowledgeable(warning.code, warning.params, warning.path)
