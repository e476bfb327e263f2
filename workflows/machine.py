"""One `transitions.Machine` per definition, built once, never changed; it alone moves plans."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial

from transitions import EventData, Machine, MachineError

from workflows.canonical import sha256
from workflows.decision import Step
from workflows.definition import Definition, Transition
from workflows.effects import Effect
from workflows.facts import Snapshot
from workflows.guards import as_json, resolve
from workflows.rows import Attempt, Tried, try_row


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
    return Workflow(definition, sha256(definition), machine)


def fire(
    workflow: Workflow, plan: Snapshot, trigger: str, attempt: Attempt
) -> tuple[Step | None, list[Tried]]:
    """Fire a trigger: `plan` moves and the step is given, or it stays; the trace holds what each row said."""
    trace: list[Tried] = []
    event = workflow.machine.events.get(trigger)
    before = plan.state
    try:
        moved = event is not None and event.trigger(plan, plan=plan, attempt=attempt, trace=trace)
    except MachineError:  # the library's way to say that no row leads away from this state
        moved = False
    return (_step(trace[-1], before, plan.state, attempt) if moved else None), trace


def _admits(row: Transition, event: EventData) -> bool:
    plan: Snapshot = event.kwargs["plan"]
    tried = try_row(row, plan, event.kwargs["attempt"])
    event.kwargs["trace"].append(tried)
    return tried.admits


def _step(tried: Tried, before: str, after: str, attempt: Attempt) -> Step:
    row, params = tried.row, attempt.facts.params
    return Step(
        transition=row.id,
        trigger=row.trigger,
        from_state=before,
        to_state=after,
        by=attempt.actor,
        effects=tuple(Effect(effect.name, resolve(effect, params)) for effect in row.effects),
        evidence={name: as_json(value) for name, value in tried.evidence.items()},
        acknowledged=tried.acknowledged,
        reason=attempt.given.reason if "reason" in row.require else None,
        exceptional=row.exceptional,
    )
