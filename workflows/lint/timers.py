"""Proofs about timers: each can fall due, what it fires is there to be fired, and the system waits for nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.authority import FACT_CHANGING_EFFECTS
from workflows.lint.calls import is_never_before
from workflows.model.definition import (
    AllOf,
    Call,
    Definition,
    Fire,
    Guard,
    OnDate,
    ParamRef,
    Path,
    Timer,
    Transition,
)
from workflows.model.findings import Finding, Witness
from workflows.proof.proof import Proof


def check_system_transitions(definition: Definition) -> Iterator[Finding]:
    """What only the system may fire, and not by entering a state, some timer fires."""
    fired = {
        (timer.action.trigger, state)
        for timer in definition.timers
        if isinstance(timer.action, Fire)
        for state in timer.states
    }
    for number, row in enumerate(definition.transitions):
        ordinary = row.authority.role == "system" and not row.is_automatic
        if ordinary and not fired & {(row.trigger, state) for state in row.from_states}:
            names = {"id": row.id, "trigger": row.trigger}
            yield Finding("lint.never_fired", ("transitions", number), names)


def check_timers_fall_due(proof: Proof) -> Iterator[Finding]:
    """A plan can wait in the states of a timer, and be there when its day comes.

    A state that no plan comes to at all is told by `lint_ways`.
    """
    waits = {situation.state for situation in proof.graph.arrivals}
    for number, timer in enumerate(proof.definition.timers):
        place: Path = ("timers", number)
        for state in timer.states:
            if state in proof.graph.state_arrivals and state not in waits:
                rows = tuple(row.id for row in proof.graph.outgoing[state] if row.is_automatic)
                shown = Witness(proof.trace_to_state(state), state, transitions=rows)
                names = {"id": timer.id, "state": state}
                yield Finding("lint.timer_unwaited", (*place, "while"), names, witness=shown)
        if isinstance(timer.when, OnDate) and _passed(proof.definition, timer, timer.when):
            # A plan comes into being under facts such as these, its timer's day lying behind it.
            start = proof.definition.start
            shown = Witness(state=timer.states[0], example=proof.find_example(start) if start else None)
            names = {"id": timer.id, "name": timer.when.param}
            yield Finding("lint.timer_passed", (*place, "at"), names, witness=shown)


def check_timer_triggers(proof: Proof) -> Iterator[Finding]:
    """From each state of a timer a row of the system answers to its trigger."""
    for number, timer in enumerate(proof.definition.timers):
        if not isinstance(timer.action, Fire):
            continue
        for state in timer.states:
            rows = [row for row in proof.graph.outgoing[state] if row.trigger == timer.action.trigger]
            if not any(_answers(row, state) for row in rows):
                names = {"id": timer.id, "trigger": timer.action.trigger, "state": state}
                shown = Witness(proof.trace_to_state(state), state, transitions=tuple(row.id for row in rows))
                path: Path = ("timers", number, "do", "fire", "trigger")
                yield Finding("lint.timer_unanswered", path, names, witness=shown)


def _answers(row: Transition, state: str) -> bool:
    """The system may fire it, asked for nothing; it leads to another state and to no other school."""
    asks = row.require or row.warn is not None
    moves = FACT_CHANGING_EFFECTS.intersection(effect.name for effect in row.effects)
    return row.authority.role == "system" and row.to_state != state and not asks and not moves


def _passed(definition: Definition, timer: Timer, when: OnDate) -> bool:
    """Whether the last firing lies before the first day on which *Mulai* is possible, whatever a period sets."""
    if timer.repeat or when.days >= 0:
        return False
    params = {param.name: param for param in definition.params}
    return any(is_never_before(params, opens, when.param) for opens in _openings(definition.start))


def _openings(guard: Guard | None) -> Iterator[str]:
    """The dates before which a guard never holds."""
    if isinstance(guard, AllOf):
        for part in guard.parts:
            yield from _openings(part)
    elif isinstance(guard, Call) and guard.name == "window_open":
        opens = dict(guard.args).get("opens")
        if isinstance(opens, ParamRef):
            yield opens.name
