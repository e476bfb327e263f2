"""The graph of every situation that a plan can reach, with a path to each that the real engine can walk.

A situation is a state at rest together with the teacher's own facts that are fixed there: outside of the draft phase
the teacher cannot change them. A step is one command with the automatic transitions that follow under the same facts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.engine.authority import AUTHORITIES
from workflows.engine.effects import changes_facts
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
    """A state in which a plan rests, with the index of the value of each fixed fact."""

    state: str
    frozen_values: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class GraphStep:
    """A transition under some facts, from a situation through `states`, in the last of which the plan rests."""

    source: Situation
    transition: Transition
    assignment: Assignment
    states: tuple[str, ...]


class StateGraph:
    """The situations of a definition.

    `arrivals` has, for each situation that can be reached, a step that leads to it. `state_arrivals` has one for each
    state, even if plans only pass through it. For a new plan the step is None.
    """

    def __init__(self, definition: Definition, solver: Solver) -> None:
        self.definition, self.solver = definition, solver
        self.outgoing: Mapping[str, list[Transition]] = {
            state.name: [
                transition for transition in definition.transitions if state.name in transition.from_states
            ]
            for state in definition.states
        }
        self.draft_states = {state.name for state in definition.states if state.phase is Phase.DRAFT}
        self.frozen_facts = self._find_frozen_facts()
        self.arrivals: dict[Situation, GraphStep | None] = {}
        self.state_arrivals: dict[str, GraphStep | None] = {}
        self._explore()

    def firing_guard(self, transition: Transition, state: str) -> Guard:
        """Return when a transition fires: its guard holds, and that of no transition before it."""
        before = []
        for other in self.outgoing[state]:
            if other is transition:
                break
            if (other.trigger, other.authority) == (transition.trigger, transition.authority):
                before.append(Not(other.when or ALWAYS))
        return all_of(AUTHORITIES[transition.authority].guard, transition.when, *before)

    def resting_guard(self, state: str) -> Guard:
        """Return when a plan rests in a state: no automatic transition fires."""
        automatic = (transition for transition in self.outgoing[state] if transition.is_automatic)
        return all_of(*(Not(transition.when or ALWAYS) for transition in automatic))

    def steps_to(self, situation: Situation) -> tuple[GraphStep, ...]:
        """Return the steps from a new plan to a situation that can be reached."""
        steps: list[GraphStep] = []
        step = self.arrivals[situation]
        while step is not None:
            steps.insert(0, step)
            step = self.arrivals[step.source]
        return tuple(steps)

    def steps_to_state(self, state: str) -> tuple[GraphStep, ...]:
        """Return the steps from a new plan to a state, or through it; none if it cannot be reached."""
        step = self.state_arrivals.get(state)
        return (*self.steps_to(step.source), step) if step else ()

    def next_situation(self, assignment: Assignment, state: str) -> Situation:
        """Return the situation of a plan that comes to rest in `state` under these facts."""
        if state in self.draft_states:
            return Situation(state)
        return Situation(state, tuple((name, assignment[name]) for name in self.frozen_facts))

    def _find_frozen_facts(self) -> tuple[str, ...]:
        """Return the teacher's own facts that guards outside of the draft phase depend on."""
        guards = (
            transition.when
            for transition in self.definition.transitions
            if set(transition.from_states) - self.draft_states
        )
        return tuple(
            sorted(
                {
                    name
                    for guard in guards
                    for _, call in iterate_calls(guard)
                    if PREDICATES[call.name].resolved_by is ResolvedBy.OWNER
                    for name in dependencies(call)
                    if not name.startswith("params.")
                }
            )
        )

    def _explore(self) -> None:
        start = Situation(self.definition.initial.name)
        self.arrivals[start], self.state_arrivals[start.state] = None, None
        queue = deque([start])
        while queue:
            for step in self._steps_from(queue.popleft()):
                for state in step.states:
                    self.state_arrivals.setdefault(state, step)
                situation = self.next_situation(step.assignment, step.states[-1])
                if situation not in self.arrivals:
                    self.arrivals[situation] = step
                    queue.append(situation)

    def _steps_from(self, source: Situation) -> Iterator[GraphStep]:
        known_values = dict(source.frozen_values)
        for transition in self.outgoing[source.state]:
            for guard, states in self._follow(transition, source.state, ALWAYS, ()):
                for assignment in self.solver.solve_each(guard, self.frozen_facts, known_values):
                    yield GraphStep(source, transition, assignment, states)

    def _follow(
        self, transition: Transition, state: str, guard: Guard, states: tuple[str, ...]
    ) -> Iterator[tuple[Guard, tuple[str, ...]]]:
        """Yield the states that a transition and the automatic ones after it lead to, each with its guard."""
        guard, target = all_of(guard, self.firing_guard(transition, state)), transition.to_state
        is_loop = target in states
        states = (*states, target)
        if changes_facts(transition.effects):
            yield guard, states  # it rests until it is decided again with its new facts
            return
        yield all_of(guard, self.resting_guard(target)), states
        if not is_loop and self.solver.solve(guard) is not None:
            for follower in self.outgoing[target]:
                if follower.is_automatic:
                    yield from self._follow(follower, target, guard, states)
