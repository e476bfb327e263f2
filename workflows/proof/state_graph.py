"""Every situation that a plan can come into, and a way there that the real engine walks.

A situation is a state at rest, with what of the teacher's own work is frozen there: outside `draft` nobody mends it
any more. A leg is one command with the automatic steps that follow it under the same facts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.engine.authority import AUTHORITIES, CHANGING_FACTS
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
from workflows.proof.solver import Assignment, Solver, hinges_of


@dataclass(frozen=True, slots=True)
class Situation:
    """A state in which a plan rests, and the frozen part of the facts (place of each value)."""

    state: str
    frozen: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Leg:
    """From a situation, by a row and the facts of one moment, to where the plan rests next."""

    source: Situation
    row: Transition
    known: Assignment
    through: tuple[str, ...]  # states that were passed, the last one is where it rests


class Paths:
    """The rows of a definition as ways; `legs` leads back from each situation that can be reached."""

    def __init__(self, definition: Definition, solver: Solver) -> None:
        self.definition, self.solver = definition, solver
        self.leaving: Mapping[str, list[Transition]] = {
            state.name: [row for row in definition.transitions if state.name in row.from_states]
            for state in definition.states
        }
        self.drafts = {state.name for state in definition.states if state.phase is Phase.DRAFT}
        self.freezing = self._freezing()
        self.legs: dict[Situation, Leg | None] = {}
        self.passed: dict[str, Leg | None] = {}
        self._explore()

    def admits(self, row: Transition, state: str) -> Guard:
        """When a row fires for its actor: its guard holds, and of no row before it in the file."""
        same = (
            other
            for other in self.leaving[state]
            if (other.trigger, other.authority) == (row.trigger, row.authority)
        )
        before = []
        for other in same:
            if other is row:
                break
            before.append(Not(other.when or ALWAYS))
        return all_of(AUTHORITIES[row.authority].needs, row.when, *before)

    def rests(self, state: str) -> Guard:
        """When a plan stays: no automatic row leads on."""
        return all_of(*(Not(row.when or ALWAYS) for row in self.leaving[state] if row.is_automatic))

    def way(self, situation: Situation) -> tuple[Leg, ...]:
        """The legs from a new plan to a situation that can be reached."""
        legs: list[Leg] = []
        leg = self.legs[situation]
        while leg is not None:
            legs.insert(0, leg)
            leg = self.legs[leg.source]
        return tuple(legs)

    def way_to(self, state: str) -> tuple[Leg, ...]:
        """The legs to a state, even if plans only pass through it; none where it cannot be reached."""
        leg = self.passed.get(state)
        return (*self.way(leg.source), leg) if leg else ()

    def after(self, known: Assignment, source: Situation, state: str) -> Situation:
        """Where a plan stands in `state` after leaving `source` under these facts."""
        if state in self.drafts:
            return Situation(state)
        return Situation(state, tuple((name, known[name]) for name in self.freezing))

    def _freezing(self) -> tuple[str, ...]:
        """The teacher's own facts that some guard outside `draft` hinges on."""
        own: set[str] = set()
        for row in self.definition.transitions:
            if set(row.from_states) - self.drafts:
                for _, call in iterate_calls(row.when, ()):
                    if PREDICATES[call.name].resolved_by is ResolvedBy.OWNER:
                        own |= {name for name in hinges_of(call) if "." not in name}
        return tuple(sorted(own))

    def _explore(self) -> None:
        start = Situation(self.definition.initial.name)
        self.legs[start], self.passed[start.state] = None, None
        waiting = deque([start])
        while waiting:
            for leg in self._from(waiting.popleft()):
                for state in leg.through:
                    self.passed.setdefault(state, leg)
                reached = self.after(leg.known, leg.source, leg.through[-1])
                if reached not in self.legs:
                    self.legs[reached] = leg
                    waiting.append(reached)

    def _from(self, source: Situation) -> Iterator[Leg]:
        known = dict(source.frozen)
        for row in self.leaving[source.state]:
            for guard, through in self._onward(row, source.state, ALWAYS, ()):
                for found in self.solver.each(guard, self.freezing, known):
                    yield Leg(source, row, found, through)

    def _onward(
        self, row: Transition, state: str, guard: Guard, through: tuple[str, ...]
    ) -> Iterator[tuple[Guard, tuple[str, ...]]]:
        """Under which facts a row leads where, by way of which automatic rows."""
        guard, here = all_of(guard, self.admits(row, state)), row.to_state
        further = [row for row in self.leaving[here] if row.is_automatic and here not in through]
        through = (*through, here)
        if CHANGING_FACTS.intersection(effect.name for effect in row.effects):
            further, rest = [], guard  # it waits to be decided by the facts of its new place
        else:
            rest = all_of(guard, self.rests(here))
        yield rest, through
        if self.solver.solve(guard) is not None:
            for automatic in further:
                yield from self._onward(automatic, here, guard, through)
