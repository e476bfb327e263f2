"""Does a plan get on? For each circumstance that may last, the situations from which a normal way leads to the end.

What comes by itself or can be had is taken as come: the registry answers and is right, days pass, the teacher fills in
a draft. What nobody owes to the plan is taken both ways: the kind of head, every switch, and a confirmation that no
Plt is there to give. What only passes (the days of a revision) is taken as passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from workflows.engine.predicates import PREDICATES, ResolvedBy
from workflows.model.definition import Phase, Transition, all_of, iterate_calls
from workflows.model.facts import HeadKind
from workflows.proof.domains import HEAD_VALUES, OWNER
from workflows.proof.solver import Assignment, dependencies
from workflows.proof.state_graph import Situation, StateGraph

DECIDING_HEADS = tuple(place for place, head in enumerate(HEAD_VALUES) if head.ptk_id not in (None, OWNER))


@dataclass(frozen=True, slots=True)
class Edge:
    """A normal row that can be used in a situation, and where the plan then stands."""

    transition: Transition
    source: Situation
    target: Situation


class Progress:
    """Under one definition: what may last, and which situations get on under it."""

    def __init__(self, paths: StateGraph) -> None:
        self.graph = paths
        self.normal_transitions = [row for row in paths.definition.transitions if not row.exceptional]
        self.lasting_facts, self.expected_values = self._menders()
        self.final_states = {
            state.name
            for state in paths.definition.states
            if state.final and state.phase is Phase.IN_IMPLEMENTATION
        }

    def circumstances(self) -> Iterator[Assignment]:
        """Each way that what lasts may stand, kind of head first."""
        domains = self.graph.solver.domains
        for head in range(len(HEAD_VALUES)):
            plt = HEAD_VALUES[head].kind is HeadKind.PLT and head in DECIDING_HEADS
            choices = [
                # Under a Plt the confirmation comes, and then stands: what a plan waits for.
                (1,) if plt and name == "plt_confirmed" else range(len(domains[name]))
                for name in self.lasting_facts
            ]
            for places in product(*choices):
                yield {"head": head, **dict(zip(self.lasting_facts, places, strict=True))}

    def known_values(self, situation: Situation, circumstance: Assignment) -> Assignment:
        """What is settled in a situation: what lasts, what has come, and what is frozen or has been mended."""
        own = (
            {"profile_confirmed": 0, "withdrawn_choices": 0}
            if situation.state in self.graph.draft_states
            else {}
        )
        return {**self.expected_values, **own, **circumstance, **dict(situation.frozen_values)}

    def edges_from(self, situation: Situation, circumstance: Assignment) -> Iterator[Edge]:
        """The normal rows that lead on from a situation to another."""
        paths, state = self.graph, situation.state
        for row in paths.outgoing[state]:
            if row.exceptional or row.to_state == state:
                continue
            staying = None if row.is_automatic else paths.resting_guard(state)
            guard = all_of(paths.firing_guard(row, state), staying)
            over = paths.frozen_facts if state in paths.draft_states else ()
            for found in paths.solver.solve_each(guard, over, self.known_values(situation, circumstance)):
                yield Edge(row, situation, paths.next_situation(found, situation, row.to_state))

    def explore(self, circumstance: Assignment) -> tuple[set[Situation], list[Edge]]:
        """The situations that reach the end under a circumstance, and every edge there is."""
        waiting, edges, seen = list(self.graph.arrivals), list[Edge](), set(self.graph.arrivals)
        while waiting:
            found = list(self.edges_from(waiting.pop(), circumstance))
            edges += found
            # Passed through under these facts, though nowhere rested in: it must have its onward ways too.
            further = {edge.target for edge in found} - seen
            seen |= further
            waiting += further
        reaching = {situation for situation in seen if situation.state in self.final_states}
        while more := {edge.source for edge in edges if edge.target in reaching} - reaching:
            reaching |= more
        return reaching, edges

    def _menders(self) -> tuple[tuple[str, ...], Assignment]:
        lasting: set[str] = set()
        coming: dict[str, int] = {}
        for row in self.normal_transitions:
            for _, call in iterate_calls(row.when, ()):
                for name in dependencies(call):
                    match PREDICATES[call.name].resolved_by:
                        case ResolvedBy.SYSTEM | ResolvedBy.OPERATOR | ResolvedBy.REVISION:
                            if "." not in name:
                                coming[name] = 0
                        case ResolvedBy.CIRCUMSTANCE | ResolvedBy.PLT:
                            lasting.add(name)
                        case ResolvedBy.OWNER if name not in self.graph.frozen_facts and "." in name:
                            # A number that a period may raise when the plan can no longer be changed.
                            if set(row.from_states) - self.graph.draft_states:
                                lasting.add(name)
        return tuple(sorted(lasting - {"head"})), coming
