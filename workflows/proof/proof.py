"""One proof of one definition: what its checks share, and how they put what they found into a witness."""

from __future__ import annotations

from workflows.engine.machine import Attempt, evaluate_transition
from workflows.model.definition import Definition, Guard, Transition
from workflows.model.facts import Actor, CommandInput, Refusal, Snapshot
from workflows.model.findings import Example, Lack, Move, Witness
from workflows.model.messages import load_messages
from workflows.proof.domains import ACTORS, NPSN, OWNER, example
from workflows.proof.progress import Progress
from workflows.proof.solver import Assignment, Solver
from workflows.proof.state_graph import Leg, Paths, Situation

# A command that brings whatever can be asked for.
WILLING = CommandInput(
    reason="Contoh",
    acknowledged_codes=frozenset(load_messages()) | {"example.incomplete", "example.no_access"},
)


class Proof:
    """The ways of a definition, and what can be shown of them. Raises `TooIntricate`."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.solver = Solver(definition)
        self.paths = Paths(definition, self.solver)
        self.progress = Progress(self.paths)

    def example(self, known: Assignment) -> Example:
        """An assignment as facts in full."""
        return example(self.definition, self.solver.domains, known)

    def satisfying(self, guard: Guard, known: Assignment | None = None) -> Example | None:
        """Facts that satisfy a guard, or None."""
        found = self.solver.solve(guard, known)
        return None if found is None else self.example(found)

    def firing(self, row: Transition, state: str, guard: Guard) -> Witness | None:
        """A plan in `state` whose facts satisfy the guard, with the way there where there is one."""
        for situation in self.paths.legs:
            if situation.state == state and (shown := self.satisfying(guard, dict(situation.frozen))):
                return Witness(self.way(situation), state, ACTORS[row.authority], shown, (row.id,))
        shown = self.satisfying(guard)
        return Witness((), state, ACTORS[row.authority], shown, (row.id,)) if shown else None

    def way(self, situation: Situation) -> tuple[Move, ...]:
        """The commands that lead a new plan to a situation."""
        return self._moves(self.paths.way(situation))

    def way_to(self, state: str) -> tuple[Move, ...]:
        """The commands that lead a new plan to a state, or through it."""
        return self._moves(self.paths.way_to(state))

    def stuck(self, situation: Situation, known: Assignment) -> Witness:
        """A plan that does not get on, and what each normal row lacks."""
        shown, state = self.example(known), situation.state
        rows = [row for row in self.paths.leaving[state] if not row.exceptional]
        lacks = (Lack(row.id, _refusals(row, state, ACTORS[row.authority], shown)) for row in rows)
        way = self.way(situation)
        return Witness(way, state, None, shown, tuple(row.id for row in rows), tuple(lacks))

    def _moves(self, legs: tuple[Leg, ...]) -> tuple[Move, ...]:
        return tuple(self._move(leg.row, leg) for leg in legs)

    def _move(self, row: Transition, leg: Leg) -> Move:
        shown = self.example(leg.known)
        return Move(leg.source.state, row.trigger, row.id, ACTORS[row.authority], shown, leg.through[-1])


def _refusals(row: Transition, state: str, actor: Actor, shown: Example) -> tuple[Refusal, ...]:
    return evaluate_transition(
        row, Snapshot(state, OWNER, NPSN), Attempt(actor, shown.facts, WILLING)
    ).refusals
