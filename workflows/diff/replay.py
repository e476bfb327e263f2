"""Replay of recorded commands against a draft: the state that each command would lead to.

An event records the facts that its guards read, not every fact of the moment. So the draft decides each command twice:
once as if every condition on an unrecorded fact held, once as if none did. If both decisions fire the same rows, no
unrecorded fact matters. Otherwise the result is unknown. A row that was refused then and that the draft keeps
unchanged is refused again, whatever it reads: so a history that is replayed against its own definition stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from workflows.engine.authority import AUTHORITIES, FACT_CHANGING_EFFECTS
from workflows.engine.decide import decide
from workflows.engine.guards import evaluate_guard
from workflows.engine.machine import Workflow
from workflows.engine.predicates import PREDICATES
from workflows.lint.check import build_workflow
from workflows.model.decision import Decision
from workflows.model.definition import (
    AllOf,
    AnyOf,
    Call,
    Guard,
    Not,
    ParamRef,
    Transition,
    conjuncts,
    entry_trigger,
    iterate_calls,
)
from workflows.model.facts import (
    FACT_TYPES,
    Actor,
    CommandInput,
    Facts,
    Head,
    HeadKind,
    ParamValue,
    Pass,
    Refusal,
    Snapshot,
)

ALWAYS_KNOWN = frozenset({"now", "today"})
HOLDS, FAILS = (Call("param_on", (("value", value),)) for value in (True, False))
_READERS = {name: TypeAdapter(kind) for name, kind in FACT_TYPES.items()}


class Outcome(StrEnum):
    """How the state after a command by the draft compares with the recorded one."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RecordedCommand:
    """A command as its events record it: the rows of `workflow` that fired, and the facts that they read.

    `transitions` begins with the row of the command, and the automatic rows follow. `params` are the period's values
    at that instant.
    """

    workflow: Workflow
    from_state: str
    transitions: tuple[Transition, ...]
    actor: Actor
    command_input: CommandInput
    owner: str
    npsn: str
    at: datetime
    zone: tzinfo
    params: Mapping[str, ParamValue]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The outcome of one command.

    `state` is the next state by the draft, or a possible one if the outcome is unknown; None if the draft refuses.
    `unknown_facts` names the unrecorded facts on which the outcome depends.
    """

    outcome: Outcome
    state: str | None
    refusals: tuple[Refusal, ...] = ()
    unknown_facts: tuple[str, ...] = ()


@dataclass(slots=True)
class Replay:
    """Replays commands against one draft. `states` maps states of earlier versions to states of the draft.

    Keeps the drafts that it derives. There are few: one pair for each way that rows fired and facts were recorded.
    """

    draft: Workflow
    states: Mapping[str, str]
    _pairs: dict[object, tuple[Workflow, Workflow]] = field(default_factory=dict)

    def run(self, command: RecordedCommand) -> ReplayResult:
        """Compare the recorded next state with that of the draft."""
        favourable, unfavourable = self._derive(command)
        best = self._decide(favourable, command, Head(HeadKind.DEFINITIF, command.actor.ptk_id))
        worst = self._decide(unfavourable, command, Head(HeadKind.KOSONG))
        state = best.state if best.steps else None
        if _row_ids(best) != _row_ids(worst):
            return ReplayResult(Outcome.UNKNOWN, state, (), self._find_unknown_facts(command, best, worst))
        same = state == self._map(command.transitions[-1].to_state)
        return ReplayResult(
            Outcome.SAME if same else Outcome.DIFFERENT, state, (*best.refusals, *best.warnings)
        )

    def _map(self, state: str) -> str:
        return self.states.get(state, state)

    def _decide(self, draft: Workflow, command: RecordedCommand, head: Head) -> Decision:
        """Let the engine decide. `head` counts for who may fire a row, and only if no head was recorded."""
        first, state = command.transitions[0], self._map(command.from_state)
        trigger = entry_trigger(state) if first.is_automatic else first.trigger
        plan = Snapshot(state, command.owner, command.npsn)
        return decide(draft, plan, trigger, command.actor, self._facts(command, head), command.command_input)

    def _facts(self, command: RecordedCommand, head: Head) -> Facts:
        defaults = {param.name: param.default for param in self.draft.definition.params}
        values = {name: command.params.get(name, value) for name, value in defaults.items()}
        recorded = {"head": head, "facts_as_of": None, "sekolah_induk": None, **command.facts}
        params = {name: value for name, value in values.items() if value is not None}
        return Facts(now=command.at, zone=command.zone, params=params, params_revision=0, **recorded)

    def _derive(self, command: RecordedCommand) -> tuple[Workflow, Workflow]:
        """Return the draft without rows that are known to refuse, favourable and unfavourable."""
        ids = tuple(row.id for row in command.transitions)
        key = (command.workflow.sha256, command.from_state, ids, frozenset(command.facts))
        if key not in self._pairs:
            rows, definition = tuple(self._keep_rows(command)), self.draft.definition
            favourable, unfavourable = (
                build_workflow(
                    replace(definition, transitions=tuple(_assume(row, command, holds) for row in rows))
                )
                for holds in (True, False)
            )
            self._pairs[key] = favourable, unfavourable
        return self._pairs[key]

    def _keep_rows(self, command: RecordedCommand) -> Iterator[Transition]:
        refused = {
            (self._map(state), row.is_automatic or row.trigger, _meaning(command.workflow, row))
            for state, row in _refused_rows(command)
        }
        for row in self.draft.definition.transitions:
            asked = row.is_automatic or row.trigger, _meaning(self.draft, row)
            states = tuple(state for state in row.from_states if (state, *asked) not in refused)
            if states:
                yield replace(row, from_states=states)

    def _find_unknown_facts(
        self, command: RecordedCommand, best: Decision, worst: Decision
    ) -> tuple[str, ...]:
        """Name the unrecorded facts of the first row that fires only in the favourable case."""
        fired = _row_ids(worst)
        step = next(
            step for place, step in enumerate(best.steps) if fired[place : place + 1] != (step.transition,)
        )
        row = next(row for row in self.draft.definition.transitions if row.id == step.transition)
        facts = self._facts(command, Head(HeadKind.KOSONG))
        plan = Snapshot(step.from_state, command.owner, command.npsn)
        names = set(AUTHORITIES[row.authority].reads)
        for part in (*conjuncts(row.when), *conjuncts(row.warn)):
            if not isinstance(
                evaluate_guard(_assume_guard(part, command.facts.keys(), False), facts, plan), Pass
            ):
                names.update(
                    name for _, call in iterate_calls(part, ()) for name in PREDICATES[call.name].reads
                )
        return tuple(sorted(names - ALWAYS_KNOWN - command.facts.keys()))


def read_facts(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Read the facts in the evidence of an event from JSON. Leaves out parameters and unknown names."""
    return {
        name: _READERS[name].validate_python(value) for name, value in evidence.items() if name in _READERS
    }


def _row_ids(decision: Decision) -> tuple[str, ...]:
    return tuple(step.transition for step in decision.steps)


def _refused_rows(command: RecordedCommand) -> Iterator[tuple[str, Transition]]:
    """Yield each row that the engine tried then and that did not fire, with the state of the plan."""
    state, trigger = command.from_state, command.transitions[0].trigger
    for fired in (*command.transitions, None):
        for row in command.workflow.definition.transitions:
            if row.trigger == trigger and state in row.from_states:
                if fired and row.id == fired.id:
                    break
                yield state, row
        if fired is None or FACT_CHANGING_EFFECTS.intersection(effect.name for effect in fired.effects):
            return
        state, trigger = fired.to_state, entry_trigger(fired.to_state)


def _meaning(workflow: Workflow, row: Transition) -> object:
    """All on which it depends whether a row fires."""
    defaults = {param.name: param.default for param in workflow.definition.params}
    arguments = [
        value
        for guard in (row.when, row.warn)
        for _, call in iterate_calls(guard, ())
        for _, value in call.args
    ]
    used = frozenset(
        (value.name, defaults.get(value.name)) for value in arguments if isinstance(value, ParamRef)
    )
    return row.authority, row.when, row.warn, row.require, used


def _assume(row: Transition, command: RecordedCommand, holds: bool) -> Transition:
    recorded = command.facts.keys()
    when, warn = (guard and _assume_guard(guard, recorded, holds) for guard in (row.when, row.warn))
    return replace(row, when=when, warn=warn)


def _assume_guard(guard: Guard, recorded: Any, holds: bool) -> Guard:
    """Replace each condition on an unrecorded fact so that it helps the guard to hold, or to fail."""
    if isinstance(guard, Call):
        known = ALWAYS_KNOWN.union(recorded).issuperset(PREDICATES[guard.name].reads)
        return guard if known else HOLDS if holds else FAILS
    if isinstance(guard, Not):
        return Not(_assume_guard(guard.part, recorded, not holds))
    parts = tuple(_assume_guard(part, recorded, holds) for part in guard.parts)
    return AllOf(parts) if isinstance(guard, AllOf) else AnyOf(parts)
