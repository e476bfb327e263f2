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
from workflows.proof.domains import HEADS, OWNER
from workflows.proof.solver import Assignment, hinges_of
from workflows.proof.state_graph import Paths, Situation

LED = tuple(place for place, head in enumerate(HEADS) if head.ptk_id not in (None, OWNER))


@dataclass(frozen=True, slots=True)
class Edge:
    """A normal row that can be used in a situation, and where the plan then stands."""

    row: Transition
    source: Situation
    target: Situation


class Progress:
    """Under one definition: what may last, and which situations get on under it."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.normal = [row for row in paths.definition.transitions if not row.exceptional]
        self.lasting, self.coming = self._menders()
        self.ends = {
            state.name
            for state in paths.definition.states
            if state.final and state.phase is Phase.IN_IMPLEMENTATION
        }

    def circumstances(self) -> Iterator[Assignment]:
        """Each way that what lasts may stand, kind of head first."""
        domains = self.paths.solver.domains
        for head in range(len(HEADS)):
            plt = HEADS[head].kind is HeadKind.PLT and head in LED
            choices = [
                # Under a Plt the confirmation comes, and then stands: what a plan waits for.
                (1,) if plt and name == "plt_confirmed" else range(len(domains[name]))
                for name in self.lasting
            ]
            for places in product(*choices):
                yield {"head": head, **dict(zip(self.lasting, places, strict=True))}

    def known(self, situation: Situation, circumstance: Assignment) -> Assignment:
        """What is settled in a situation: what lasts, what has come, and what is frozen or has been mended."""
        own = {"profile_confirmed": 0, "withdrawn_choices": 0} if situation.state in self.paths.drafts else {}
        return {**self.coming, **own, **circumstance, **dict(situation.frozen)}

    def edges(self, situation: Situation, circumstance: Assignment) -> Iterator[Edge]:
        """The normal rows that lead on from a situation to another."""
        paths, state = self.paths, situation.state
        for row in paths.leaving[state]:
            if row.exceptional or row.to_state == state:
                continue
            staying = None if row.is_automatic else paths.rests(state)
            guard = all_of(paths.admits(row, state), staying)
            over = paths.freezing if state in paths.drafts else ()
            for found in paths.solver.each(guard, over, self.known(situation, circumstance)):
                yield Edge(row, situation, paths.after(found, situation, row.to_state))

    def under(self, circumstance: Assignment) -> tuple[set[Situation], list[Edge]]:
        """The situations that reach the end under a circumstance, and every edge there is."""
        waiting, edges, seen = list(self.paths.legs), list[Edge](), set(self.paths.legs)
        while waiting:
            found = list(self.edges(waiting.pop(), circumstance))
            edges += found
            # Passed through under these facts, though nowhere rested in: it must have its onward ways too.
            further = {edge.target for edge in found} - seen
            seen |= further
            waiting += further
        reaching = {situation for situation in seen if situation.state in self.ends}
        while more := {edge.source for edge in edges if edge.target in reaching} - reaching:
            reaching |= more
        return reaching, edges

    def _menders(self) -> tuple[tuple[str, ...], Assignment]:
        lasting: set[str] = set()
        coming: dict[str, int] = {}
        for row in self.normal:
            for _, call in iterate_calls(row.when, ()):
                for name in hinges_of(call):
                    match PREDICATES[call.name].resolved_by:
                        case ResolvedBy.SYSTEM | ResolvedBy.OPERATOR | ResolvedBy.REVISION:
                            if "." not in name:
                                coming[name] = 0
                        case ResolvedBy.STANDING | ResolvedBy.PLT:
                            lasting.add(name)
                        case ResolvedBy.OWNER if name not in self.paths.freezing and "." in name:
                            # A number that a period may raise when the plan can no longer be changed.
                            if set(row.from_states) - self.paths.drafts:
                                lasting.add(name)
        return tuple(sorted(lasting - {"head"})), coming
