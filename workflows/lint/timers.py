"""Checks of timers: each can fall due, its trigger has a transition, and each transition of the system has a timer."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.effects import changes_facts
from workflows.lint.calls import is_never_before
from workflows.model.definition import (
    Call,
    Definition,
    Fire,
    OnDate,
    ParamRef,
    Path,
    Timer,
    Transition,
    conjuncts,
)
from workflows.model.findings import Finding, Witness
from workflows.proof.proof import Proof


def check_system_transitions(definition: Definition) -> Iterator[Finding]:
    """Check that a timer fires each transition of the system that is not automatic."""
    timer_triggers = {
        (timer.action.trigger, state)
        for timer in definition.timers
        if isinstance(timer.action, Fire)
        for state in timer.states
    }
    for number, transition in enumerate(definition.transitions):
        if transition.authority.role != "system" or transition.is_automatic:
            continue
        if timer_triggers.isdisjoint((transition.trigger, state) for state in transition.from_states):
            names = {"id": transition.id, "trigger": transition.trigger}
            yield Finding("lint.never_fired", ("transitions", number), names)


def check_timers_fall_due(proof: Proof) -> Iterator[Finding]:
    """Check that plans rest in the states of a timer, and that its day can be later than Mulai.

    Unreachable states are left to `check_reachable_states`.
    """
    resting = {situation.state for situation in proof.graph.arrivals}
    for number, timer in enumerate(proof.definition.timers):
        for state in timer.states:
            if state in proof.graph.state_arrivals and state not in resting:
                automatic = tuple(
                    transition.id for transition in proof.graph.outgoing[state] if transition.is_automatic
                )
                witness = Witness(proof.trace_to_state(state), state, transitions=automatic)
                names = {"id": timer.id, "state": state}
                yield Finding("lint.timer_unwaited", ("timers", number, "while"), names, witness=witness)
        when, start = timer.when, proof.definition.start
        if isinstance(when, OnDate) and _is_before_start(proof.definition, timer, when):
            example = proof.find_example(start) if start else None
            witness = Witness(state=timer.states[0], example=example)
            names = {"id": timer.id, "name": when.param}
            yield Finding("lint.timer_passed", ("timers", number, "at"), names, witness=witness)


def check_timer_triggers(proof: Proof) -> Iterator[Finding]:
    """Check that the system can fire the trigger of a timer from each of its states."""
    for number, timer in enumerate(proof.definition.timers):
        if not isinstance(timer.action, Fire):
            continue
        trigger = timer.action.trigger
        for state in timer.states:
            transitions = [
                transition for transition in proof.graph.outgoing[state] if transition.trigger == trigger
            ]
            if not any(_can_be_fired_by_timer(transition, state) for transition in transitions):
                ids = tuple(transition.id for transition in transitions)
                witness = Witness(proof.trace_to_state(state), state, transitions=ids)
                names = {"id": timer.id, "trigger": trigger, "state": state}
                path: Path = ("timers", number, "do", "fire", "trigger")
                yield Finding("lint.timer_no_transition", path, names, witness=witness)


def _can_be_fired_by_timer(transition: Transition, state: str) -> bool:
    """Return whether the system may fire it without input, to another state and at the same school."""
    needs_input = transition.require or transition.warn is not None
    leaves = transition.to_state != state and not changes_facts(transition.effects)
    return transition.authority.role == "system" and leaves and not needs_input


def _is_before_start(definition: Definition, timer: Timer, when: OnDate) -> bool:
    """Return whether the timer's only day is before the first day of Mulai for all values of a period."""
    if timer.repeat or when.days >= 0:
        return False
    params = {param.name: param for param in definition.params}
    opening = (
        dict(guard.args).get("opens")
        for _, guard in conjuncts(definition.start)
        if isinstance(guard, Call) and guard.name == "window_open"
    )
    return any(isinstance(day, ParamRef) and is_never_before(params, day.name, when.param) for day in opening)
