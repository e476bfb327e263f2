"""The proof of one definition: what the checks of the linter share, and the witnesses they show."""

from __future__ import annotations

from workflows.engine.machine import Attempt, evaluate_transition
from workflows.model.definition import Definition, Guard, Transition
from workflows.model.facts import CommandInput, Snapshot
from workflows.model.findings import Example, TransitionCheck, Witness, WitnessStep
from workflows.model.messages import load_messages
from workflows.proof.domains import ACTORS, NPSN, OWNER, build_example
from workflows.proof.progress import Progress
from workflows.proof.solver import Assignment, Solver
from workflows.proof.state_graph import GraphStep, Situation, StateGraph

# A command with every input that can be required.
FULL_INPUT = CommandInput("Contoh", frozenset(load_messages()) | {"example.incomplete", "example.no_access"})


class Proof:
    """The solver, state graph and progress of a definition. Raises ProofTooComplex."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.solver = Solver(definition)
        self.graph = StateGraph(definition, self.solver)
        self.progress = Progress(self.graph)

    def find_example(self, guard: Guard, partial: Assignment | None = None) -> Example | None:
        """Return facts that satisfy a guard, or None."""
        assignment = self.solver.solve(guard, partial)
        return None if assignment is None else self._build_example(assignment)

    def find_witness(self, transition: Transition, state: str, guard: Guard) -> Witness | None:
        """Return a plan in `state` whose facts satisfy the guard, with a trace if it can be reached."""
        actor, ids = ACTORS[transition.authority], (transition.id,)
        situations = (situation for situation in self.graph.arrivals if situation.state == state)
        for situation in situations:
            if example := self.find_example(guard, dict(situation.frozen_values)):
                return Witness(self.trace_to(situation), state, actor, example, ids)
        example = self.find_example(guard)
        return Witness((), state, actor, example, ids) if example else None

    def trace_to(self, situation: Situation) -> tuple[WitnessStep, ...]:
        """Return the commands that lead a new plan to a situation."""
        return tuple(map(self._build_step, self.graph.steps_to(situation)))

    def trace_to_state(self, state: str) -> tuple[WitnessStep, ...]:
        """Return the commands that lead a new plan to a state, or through it."""
        return tuple(map(self._build_step, self.graph.steps_to_state(state)))

    def stuck_witness(self, situation: Situation, assignment: Assignment) -> Witness:
        """Return a plan that is stuck, with the refusals of each normal transition."""
        example, plan = self._build_example(assignment), Snapshot(situation.state, OWNER, NPSN)
        normal = [
            transition for transition in self.graph.outgoing[situation.state] if not transition.exceptional
        ]
        checks = []
        for transition in normal:
            attempt = Attempt(ACTORS[transition.authority], example.facts, FULL_INPUT)
            refusals = evaluate_transition(transition, plan, attempt).refusals
            checks.append(TransitionCheck(transition.id, refusals))
        ids = tuple(transition.id for transition in normal)
        trace = self.trace_to(situation)
        return Witness(trace, situation.state, None, example, ids, tuple(checks))

    def _build_example(self, assignment: Assignment) -> Example:
        return build_example(self.definition, self.solver.domains, assignment)

    def _build_step(self, step: GraphStep) -> WitnessStep:
        return WitnessStep(
            from_state=step.source.state,
            trigger=step.transitions[0].trigger,
            transition=step.transitions[0].id,
            actor=ACTORS[step.transitions[0].authority],
            example=self._build_example(step.assignment),
            to_state=step.states[-1],
        )
