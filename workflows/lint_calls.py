"""Checks of calls: guards and effects name what is registered, with arguments of the right types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.definition import Definition
from workflows.effects import EFFECTS
from workflows.facts import HeadKind
from workflows.findings import Finding
from workflows.predicates import PREDICATES, ArgType
from workflows.trees import Argument, Call, ParamRef, Path, calls


def predicates_are_right(definition: Definition) -> Iterator[Finding]:
    """Guards ask known questions, with the arguments these take."""
    registry = {name: predicate.args for name, predicate in PREDICATES.items()}
    for path, call in _guards(definition):
        yield from _call(definition, path, call, registry, "lint.unknown_predicate")


def effects_are_right(definition: Definition) -> Iterator[Finding]:
    """Effects are known, with the arguments these take."""
    for number, row in enumerate(definition.transitions):
        for place, effect in enumerate(row.effects):
            path = ("transitions", number, "effects", place)
            yield from _call(definition, path, effect, EFFECTS, "lint.unknown_effect")


def _guards(definition: Definition) -> Iterator[tuple[Path, Call]]:
    yield from calls(definition.start, ("start", "when"))
    for state in definition.states:
        for number, rule in enumerate(state.turn):
            yield from calls(rule.when, ("states", state.name, "turn", number, "when"))
    for number, row in enumerate(definition.transitions):
        yield from calls(row.when, ("transitions", number, "when"))
        yield from calls(row.warn, ("transitions", number, "warn"))


def _call(
    definition: Definition,
    path: Path,
    call: Call,
    registry: Mapping[str, Mapping[str, ArgType]],
    unknown: str,
) -> Iterator[Finding]:
    if call.name not in registry:
        yield Finding(unknown, path, {"name": call.name, "known": tuple(registry)})
        return
    wanted, given = registry[call.name], dict(call.args)
    if set(wanted) != set(given):
        yield Finding("lint.wrong_arguments", path, {"name": call.name, "wanted": tuple(wanted) or "-"})
        return
    for name, argument in given.items():
        yield from _argument(definition, (*path, call.name, name), argument, wanted[name])


def _argument(definition: Definition, path: Path, argument: Argument, wanted: ArgType) -> Iterator[Finding]:
    if isinstance(argument, ParamRef):
        params = {param.name: param for param in definition.params}
        if argument.name not in params:
            yield Finding("lint.unknown_param", path, {"name": argument.name, "known": tuple(params)})
        elif params[argument.name].type.value != wanted.value:
            yield Finding("lint.wrong_param_type", path, {"name": argument.name, "wanted": wanted})
    elif not _fits(argument, wanted):
        yield Finding(f"lint.wrong_{wanted}", path, {"value": argument})


def _fits(value: bool | int | str, wanted: ArgType) -> bool:
    """Whether a literal is of the type; a date never is, since days belong to the period."""
    if wanted is ArgType.HEAD:
        return isinstance(value, str) and value in tuple(HeadKind)
    return type(value) is {ArgType.BOOL: bool, ArgType.INT: int}.get(wanted)
