"""Which situations reach a final state, for each combination of circumstances that may last.

The proof assumes what happens without a decision: identity answers, its data are right, days pass, and the teacher
fills in a draft. Facts that no one is obliged to change are tried with every value: the kind of head, every switch, and
a confirmation while no Plt can give it. A correction period counts as expired.

After the last date of the period no window opens any more. Then a plan that waits for somebody must get on too, and so
must one that comes back to draft: its owner has no time left but a revision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from workflows.engine.predicates import PREDICATES, ResolvedBy
from workflows.model.definition import Guard, Phase, Transition, all_of, iterate_calls
from workflows.model.facts import HeadKind
from workflows.proof.domains import HEAD_VALUES, OWNER
from workflows.proof.solver import Assignment, dependencies
from workflows.proof.state_graph import Situation, StateGraph

Node = TypeVar("Node")

# Indices of the heads who may decide on the plan.
DECIDING_HEADS = tuple(index for index, head in enumerate(HEAD_VALUES) if head.ptk_id not in (None, OWNER))


def find_reaching(goals: Collection[Node], edges: Collection[tuple[Node, Node]]) -> set[Node]:
    """Return the goals, and every node from which edges (source, target) lead to one of them."""
    reaching = set(goals)
    while more := {source for source, target in edges if target in reaching} - reaching:
        reaching |= more
    return reaching


@dataclass(frozen=True, slots=True)
class Edge:
    """A normal transition that can fire in a situation, and the next situation."""

    transition: Transition
    source: Situation
    target: Situation


class Progress:
    """The circumstances of a definition, and the situations that reach a final state under each."""

    def __init__(self, graph: StateGraph) -> None:
        self.graph = graph
        self._edge_guards: dict[tuple[str, str], tuple[Guard, frozenset[str]]] = {}
        self._targets: dict[tuple[Situation, str, frozenset[tuple[str, int]]], tuple[Situation, ...]] = {}
        self.lasting_facts, self.expected_values = self._classify_facts()
        self.final_states = {
            state.name
            for state in graph.definition.states
            if state.final and state.phase is Phase.IN_IMPLEMENTATION
        }

    def circumstances(self) -> Iterator[Assignment]:
        """Yield each combination of values of the lasting facts, by the kind of head first."""
        domains = self.graph.solver.domains
        for index, head in enumerate(HEAD_VALUES):
            has_plt = head.kind is HeadKind.PLT and index in DECIDING_HEADS
            choices = [
                # A Plt confirms in time.
                (1,) if has_plt and name == "plt_confirmed" else range(len(domains[name]))
                for name in self.lasting_facts
            ]
            for indices in product(*choices):
                yield {"head": index, **dict(zip(self.lasting_facts, indices, strict=True))}

    def known_values(self, situation: Situation, circumstance: Assignment) -> Assignment:
        """Return the facts that are certain in a situation: lasting, expected, fixed or filled in by the teacher."""
        is_draft = situation.state in self.graph.draft_states
        filled_in = {"profile_confirmed": 0, "withdrawn_choices": 0} if is_draft else {}
        return {**self.expected_values, **filled_in, **circumstance, **dict(situation.frozen_values)}

    def edges_from(self, situation: Situation, circumstance: Assignment) -> Iterator[Edge]:
        """Yield the normal transitions out of a situation to another state."""
        graph, state = self.graph, situation.state
        partial = self.known_values(situation, circumstance)
        variables = graph.frozen_facts if state in graph.draft_states else ()
        for transition in graph.outgoing[state]:
            if transition.exceptional or transition.to_state == state:
                continue
            graph.solver.spend(5)
            guard, names = self._edge_guard(transition, state)
            # Most circumstances differ in what this guard does not read.
            known = {name: index for name, index in partial.items() if name in names}
            key = situation, transition.id, frozenset(known.items())
            if key not in self._targets:
                self._targets[key] = tuple(
                    graph.next_situation(situation, (transition,), assignment)
                    for assignment in graph.solver.solve_each(guard, variables, known)
                )
            yield from (Edge(transition, situation, target) for target in self._targets[key])

    def _edge_guard(self, transition: Transition, state: str) -> tuple[Guard, frozenset[str]]:
        """Return when a transition leaves a plan's state, and the names of what decides that and of fixed facts."""
        key = transition.id, state
        if key not in self._edge_guards:
            resting = None if transition.is_automatic else self.graph.resting_guard(state)
            guard = all_of(self.graph.firing_guard(transition, state), resting)
            names = {name for _, call in iterate_calls(guard) for name in dependencies(call)}
            self._edge_guards[key] = guard, frozenset(names | {*self.graph.frozen_facts})
        return self._edge_guards[key]

    def explore(
        self, circumstance: Assignment, arrivals: Collection[Situation]
    ) -> tuple[set[Situation], list[Edge]]:
        """Return the situations that reach a final state under a circumstance, and all edges."""
        queue, edges, situations = list(arrivals), list[Edge](), set(arrivals)
        while queue:
            outgoing = list(self.edges_from(queue.pop(), circumstance))
            edges += outgoing
            # Plans may pass through a situation in which none rests under other facts.
            new = {edge.target for edge in outgoing} - situations
            situations |= new
            queue += new
        final = {situation for situation in situations if situation.state in self.final_states}
        return find_reaching(final, [(edge.source, edge.target) for edge in edges]), edges

    def _classify_facts(self) -> tuple[tuple[str, ...], Assignment]:
        """Return the facts that may last, and those with a value that comes in time."""
        lasting: set[str] = set()
        values_in_time: dict[str, int] = {}
        for transition in self.graph.definition.transitions:
            if transition.exceptional:
                continue
            for _, call in iterate_calls(transition.when):
                for name in dependencies(call):
                    is_param = name.startswith("params.")
                    match PREDICATES[call.name].resolved_by:
                        case ResolvedBy.SYSTEM | ResolvedBy.OPERATOR | ResolvedBy.REVISION:
                            if not is_param:
                                values_in_time[name] = 0
                        case ResolvedBy.CIRCUMSTANCE | ResolvedBy.PLT:
                            lasting.add(name)
                        case ResolvedBy.OWNER if is_param:
                            # A period may raise a number after the plan can no longer be changed.
                            if set(transition.from_states) - self.graph.draft_states:
                                lasting.add(name)
        return tuple(sorted(lasting - {"head"})), values_in_time
