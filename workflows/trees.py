"""The closed tree of a guard: `all`, `any`, `not` over calls of named predicates. Only data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Path = tuple[str | int, ...]
Literal = bool | int | str


@dataclass(frozen=True, slots=True)
class ParamRef:
    """An argument whose value is the period's: `{param: minimum_points}`."""

    name: str


Argument = Literal | ParamRef


@dataclass(frozen=True, slots=True)
class Call:
    """A predicate or an effect by its registered name, with its arguments."""

    name: str
    args: tuple[tuple[str, Argument], ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part must hold."""

    parts: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part must hold."""

    parts: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: Guard


Guard = AllOf | AnyOf | Not | Call
ALWAYS = AllOf(())


def calls(guard: Guard | None, path: Path) -> Iterator[tuple[Path, Call]]:
    """Every call in a tree with its place, in reading order."""
    if isinstance(guard, Call):
        yield path, guard
    elif isinstance(guard, Not):
        yield from calls(guard.part, (*path, "not"))
    elif guard is not None:
        word = "all" if isinstance(guard, AllOf) else "any"
        for number, part in enumerate(guard.parts):
            yield from calls(part, (*path, word, number))


def both(*guards: Guard | None) -> Guard:
    """Every one of them must hold; one that is absent always does."""
    return AllOf(tuple(guard for guard in guards if guard is not None))


def as_json(guard: Guard | None) -> object:
    """The tree in its one canonical spelling: arguments always by name."""
    if guard is None:
        return None
    if isinstance(guard, Call):
        return {guard.name: {name: _argument(value) for name, value in guard.args}}
    if isinstance(guard, Not):
        return {"not": as_json(guard.part)}
    return {"all" if isinstance(guard, AllOf) else "any": [as_json(part) for part in guard.parts]}


def spelled(guard: Guard) -> str:
    """A guard in one line, in the words of a definition: `not head_is plt`, `any(window_open a b, within_revision)`."""
    if isinstance(guard, Call):
        given = (value.name if isinstance(value, ParamRef) else str(value) for _, value in guard.args)
        return " ".join((guard.name, *given))
    if isinstance(guard, Not):
        return f"not {spelled(guard.part)}"
    inner = ", ".join(spelled(part) for part in guard.parts)
    return f"{'all' if isinstance(guard, AllOf) else 'any'}({inner})"


def _argument(value: Argument) -> object:
    return {"param": value.name} if isinstance(value, ParamRef) else value
