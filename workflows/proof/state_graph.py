"""The graph of every situation that a plan can reach, with a path to each that the real engine can walk.

A situation is a state at rest together with the teacher's own facts that are fixed there: outside of the draft phase
the teacher cannot change them. A step is one command with the automatic transitions that follow under the same facts.

A late situation is one after the last date of the period: no window opens again. It also fixes whether the plan is in
revision. Drafts are late only if they come back to draft, because before that their owner had time to submit them.
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
from workflows.proof.domains import PAST
from workflows.proof.solver import Assignment, Solver, dependencies

REVISION = "revision_due"
NO_REVISION, IN_REVISION = (REVISION, 0), (REVISION, 1)  # of the values None and a day that is not over


@dataclass(frozen=True, slots=True)
class Situation:
    """A state in which a plan rests, with the index of the value of each fixed fact."""

    state: str
    frozen_values: tuple[tuple[str, int], ...] = ()

    @property
    def is_late(self) -> bool:
        """Whether every date of the period has passed."""
        return REVISION in dict(self.frozen_values)


@dataclass(frozen=True, slots=True)
class GraphStep:
    """A command and the automatic transitions after it, under some facts. The plan rests after the last one."""

    source: Situation
    transitions: tuple[Transition, ...]
    assignment: Assignment

    @property
    def states(self) -> tuple[str, ...]:
        """The states that the plan goes through."""
        return tuple(transition.to_state for transition in self.transitions)


class StateGraph:
    """The situations of a definition.

    `arrivals` has, for each situation that can be reached, a step that leads to it, and `late_arrivals` for each late
    one. `state_arrivals` has one for each state, even if plans only pass through it. For a new plan the step is None.
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
        start = Situation(definition.initial.name)
        self.state_arrivals: dict[str, GraphStep | None] = {start.state: None}
        self.arrivals = self._explore({start: None}, {})
        self.past_dates: Assignment = {
            name: values.index(PAST)
            for name, values in solver.domains.items()
            if PAST in values and "." in name
        }
        self.late_arrivals = self._explore(self._list_late_starts(), self.past_dates)

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
        step = {**self.arrivals, **self.late_arrivals}[situation]
        while step is not None:
            steps.insert(0, step)
            step = {**self.arrivals, **self.late_arrivals}[step.source]
        return tuple(steps)

    def steps_to_state(self, state: str) -> tuple[GraphStep, ...]:
        """Return the steps from a new plan to a state, or through it; none if it cannot be reached."""
        step = self.state_arrivals.get(state)
        return (*self.steps_to(step.source), step) if step else ()

    def next_situation(
        self, source: Situation, transitions: tuple[Transition, ...], assignment: Assignment
    ) -> Situation:
        """Return the situation of a plan that comes to rest after these transitions under these facts."""
        state = transitions[-1].to_state
        names = () if state in self.draft_states else self.frozen_facts
        values = tuple((name, assignment[name]) for name in names)
        if not source.is_late:
            return Situation(state, values)
        opens = any(effect.name == "open_revision" for one in transitions for effect in one.effects)
        # While the plan waits for somebody else, its due date passes.
        keeps = source.state in self.draft_states or transitions[0].is_automatic
        is_open = opens or (keeps and IN_REVISION in source.frozen_values)
        return Situation(state, (*values, IN_REVISION if is_open else NO_REVISION))

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

    def _list_late_starts(self) -> dict[Situation, GraphStep | None]:
        """Return the late situations of plans that rest outside of the draft phase when the last date passes."""
        starts: dict[Situation, GraphStep | None] = {
            Situation(situation.state, (*situation.frozen_values, NO_REVISION)): step
            for situation, step in self.arrivals.items()
            if situation.state not in self.draft_states
        }
        if self.solver.solve(self.definition.start or ALWAYS, self.past_dates) is not None:
            starts[Situation(self.definition.initial.name, (NO_REVISION,))] = None
        return starts

    def _explore(
        self, starts: Mapping[Situation, GraphStep | None], known_values: Assignment
    ) -> dict[Situation, GraphStep | None]:
        arrivals, queue = dict(starts), deque(starts)
        while queue:
            for step in self._steps_from(queue.popleft(), known_values):
                for state in step.states:
                    self.state_arrivals.setdefault(state, step)
                situation = self.next_situation(step.source, step.transitions, step.assignment)
                if situation not in arrivals:
                    arrivals[situation] = step
                    queue.append(situation)
        return arrivals

    def _steps_from(self, source: Situation, known_values: Assignment) -> Iterator[GraphStep]:
        known_values = {**known_values, **dict(source.frozen_values)}
        for transition in self.outgoing[source.state]:
            for guard, transitions in self._follow(transition, source.state, ALWAYS, ()):
                for assignment in self.solver.solve_each(guard, self.frozen_facts, known_values):
                    yield GraphStep(source, transitions, assignment)

    def _follow(
        self, transition: Transition, state: str, guard: Guard, before: tuple[Transition, ...]
    ) -> Iterator[tuple[Guard, tuple[Transition, ...]]]:
        """Yield a transition with the automatic ones after it, as far as the plan rests, each with its guard."""
        guard, target = all_of(guard, self.firing_guard(transition, state)), transition.to_state
        is_loop = target in [one.to_state for one in before]
        transitions = (*before, transition)
        if changes_facts(transition.effects):
            yield guard, transitions  # it rests until it is decided again with its new facts
            return
        yield all_of(guard, self.resting_guard(target)), transitions
        if not is_loop and self.solver.solve(guard) is not None:
            for follower in self.outgoing[target]:
                if follower.is_automatic:
                    yield from self._follow(follower, target, guard, transitions)
