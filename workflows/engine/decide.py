"""The questions that planning asks of a workflow. Every function is pure and leaves its arguments unchanged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from workflows.engine.authority import AUTHORITIES
from workflows.engine.effects import changes_facts
from workflows.engine.guards import evaluate_guard
from workflows.engine.machine import (
    NO_INPUT,
    Attempt,
    TransitionEvaluation,
    Workflow,
    evaluate_transition,
    fire_trigger,
)
from workflows.model.decision import Decision, Step
from workflows.model.definition import Authority, Transition, Turn, entry_trigger
from workflows.model.facts import (
    SYSTEM,
    Actor,
    CommandInput,
    Facts,
    HeadKind,
    Pass,
    Refusal,
    Snapshot,
    relevant_reasons,
)


def decide(
    workflow: Workflow,
    plan: Snapshot,
    trigger: str,
    actor: Actor,
    facts: Facts,
    command_input: CommandInput = NO_INPUT,
) -> Decision:
    """Return the steps of a command, automatic ones included, or every reason why it is refused.

    To decide a waiting plan again, fire `entry_trigger(plan.state)` as `SYSTEM`. Do so too after a step that changes
    facts: no automatic step follows it.
    """
    if plan.state not in workflow.machine.states:
        return Decision(plan.state, refusals=(Refusal("state.unknown", {"state": plan.state}),))
    plan = replace(plan)
    step, evaluations = fire_trigger(workflow, plan, trigger, Attempt(actor, facts, command_input))
    if step is None:
        reasons = _collect_reasons(evaluations, trigger, plan)
        return Decision(plan.state, (), reasons.refusals, reasons.warnings)
    steps = (step,) if changes_facts(step.effects) else (step, *_fire_automatic(workflow, plan, facts))
    return Decision(plan.state, steps)


def _fire_automatic(workflow: Workflow, plan: Snapshot, facts: Facts) -> list[Step]:
    """Fire automatic transitions until none fires."""
    steps: list[Step] = []
    while len(steps) < len(workflow.definition.states):  # a second guard against loops, beside the linter
        step, _ = fire_trigger(workflow, plan, entry_trigger(plan.state), Attempt(SYSTEM, facts))
        if step is None:
            break
        steps.append(step)
    return steps


class _Reasons(NamedTuple):
    refusals: tuple[Refusal, ...]
    warnings: tuple[Refusal, ...]


def _collect_reasons(evaluations: Collection[TransitionEvaluation], trigger: str, plan: Snapshot) -> _Reasons:
    """Return refusals and warnings, of the transitions that the actor has authority for if there are any."""
    # What only the dinas can do here is nothing that others need to hear of.
    meant = [one for one in evaluations if not all(refusal.unactionable for refusal in one.refusals)]
    relevant = [one for one in evaluations if one.is_authorized] or meant
    if not relevant:
        return _Reasons((Refusal("transition.not_from_here", {"trigger": trigger, "state": plan.state}),), ())
    return _Reasons(
        relevant_reasons(refusal for evaluation in relevant for refusal in evaluation.refusals),
        relevant_reasons(warning for evaluation in relevant for warning in evaluation.warnings),
    )


def list_transitions(
    workflow: Workflow, plan: Snapshot, actor: Actor, facts: Facts
) -> tuple[TransitionEvaluation, ...]:
    """Evaluate each trigger that the actor may ever fire from this state, without its requirements.

    If several transitions have the trigger, the first one represents them, and is allowed if one of them is.
    """
    first: dict[str, Transition] = {}
    for transition in workflow.definition.transitions:
        is_manual = plan.state in transition.from_states and not transition.is_automatic
        if is_manual and AUTHORITIES[transition.authority].is_possible(actor, plan):
            first.setdefault(transition.trigger, transition)
    attempt = Attempt(actor, facts, ignore_requirements=True)
    evaluations = []
    for trigger, transition in first.items():
        _, results = fire_trigger(workflow, replace(plan), trigger, attempt)
        reasons = _collect_reasons(results, trigger, plan)
        refusals = () if any(evaluation.allowed for evaluation in results) else reasons.refusals
        evaluations.append(TransitionEvaluation(transition, True, refusals, reasons.warnings))
    return tuple(evaluations)


def check_start(workflow: Workflow, plan: Snapshot, facts: Facts) -> tuple[Refusal, ...]:
    """Return why Mulai is refused, if it is. `plan` is the plan that would be created."""
    verdict = evaluate_guard(workflow.definition.start, facts, plan)
    return () if isinstance(verdict, Pass) else verdict


def decide_turn(workflow: Workflow, plan: Snapshot, facts: Facts) -> Turn:
    """Return who has to act next. A vacant head is replaced by the dinas, who appoints one (DOMAIN.md "States")."""
    rules = workflow.definition.state(plan.state).turn
    turn = next(rule.turn for rule in rules if isinstance(evaluate_guard(rule.when, facts, plan), Pass))
    return Turn.DINAS if turn is Turn.HEAD and facts.head.kind is HeadKind.KOSONG else turn


def evaluate_transitions(
    workflow: Workflow, plan: Snapshot, facts: Facts
) -> tuple[TransitionEvaluation, ...]:
    """Evaluate every transition from this state for the actor it is meant for, without its requirements."""
    evaluations = (
        evaluate_transition(
            transition,
            plan,
            Attempt(_find_actor(transition.authority, plan, facts), facts, ignore_requirements=True),
        )
        for transition in workflow.definition.transitions
        if plan.state in transition.from_states
    )
    return tuple(
        replace(
            evaluation,
            refusals=relevant_reasons(evaluation.refusals),
            warnings=relevant_reasons(evaluation.warnings),
        )
        for evaluation in evaluations
    )


def _find_actor(authority: Authority, plan: Snapshot, facts: Facts) -> Actor:
    """Return the actor that an authority is meant for; nobody (`ptk_id` None) for the head of a vacant school."""
    if authority.relation == "owner":
        return Actor(plan.owner)
    if authority.relation == "head_of_school":
        return Actor(facts.head.ptk_id)
    return SYSTEM if authority.role == "system" else Actor(scopes=frozenset({"admin"}))
