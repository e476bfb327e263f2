"""Every situation that a plan can come into, and a way there that the real engine walks.

A situation is a state at rest, with what of the teacher's own work is frozen there: outside `draft` nobody mends it
any more. A leg is one command with the automatic steps that follow it under the same facts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.engine.authority import AUTHORITIES, FACT_CHANGING_EFFECTS
from workflows.engine.predicates import PREDICATES, ResolvedBy
from workflows.model.definition import (
    ALWAYS,
    Definition,
    Guard,
    Not,
    Phase,
    Transition,
    all_of,
    iterate_calls,
)
from workflows.proof.solver import Assignment, Solver, dependencies


@dataclass(frozen=True, slots=True)
class Situation:
    """A state in which a plan rests, and the frozen part of the facts (place of each value)."""

    state: str
    frozen_values: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class GraphStep:
    """From a situation, by a row and the facts of one moment, to where the plan rests next."""

    source: Situation
    transition: Transition
    assignment: Assignment
    states: tuple[str, ...]  # states that were passed, the last one is where it rests


class StateGraph:
    """The rows of a definition as ways; `legs` leads back from each situation that can be reached."""

    def __init__(self, definition: Definition, solver: Solver) -> None:
        self.definition, self.solver = definition, solver
        self.outgoing: Mapping[str, list[Transition]] = {
            state.name: [row for row in definition.transitions if state.name in row.from_states]
            for state in definition.states
        }
        self.draft_states = {state.name for state in definition.states if state.phase is Phase.DRAFT}
        self.frozen_facts = self._freezing()
        self.arrivals: dict[Situation, GraphStep | None] = {}
        self.state_arrivals: dict[str, GraphStep | None] = {}
        self._explore()

    def firing_guard(self, row: Transition, state: str) -> Guard:
        """When a row fires for its actor: its guard holds, and of no row before it in the file."""
        same = (
            other
            for other in self.outgoing[state]
            if (other.trigger, other.authority) == (row.trigger, row.authority)
        )
        before = []
        for other in same:
            if other is row:
                break
            before.append(Not(other.when or ALWAYS))
        return all_of(AUTHORITIES[row.authority].guard, row.when, *before)

    def resting_guard(self, state: str) -> Guard:
        """When a plan stays: no automatic row leads on."""
        return all_of(*(Not(row.when or ALWAYS) for row in self.outgoing[state] if row.is_automatic))

    def steps_to(self, situation: Situation) -> tuple[GraphStep, ...]:
        """The legs from a new plan to a situation that can be reached."""
        legs: list[GraphStep] = []
        leg = self.arrivals[situation]
        while leg is not None:
            legs.insert(0, leg)
            leg = self.arrivals[leg.source]
        return tuple(legs)

    def steps_to_state(self, state: str) -> tuple[GraphStep, ...]:
        """The legs to a state, even if plans only pass through it; none where it cannot be reached."""
        leg = self.state_arrivals.get(state)
        return (*self.steps_to(leg.source), leg) if leg else ()

    def next_situation(self, known: Assignment, source: Situation, state: str) -> Situation:
        """Where a plan stands in `state` after leaving `source` under these facts."""
        if state in self.draft_states:
            return Situation(state)
        return Situation(state, tuple((name, known[name]) for name in self.frozen_facts))

    def _freezing(self) -> tuple[str, ...]:
        """The teacher's own facts that some guard outside `draft` hinges on."""
        own: set[str] = set()
        for row in self.definition.transitions:
            if set(row.from_states) - self.draft_states:
                for _, call in iterate_calls(row.when, ()):
                    if PREDICATES[call.name].resolved_by is ResolvedBy.OWNER:
                        own |= {name for name in dependencies(call) if "." not in name}
        return tuple(sorted(own))

    def _explore(self) -> None:
        start = Situation(self.definition.initial.name)
        self.arrivals[start], self.state_arrivals[start.state] = None, None
        waiting = deque([start])
        while waiting:
            for leg in self._from(waiting.popleft()):
                for state in leg.states:
                    self.state_arrivals.setdefault(state, leg)
                reached = self.next_situation(leg.assignment, leg.source, leg.states[-1])
                if reached not in self.arrivals:
                    self.arrivals[reached] = leg
                    waiting.append(reached)

    def _from(self, source: Situation) -> Iterator[GraphStep]:
        known = dict(source.frozen_values)
        for row in self.outgoing[source.state]:
            for guard, through in self._onward(row, source.state, ALWAYS, ()):
                for found in self.solver.solve_each(guard, self.frozen_facts, known):
                    yield GraphStep(source, row, found, through)

    def _onward(
        self, row: Transition, state: str, guard: Guard, through: tuple[str, ...]
    ) -> Iterator[tuple[Guard, tuple[str, ...]]]:
        """Under which facts a row leads where, by way of which automatic rows."""
        guard, here = all_of(guard, self.firing_guard(row, state)), row.to_state
        further = [row for row in self.outgoing[here] if row.is_automatic and here not in through]
        through = (*through, here)
        if FACT_CHANGING_EFFECTS.intersection(effect.name for effect in row.effects):
            further, rest = [], guard  # it waits to be decided by the facts of its new place
        else:
            rest = all_of(guard, self.resting_guard(here))
        yield rest, through
        if self.solver.solve(guard) is not None:
            for automatic in further:
                yield from self._onward(automatic, here, guard, through)
