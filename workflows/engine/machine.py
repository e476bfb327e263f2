"""The state machine of a definition, and the evaluation of one transition."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from transitions import EventData, Machine, MachineError

from workflows.engine.authority import AUTHORITIES
from workflows.engine.guards import collect_evidence, evaluate_guard, resolve_arguments, value_to_json
from workflows.model.canonical import hash_definition
from workflows.model.decision import Effect, Step
from workflows.model.definition import Definition, Transition
from workflows.model.facts import Actor, CommandInput, Facts, Pass, Refusal, Snapshot

# The input that a transition may require, with the code of the refusal if it is absent.
REQUIREMENTS: Mapping[str, str] = {"reason": "reason.missing"}

NO_INPUT = CommandInput()


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to fire a trigger. `ignore_requirements`: a query, for which no input is required."""

    actor: Actor
    facts: Facts
    command_input: CommandInput = NO_INPUT
    ignore_requirements: bool = False


@dataclass(frozen=True, slots=True)
class TransitionEvaluation:
    """The result for one transition. `is_authorized` concerns the actor alone; `warnings` are not acknowledged yet."""

    transition: Transition
    is_authorized: bool
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Refusal, ...] = ()
    acknowledged_warnings: tuple[Refusal, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict)

    @property
    def allowed(self) -> bool:
        """Whether the transition fires once its warnings are acknowledged."""
        return not self.refusals

    @property
    def may_fire(self) -> bool:
        """Whether the transition fires now."""
        return not self.refusals and not self.warnings


def evaluate_transition(transition: Transition, plan: Snapshot, attempt: Attempt) -> TransitionEvaluation:
    """Evaluate a transition. An actor without authority gets that one refusal, and nothing about the plan."""
    rule, facts = AUTHORITIES[transition.authority], attempt.facts
    if refusal := rule.check(attempt.actor, plan, facts):
        return TransitionEvaluation(transition, False, (refusal,))
    when = evaluate_guard(transition.when, facts, plan)
    warn = evaluate_guard(transition.warn, facts, plan)
    evidence = {name: getattr(facts, name) for name in rule.reads}
    for verdict in (when, warn):
        evidence |= verdict.evidence if isinstance(verdict, Pass) else {}
    warnings = () if isinstance(warn, Pass) else warn
    codes = attempt.command_input.acknowledged_codes
    if warnings and codes:
        # A replay needs the facts behind an acknowledged warning.
        evidence |= collect_evidence(transition.warn, facts)
    return TransitionEvaluation(
        transition,
        is_authorized=True,
        refusals=_check_requirements(transition, attempt) + (() if isinstance(when, Pass) else when),
        warnings=tuple(warning for warning in warnings if warning.code not in codes),
        acknowledged_warnings=tuple(warning for warning in warnings if warning.code in codes),
        evidence=evidence,
    )


def _check_requirements(transition: Transition, attempt: Attempt) -> tuple[Refusal, ...]:
    if attempt.ignore_requirements:
        return ()
    values = {"reason": attempt.command_input.reason}
    missing = (name for name in transition.require if not (values[name] or "").strip())
    return tuple(Refusal(REQUIREMENTS[name], path=(name,)) for name in missing)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A definition with its hash and its machine. Immutable: tasks and threads may share it."""

    definition: Definition
    sha256: str
    machine: Machine


def build_machine(definition: Definition) -> Workflow:
    """Build the machine of a definition whose names are all known."""
    logging.getLogger("transitions").setLevel(logging.WARNING)  # it logs every callback at INFO
    machine = Machine(
        model=None,
        states=[state.name for state in definition.states],
        initial=definition.initial.name,
        auto_transitions=False,
        send_event=True,
    )
    for transition in definition.transitions:
        # The condition must be a function: the library imports and runs a callback that is a string.
        condition = partial(_may_fire, transition)
        machine.add_transition(
            transition.trigger, list(transition.from_states), transition.to_state, condition
        )
    return Workflow(definition, hash_definition(definition), machine)


def fire_trigger(
    workflow: Workflow, plan: Snapshot, trigger: str, attempt: Attempt
) -> tuple[Step | None, list[TransitionEvaluation]]:
    """Fire a trigger, which changes `plan.state` if a transition fires.

    Returns the step, or None, and the evaluations of the transitions in the order in which they were tried.
    """
    evaluations: list[TransitionEvaluation] = []
    event = workflow.machine.events.get(trigger)
    from_state = plan.state
    try:
        has_fired = event is not None and event.trigger(
            plan, plan=plan, attempt=attempt, evaluations=evaluations
        )
    except MachineError:  # raised by the library if the trigger has no transition from this state
        has_fired = False
    return (_build_step(evaluations[-1], from_state, attempt) if has_fired else None), evaluations


def _may_fire(transition: Transition, event: EventData) -> bool:
    plan: Snapshot = event.kwargs["plan"]
    evaluation = evaluate_transition(transition, plan, event.kwargs["attempt"])
    event.kwargs["evaluations"].append(evaluation)
    return evaluation.may_fire


def _build_step(evaluation: TransitionEvaluation, from_state: str, attempt: Attempt) -> Step:
    transition, params = evaluation.transition, attempt.facts.params
    return Step(
        transition=transition.id,
        trigger=transition.trigger,
        from_state=from_state,
        to_state=transition.to_state,
        actor=attempt.actor,
        effects=tuple(
            Effect(effect.name, resolve_arguments(effect, params)) for effect in transition.effects
        ),
        evidence={name: value_to_json(value) for name, value in evaluation.evidence.items()},
        acknowledged_warnings=evaluation.acknowledged_warnings,
        reason=attempt.command_input.reason if "reason" in transition.require else None,
        exceptional=transition.exceptional,
    )
