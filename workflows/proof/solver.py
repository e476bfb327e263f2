"""Facts that satisfy a guard, or the certainty that none do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workflows.engine.guards import resolve_arguments
from workflows.engine.predicates import PREDICATES
from workflows.model.definition import AllOf, Call, Definition, Guard, Not, ParamRef, iterate_calls
from workflows.model.facts import Snapshot
from workflows.proof.domains import NPSN, OWNER, build_domains, build_facts


@dataclass(slots=True)
class Atom:
    """One predicate with its arguments; `answers` by the places of the variables' values."""

    call: Call
    variables: tuple[str, ...]
    answers: dict[tuple[int, ...], bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Branch:
    """A compiled guard: `every` part is needed, or one will do."""

    every: bool
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """A compiled `not`."""

    part: Tree


Tree = Branch | Negation | Atom


def compile_guard(guard: Guard, atoms: dict[Call, Atom]) -> Tree:
    """The tree of a guard; `atoms` holds those that are known, so that equal calls share their answers."""
    if isinstance(guard, Call):
        return atoms.setdefault(guard, Atom(guard, dependencies(guard)))
    if isinstance(guard, Not):
        return Negation(compile_guard(guard.part, atoms))
    return Branch(isinstance(guard, AllOf), tuple(compile_guard(part, atoms) for part in guard.parts))


def dependencies(call: Call) -> tuple[str, ...]:
    """The variables on which a call's answer depends: facts, and parameters of the period."""
    given, predicate = dict(call.args), PREDICATES[call.name]
    refs = {name: value.name for name, value in given.items() if isinstance(value, ParamRef)}
    own = (name for name in predicate.depends_on if name not in given or name in refs)
    return tuple(f"params.{refs[name]}" if name in refs else name for name in own)


# Which value, by its place in the domain, each variable has; whatever is not named may be anything.
Assignment = Mapping[str, int]
STEP_LIMIT = (
    50_000  # a definition of hundreds of rows needs a tenth; more is no definition that a person could check
)
PLAN = Snapshot("", OWNER, NPSN)


class ProofTooComplex(Exception):
    """The proof was given up: conditions so entangled that nobody could follow them."""


class Solver:
    """Answers for one definition; it remembers what it asked. Raises `TooIntricate` when its steps are used up."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        asked = (call for place, guard in definition.guards() for _, call in iterate_calls(guard, place))
        self.domains = build_domains(definition, asked)
        self._atoms: dict[Call, Atom] = {}
        self._trees: dict[Guard, Tree] = {}
        self._later = _later(definition)
        self._left = STEP_LIMIT

    def solve(self, guard: Guard, known: Assignment | None = None) -> Assignment | None:
        """An assignment that satisfies the guard, going on from what is known; None where there is none."""
        self._left -= 10
        found = self._search(self._tree(guard), dict(known or {}))
        return found if isinstance(found, dict) else None

    def solve_each(self, guard: Guard, over: tuple[str, ...], known: Assignment) -> Iterator[Assignment]:
        """For each way to assign `over` under which the guard can be satisfied, one assignment."""
        if not over:
            found = self.solve(guard, known)
            if found is not None:
                yield found
            return
        first, *others = over
        for value in [known[first]] if first in known else range(len(self.domains[first])):
            if self._in_order(first, value, known):
                yield from self.solve_each(guard, tuple(others), {**known, first: value})

    def _search(self, tree: Tree, known: dict[str, int]) -> dict[str, int] | frozenset[str]:
        """An assignment, or the variables whose values are to blame: others need not be tried again."""
        if self._left < 0:
            raise ProofTooComplex
        answer = self._ask(tree, known)
        if not isinstance(answer, Atom):
            return known if answer else self._blamed(tree, known, False)
        name = next(name for name in answer.variables if name not in known)
        blamed = frozenset(other for other, _ in self._later.get(name, ()) if other in known)
        for value in range(len(self.domains[name])):
            if self._in_order(name, value, known):
                found = self._search(tree, {**known, name: value})
                if isinstance(found, dict) or name not in found:
                    return found
                blamed |= found
        return blamed - {name}

    def _blamed(self, tree: Tree, known: Mapping[str, int], answer: bool) -> frozenset[str]:
        """The variables that make a tree answer as it does."""
        if isinstance(tree, Atom):
            return frozenset(tree.variables)
        if isinstance(tree, Negation):
            return self._blamed(tree.part, known, not answer)
        if answer is tree.every:  # all parts together
            return frozenset().union(*(self._blamed(part, known, answer) for part in tree.parts))
        deciding = next(part for part in tree.parts if self._ask(part, known) is answer)
        return self._blamed(deciding, known, answer)

    def _ask(self, tree: Tree, known: Mapping[str, int]) -> bool | Atom:
        """Yes, no, or the atom on which it depends."""
        if isinstance(tree, Atom):
            return self._answer(tree, known)
        if isinstance(tree, Negation):
            answer = self._ask(tree.part, known)
            return answer if isinstance(answer, Atom) else not answer
        open_atom: Atom | None = None
        for part in tree.parts:
            answer = self._ask(part, known)
            if isinstance(answer, Atom):
                open_atom = open_atom or answer
            elif answer is not tree.every:
                return answer
        return open_atom or tree.every

    def _answer(self, atom: Atom, known: Mapping[str, int]) -> bool | Atom:
        self._left -= 1
        try:
            places = tuple([known[name] for name in atom.variables])
        except KeyError:
            return atom
        if places not in atom.answers:
            self._left -= 50  # asking the predicate itself costs so much more than remembering
            facts = build_facts(self.definition, self.domains, dict(zip(atom.variables, places, strict=True)))
            test = PREDICATES[atom.call.name].test
            atom.answers[places] = not test(facts, PLAN, **resolve_arguments(atom.call, facts.params))
        return atom.answers[places]

    def _in_order(self, name: str, value: int, known: Mapping[str, int]) -> bool:
        """Whether a date keeps its distance (`not_before`) from those that are known."""
        day, domains = self.domains[name][value], self.domains
        return all(
            other not in known
            or (day >= domains[other][known[other]] if later else domains[other][known[other]] >= day)  # type: ignore[operator]
            for other, later in self._later.get(name, ())
        )

    def _tree(self, guard: Guard) -> Tree:
        if guard not in self._trees:
            self._trees[guard] = compile_guard(guard, self._atoms)
        return self._trees[guard]


def _later(definition: Definition) -> dict[str, tuple[tuple[str, bool], ...]]:
    """For each date the others whose order with it is fixed: True where it must not be before the other."""
    parents = {param.name: param.not_before for param in definition.params if param.not_before}
    found: dict[str, set[tuple[str, bool]]] = {}
    for name in parents:
        here, seen = parents.get(name), set[str]()
        while here is not None and here not in seen:
            seen.add(here)
            found.setdefault(f"params.{name}", set()).add((f"params.{here}", True))
            found.setdefault(f"params.{here}", set()).add((f"params.{name}", False))
            here = parents.get(here)
    return {name: tuple(sorted(pairs)) for name, pairs in found.items()}
