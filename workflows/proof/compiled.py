"""A guard made ready for the search: each predicate once, with what it hinges on and its answers so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from workflows.predicates import PREDICATES
from workflows.trees import AllOf, Call, Guard, Not, ParamRef


@dataclass(slots=True)
class Atom:
    """One predicate with its arguments; `answers` by the places of the variables' values."""

    call: Call
    hinges: tuple[str, ...]
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


def compiled(guard: Guard, atoms: dict[Call, Atom]) -> Tree:
    """The tree of a guard; `atoms` holds those that are known, so that equal calls share their answers."""
    if isinstance(guard, Call):
        return atoms.setdefault(guard, Atom(guard, hinges_of(guard)))
    if isinstance(guard, Not):
        return Negation(compiled(guard.part, atoms))
    return Branch(isinstance(guard, AllOf), tuple(compiled(part, atoms) for part in guard.parts))


def hinges_of(call: Call) -> tuple[str, ...]:
    """The variables on which a call's answer depends: facts, and parameters of the period."""
    given, predicate = dict(call.args), PREDICATES[call.name]
    refs = {name: value.name for name, value in given.items() if isinstance(value, ParamRef)}
    own = (name for name in predicate.hinges if name not in given or name in refs)
    return tuple(f"params.{refs[name]}" if name in refs else name for name in own)
