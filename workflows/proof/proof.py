"""One proof of one definition: what its checks share, and how they put what they found into a witness."""

from __future__ import annotations

from workflows.engine.machine import Attempt, evaluate_transition
from workflows.model.definition import Definition, Guard, Transition
from workflows.model.facts import Actor, CommandInput, Refusal, Snapshot
from workflows.model.findings import Example, TransitionCheck, Witness, WitnessStep
from workflows.model.messages import load_messages
from workflows.proof.domains import ACTORS, NPSN, OWNER, build_example
from workflows.proof.progress import Progress
from workflows.proof.solver import Assignment, Solver
from workflows.proof.state_graph import GraphStep, Situation, StateGraph

# A command that brings whatever can be asked for.
FULL_INPUT = CommandInput(
    reason="Contoh",
    acknowledged_codes=frozenset(load_messages()) | {"example.incomplete", "example.no_access"},
)


class Proof:
    """The ways of a definition, and what can be shown of them. Raises `TooIntricate`."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.solver = Solver(definition)
        self.graph = StateGraph(definition, self.solver)
        self.progress = Progress(self.graph)

    def example(self, known: Assignment) -> Example:
        """An assignment as facts in full."""
        return build_example(self.definition, self.solver.domains, known)

    def find_example(self, guard: Guard, known: Assignment | None = None) -> Example | None:
        """Facts that satisfy a guard, or None."""
        found = self.solver.solve(guard, known)
        return None if found is None else self.example(found)

    def find_witness(self, row: Transition, state: str, guard: Guard) -> Witness | None:
        """A plan in `state` whose facts satisfy the guard, with the way there where there is one."""
        for situation in self.graph.arrivals:
            if situation.state == state and (
                shown := self.find_example(guard, dict(situation.frozen_values))
            ):
                return Witness(self.trace_to(situation), state, ACTORS[row.authority], shown, (row.id,))
        shown = self.find_example(guard)
        return Witness((), state, ACTORS[row.authority], shown, (row.id,)) if shown else None

    def trace_to(self, situation: Situation) -> tuple[WitnessStep, ...]:
        """The commands that lead a new plan to a situation."""
        return self._moves(self.graph.steps_to(situation))

    def trace_to_state(self, state: str) -> tuple[WitnessStep, ...]:
        """The commands that lead a new plan to a state, or through it."""
        return self._moves(self.graph.steps_to_state(state))

    def stuck_witness(self, situation: Situation, known: Assignment) -> Witness:
        """A plan that does not get on, and what each normal row lacks."""
        shown, state = self.example(known), situation.state
        rows = [row for row in self.graph.outgoing[state] if not row.exceptional]
        lacks = (TransitionCheck(row.id, _refusals(row, state, ACTORS[row.authority], shown)) for row in rows)
        way = self.trace_to(situation)
        return Witness(way, state, None, shown, tuple(row.id for row in rows), tuple(lacks))

    def _moves(self, legs: tuple[GraphStep, ...]) -> tuple[WitnessStep, ...]:
        return tuple(self._move(leg.transition, leg) for leg in legs)

    def _move(self, row: Transition, leg: GraphStep) -> WitnessStep:
        shown = self.example(leg.assignment)
        return WitnessStep(
            leg.source.state, row.trigger, row.id, ACTORS[row.authority], shown, leg.states[-1]
        )


def _refusals(row: Transition, state: str, actor: Actor, shown: Example) -> tuple[Refusal, ...]:
    return evaluate_transition(
        row, Snapshot(state, OWNER, NPSN), Attempt(actor, shown.facts, FULL_INPUT)
    ).refusals
