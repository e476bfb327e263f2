"""Replay of recorded commands against a draft: the state that each command would lead to.

An event records the facts that its guards read, not every fact of the instant. So the draft decides each command
twice: once as if every condition on an unrecorded fact held, once as if none did. If both decisions fire the same
transitions, no unrecorded fact matters. Otherwise the outcome is unknown.

A transition that was refused and that the draft keeps unchanged is refused again, even if it reads unrecorded facts.
Thus a replay against the same definition changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from workflows.engine.authority import AUTHORITIES
from workflows.engine.decide import decide
from workflows.engine.effects import changes_facts
from workflows.engine.guards import evaluate_guard
from workflows.engine.machine import Workflow
from workflows.engine.predicates import CLOCK_FACTS, PREDICATES
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

HOLDS, FAILS = (Call("param_on", (("value", value),)) for value in (True, False))
_READERS = {name: TypeAdapter(kind) for name, kind in FACT_TYPES.items()}


class Outcome(StrEnum):
    """How the state after a command by the draft compares with the recorded one."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RecordedCommand:
    """A command as its events record it: the transitions of `workflow` that fired, and the facts that they read.

    The first of `transitions` was fired by the command, the others are automatic. `params` are the period's values at
    that instant.
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

    Caches the pairs of drafts that it derives: one for each combination of fired transitions and recorded facts.
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
        if _transition_ids(best) != _transition_ids(worst):
            return ReplayResult(Outcome.UNKNOWN, state, (), self._find_unknown_facts(command, best, worst))
        same = state == self._map(command.transitions[-1].to_state)
        return ReplayResult(
            Outcome.SAME if same else Outcome.DIFFERENT, state, (*best.refusals, *best.warnings)
        )

    def _map(self, state: str) -> str:
        return self.states.get(state, state)

    def _decide(self, draft: Workflow, command: RecordedCommand, head: Head) -> Decision:
        """Let the engine decide. If no head was recorded, `head` determines the actor's authority."""
        first, state = command.transitions[0], self._map(command.from_state)
        trigger = entry_trigger(state) if first.is_automatic else first.trigger
        plan = Snapshot(state, command.owner, command.npsn)
        return decide(draft, plan, trigger, command.actor, self._facts(command, head), command.command_input)

    def _facts(self, command: RecordedCommand, head: Head) -> Facts:
        defaults = {param.name: param.default for param in self.draft.definition.params}
        values = {name: command.params.get(name, value) for name, value in defaults.items()}
        facts = {"head": head, "facts_as_of": None, "sekolah_induk": None, **command.facts}
        params = {name: value for name, value in values.items() if value is not None}
        return Facts(now=command.at, zone=command.zone, params=params, params_revision=0, **facts)

    def _derive(self, command: RecordedCommand) -> tuple[Workflow, Workflow]:
        """Return the draft without transitions that are known to be refused, favourable and unfavourable."""
        ids = tuple(transition.id for transition in command.transitions)
        key = (command.workflow.sha256, command.from_state, ids, frozenset(command.facts))
        if key not in self._pairs:
            transitions = tuple(self._select_transitions(command))
            favourable, unfavourable = (
                replace(
                    self.draft.definition,
                    transitions=tuple(_assume(transition, command, holds) for transition in transitions),
                )
                for holds in (True, False)
            )
            self._pairs[key] = build_workflow(favourable), build_workflow(unfavourable)
        return self._pairs[key]

    def _select_transitions(self, command: RecordedCommand) -> Iterator[Transition]:
        """Yield the transitions of the draft, without the states from which they are known to be refused."""
        refused_keys = {
            (self._map(state), *_describe(command.workflow, transition))
            for state, transition in _refused_transitions(command)
        }
        for transition in self.draft.definition.transitions:
            description = _describe(self.draft, transition)
            states = tuple(
                state for state in transition.from_states if (state, *description) not in refused_keys
            )
            if states:
                yield replace(transition, from_states=states)

    def _find_unknown_facts(
        self, command: RecordedCommand, best: Decision, worst: Decision
    ) -> tuple[str, ...]:
        """Return the unrecorded facts of the first transition that fires only in the favourable case."""
        worst_ids = _transition_ids(worst)
        step = next(
            step
            for number, step in enumerate(best.steps)
            if worst_ids[number : number + 1] != (step.transition,)
        )
        transition = next(
            candidate for candidate in self.draft.definition.transitions if candidate.id == step.transition
        )
        facts = self._facts(command, Head(HeadKind.KOSONG))
        plan = Snapshot(step.from_state, command.owner, command.npsn)
        names = set(AUTHORITIES[transition.authority].reads)
        for _, part in (*conjuncts(transition.when), *conjuncts(transition.warn)):
            verdict = evaluate_guard(_assume_guard(part, command.facts.keys(), False), facts, plan)
            if not isinstance(verdict, Pass):
                names.update(*(PREDICATES[call.name].reads for _, call in iterate_calls(part)))
        return tuple(sorted(names - CLOCK_FACTS - command.facts.keys()))


def read_facts(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts in the evidence of an event, without parameters and unknown names."""
    return {
        name: _READERS[name].validate_python(value) for name, value in evidence.items() if name in _READERS
    }


def _transition_ids(decision: Decision) -> tuple[str, ...]:
    return tuple(step.transition for step in decision.steps)


def _refused_transitions(command: RecordedCommand) -> Iterator[tuple[str, Transition]]:
    """Yield each transition that the engine tried and that did not fire, with the state of the plan."""
    state, trigger = command.from_state, command.transitions[0].trigger
    for fired_transition in (*command.transitions, None):
        for transition in command.workflow.definition.transitions:
            if transition.trigger == trigger and state in transition.from_states:
                if fired_transition and transition.id == fired_transition.id:
                    break
                yield state, transition
        if fired_transition is None or changes_facts(fired_transition.effects):
            return
        state = fired_transition.to_state
        trigger = entry_trigger(state)


def _describe(workflow: Workflow, transition: Transition) -> tuple[object, ...]:
    """Return everything that determines whether a transition fires from a given state under given facts."""
    defaults = {param.name: param.default for param in workflow.definition.params}
    guards = transition.when, transition.warn
    arguments = [value for guard in guards for _, call in iterate_calls(guard) for _, value in call.args]
    params = frozenset((arg.name, defaults.get(arg.name)) for arg in arguments if isinstance(arg, ParamRef))
    trigger = (
        transition.is_automatic or transition.trigger
    )  # that of an automatic one contains the state's name
    return trigger, transition.authority, *guards, transition.require, params


def _assume(transition: Transition, command: RecordedCommand, holds: bool) -> Transition:
    fact_names = command.facts.keys()
    guards = transition.when, transition.warn
    when, warn = (guard and _assume_guard(guard, fact_names, holds) for guard in guards)
    return replace(transition, when=when, warn=warn)


def _assume_guard(guard: Guard, fact_names: Collection[str], holds: bool) -> Guard:
    """Replace each condition on an unrecorded fact so that it helps the guard to hold, or to fail."""
    if isinstance(guard, Call):
        is_recorded = CLOCK_FACTS.union(fact_names).issuperset(PREDICATES[guard.name].reads)
        return guard if is_recorded else HOLDS if holds else FAILS
    if isinstance(guard, Not):
        return Not(_assume_guard(guard.part, fact_names, not holds))
    parts = tuple(_assume_guard(part, fact_names, holds) for part in guard.parts)
    return AllOf(parts) if isinstance(guard, AllOf) else AnyOf(parts)
