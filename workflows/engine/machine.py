"""What one row of a definition says to one attempt: does it fit the actor, what is lacking."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from transitions import EventData, Machine, MachineError

from workflows.engine.authority import AUTHORITIES, Effect
from workflows.engine.guards import collect_evidence, evaluate_guard, resolve_arguments, value_to_json
from workflows.model.canonical import hash_definition
from workflows.model.decision import Step
from workflows.model.definition import Definition, Transition
from workflows.model.facts import Actor, CommandInput, Facts, Pass, Refusal, Snapshot

# What a transition may require of a command, and the code where it is absent.
REQUIREMENTS: Mapping[str, str] = {"reason": "reason.missing"}

NO_INPUT = CommandInput()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One firing of one trigger. `asking` only asks: what a command would bring along is not demanded."""

    actor: Actor
    facts: Facts
    command_input: CommandInput = NO_INPUT
    ignore_requirements: bool = False


@dataclass(frozen=True, slots=True)
class TransitionEvaluation:
    """A row's answer. `fits`: the actor stands to the plan as demanded; `warnings`: those not accepted."""

    transition: Transition
    is_authorized: bool
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Refusal, ...] = ()
    acknowledged_warnings: tuple[Refusal, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict)

    @property
    def may_fire(self) -> bool:
        """The row may fire."""
        return not self.refusals and not self.warnings


def evaluate_transition(row: Transition, plan: Snapshot, attempt: Attempt) -> TransitionEvaluation:
    """Weigh a row. To an actor whom it does not fit it tells that one reason only, nothing about the plan."""
    who = AUTHORITIES[row.authority]
    if misfit := who.check(attempt.actor, plan, attempt.facts):
        return TransitionEvaluation(row, False, (misfit,))
    evidence = {name: getattr(attempt.facts, name) for name in who.reads}
    when = evaluate_guard(row.when, attempt.facts, plan)
    warn = evaluate_guard(row.warn, attempt.facts, plan)
    for verdict in (when, warn):
        evidence |= verdict.evidence if isinstance(verdict, Pass) else {}
    warnings = () if isinstance(warn, Pass) else warn
    accepted = attempt.command_input.acknowledged_codes
    if warnings and accepted:
        # A replay needs what an accepted warning was about.
        evidence |= collect_evidence(row.warn, attempt.facts)
    return TransitionEvaluation(
        row,
        is_authorized=True,
        refusals=_lacking(row, attempt) + (() if isinstance(when, Pass) else when),
        warnings=tuple(warning for warning in warnings if warning.code not in accepted),
        acknowledged_warnings=tuple(warning for warning in warnings if warning.code in accepted),
        evidence=evidence,
    )


def _lacking(row: Transition, attempt: Attempt) -> tuple[Refusal, ...]:
    if attempt.ignore_requirements:
        return ()
    brought = {"reason": attempt.command_input.reason}
    return tuple(
        Refusal(REQUIREMENTS[need], path=(need,)) for need in row.require if not (brought[need] or "").strip()
    )


@dataclass(frozen=True, slots=True)
class Workflow:
    """A definition that runs: proved, built, identified by `sha256`. Tasks and threads may share it."""

    definition: Definition
    sha256: str
    machine: Machine


def build_machine(definition: Definition) -> Workflow:
    """Build the machine of a definition whose names are known to resolve."""
    logging.getLogger("transitions").setLevel(logging.WARNING)  # it logs every callback at INFO
    machine = Machine(
        model=None,
        states=[state.name for state in definition.states],
        initial=definition.initial.name,
        auto_transitions=False,
        send_event=True,
    )
    for row in definition.transitions:
        # Only ever our own function: the library imports and runs a callback that is a string.
        machine.add_transition(row.trigger, list(row.from_states), row.to_state, partial(_admits, row))
    return Workflow(definition, hash_definition(definition), machine)


def fire_trigger(
    workflow: Workflow, plan: Snapshot, trigger: str, attempt: Attempt
) -> tuple[Step | None, list[TransitionEvaluation]]:
    """Fire a trigger: `plan` moves and the step is given, or it stays; the trace holds what each row said."""
    trace: list[TransitionEvaluation] = []
    event = workflow.machine.events.get(trigger)
    before = plan.state
    try:
        moved = event is not None and event.trigger(plan, plan=plan, attempt=attempt, trace=trace)
    except MachineError:  # the library's way to say that no row leads away from this state
        moved = False
    return (_step(trace[-1], before, plan.state, attempt) if moved else None), trace


def _admits(row: Transition, event: EventData) -> bool:
    plan: Snapshot = event.kwargs["plan"]
    tried = evaluate_transition(row, plan, event.kwargs["attempt"])
    event.kwargs["trace"].append(tried)
    return tried.may_fire


def _step(tried: TransitionEvaluation, before: str, after: str, attempt: Attempt) -> Step:
    row, params = tried.transition, attempt.facts.params
    return Step(
        transition=row.id,
        trigger=row.trigger,
        from_state=before,
        to_state=after,
        actor=attempt.actor,
        effects=tuple(Effect(effect.name, resolve_arguments(effect, params)) for effect in row.effects),
        evidence={name: value_to_json(value) for name, value in tried.evidence.items()},
        acknowledged_warnings=tried.acknowledged_warnings,
        reason=attempt.command_input.reason if "reason" in row.require else None,
        exceptional=row.exceptional,
    )
