"""A solver that finds facts that satisfy a guard, or proves that no facts do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workflows.engine.guards import resolve_arguments
from workflows.engine.predicates import PREDICATES
from workflows.model.definition import (
    AllOf,
    Call,
    Definition,
    Guard,
    Not,
    ParamRef,
    earlier_dates,
    iterate_calls,
)
from workflows.model.facts import Snapshot
from workflows.proof.domains import NPSN, OWNER, build_domains, build_facts

# The index of the value of each variable in its domain. A variable that is absent may have any value.
Assignment = Mapping[str, int]
STEP_LIMIT = 400_000  # one to two seconds: enough for six switches, or for hundreds of transitions
PLAN = Snapshot("", OWNER, NPSN)


@dataclass(slots=True)
class Atom:
    """A call in a compiled guard, with its cached values by the indices of its variables."""

    call: Call
    variables: tuple[str, ...]
    values: dict[tuple[int, ...], bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Branch:
    """A compiled `all` or `any`."""

    is_all: bool
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """A compiled `not`."""

    part: Tree


Tree = Branch | Negation | Atom


def compile_guard(guard: Guard, atoms: dict[Call, Atom]) -> Tree:
    """Compile a guard. Equal calls share one atom of `atoms`, and so its cached values."""
    if isinstance(guard, Call):
        return atoms.setdefault(guard, Atom(guard, dependencies(guard)))
    if isinstance(guard, Not):
        return Negation(compile_guard(guard.part, atoms))
    return Branch(isinstance(guard, AllOf), tuple(compile_guard(part, atoms) for part in guard.parts))


def dependencies(call: Call) -> tuple[str, ...]:
    """Return the variables that determine the value of a call: facts, and parameters (`params.name`)."""
    args = dict(call.args)
    refs = {name: f"params.{value.name}" for name, value in args.items() if isinstance(value, ParamRef)}
    names = PREDICATES[call.name].depends_on
    return tuple(refs.get(name, name) for name in names if name not in args or name in refs)


class ProofTooComplex(Exception):
    """The proof exceeded its step limit."""


class Solver:
    """Solves guards of one definition. Raises ProofTooComplex once its steps are used up."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        calls = (call for _, guard in definition.guards() for _, call in iterate_calls(guard))
        self.domains = build_domains(definition, calls)
        self._atoms: dict[Call, Atom] = {}
        self._trees: dict[Guard, Tree] = {}
        self._date_orders = _find_date_orders(definition)
        self._steps_left = STEP_LIMIT

    def spend(self, steps: int) -> None:
        """Count steps of the proof. Raises ProofTooComplex once they are used up."""
        self._steps_left -= steps
        if self._steps_left < 0:
            raise ProofTooComplex

    def solve(self, guard: Guard, partial: Assignment | None = None) -> Assignment | None:
        """Extend a partial assignment to one that satisfies the guard; None if there is none."""
        self.spend(10)
        result = self._search(self._compile(guard), dict(partial or {}))
        return result if isinstance(result, dict) else None

    def solve_each(
        self, guard: Guard, variables: tuple[str, ...], partial: Assignment
    ) -> Iterator[Assignment]:
        """Yield one satisfying assignment for each possible combination of values of `variables`."""
        if not variables:
            assignment = self.solve(guard, partial)
            if assignment is not None:
                yield assignment
            return
        name, *rest = variables
        for index in [partial[name]] if name in partial else range(len(self.domains[name])):
            if self._keeps_date_order(name, index, partial):
                yield from self.solve_each(guard, tuple(rest), {**partial, name: index})

    def _search(self, tree: Tree, partial: dict[str, int]) -> dict[str, int] | frozenset[str]:
        """Return an assignment, or the conflict set: the variables whose values exclude one."""
        if self._steps_left < 0:
            raise ProofTooComplex
        value = self._evaluate(tree, partial)
        if not isinstance(value, Atom):
            return partial if value else self._conflict_set(tree, partial, False)
        name = next(name for name in value.variables if name not in partial)
        conflict = frozenset(other for other, _ in self._date_orders.get(name, ()) if other in partial)
        for index in range(len(self.domains[name])):
            if self._keeps_date_order(name, index, partial):
                result = self._search(tree, {**partial, name: index})
                if isinstance(result, dict) or name not in result:
                    return result  # other values of this variable cannot resolve the conflict
                conflict |= result
        return conflict - {name}

    def _conflict_set(self, tree: Tree, partial: Assignment, value: bool) -> frozenset[str]:
        """Return the variables that give a tree its value."""
        if isinstance(tree, Atom):
            return frozenset(tree.variables)
        if isinstance(tree, Negation):
            return self._conflict_set(tree.part, partial, not value)
        if value is tree.is_all:  # every part has this value
            return frozenset().union(*(self._conflict_set(part, partial, value) for part in tree.parts))
        deciding = next(part for part in tree.parts if self._evaluate(part, partial) is value)
        return self._conflict_set(deciding, partial, value)

    def _evaluate(self, tree: Tree, partial: Assignment) -> bool | Atom:
        """Return the value of a tree, or an atom that it depends on and that is still open."""
        if isinstance(tree, Atom):
            return self._evaluate_atom(tree, partial)
        if isinstance(tree, Negation):
            value = self._evaluate(tree.part, partial)
            return value if isinstance(value, Atom) else not value
        open_atom: Atom | None = None
        for part in tree.parts:
            value = self._evaluate(part, partial)
            if isinstance(value, Atom):
                open_atom = open_atom or value
            elif value is not tree.is_all:
                return value
        return open_atom or tree.is_all

    def _evaluate_atom(self, atom: Atom, partial: Assignment) -> bool | Atom:
        self._steps_left -= 1
        try:
            indices = tuple([partial[name] for name in atom.variables])
        except KeyError:
            return atom
        if indices not in atom.values:
            self._steps_left -= 50  # evaluating the predicate costs about 50 times a look-up
            assignment = dict(zip(atom.variables, indices, strict=True))
            facts = build_facts(self.definition, self.domains, assignment)
            test = PREDICATES[atom.call.name].test
            atom.values[indices] = not test(facts, PLAN, **resolve_arguments(atom.call, facts.params))
        return atom.values[indices]

    def _keeps_date_order(self, name: str, index: int, partial: Assignment) -> bool:
        """Return whether a date respects `not_before` together with the known dates."""
        day, domains = self.domains[name][index], self.domains
        return all(
            other not in partial
            or (day >= domains[other][partial[other]] if is_later else domains[other][partial[other]] >= day)  # type: ignore[operator]
            for other, is_later in self._date_orders.get(name, ())
        )

    def _compile(self, guard: Guard) -> Tree:
        if guard not in self._trees:
            self._trees[guard] = compile_guard(guard, self._atoms)
        return self._trees[guard]


def _find_date_orders(definition: Definition) -> dict[str, tuple[tuple[str, bool], ...]]:
    """Return for each date the dates it is ordered with: True if it must not precede the other."""
    params = {param.name: param for param in definition.params}
    orders: dict[str, set[tuple[str, bool]]] = {}
    for name in params:
        for earlier in earlier_dates(params, name):
            orders.setdefault(f"params.{name}", set()).add((f"params.{earlier}", True))
            orders.setdefault(f"params.{earlier}", set()).add((f"params.{name}", False))
    return {name: tuple(sorted(pairs)) for name, pairs in orders.items()}
