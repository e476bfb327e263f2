"""Checks of calls: predicates and effects are registered, and their arguments have the right types and limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from workflows.engine.effects import EFFECTS
from workflows.engine.predicates import PREDICATES, ArgType
from workflows.model.definition import (
    Argument,
    Call,
    Definition,
    OnDate,
    Param,
    ParamRef,
    Path,
    earlier_dates,
    iterate_calls,
)
from workflows.model.facts import HeadKind
from workflows.model.findings import Finding
from workflows.model.values import check_date_order

# The limits of numbers, by the name of the argument. A period lasts a year at most, so a longer wait or shift would
# lead outside of it.
LIMITS: Mapping[str, tuple[int, int | None]] = {
    "days": (1, 3660), "minutes": (0, None), "wait": (1, 366), "shift": (-366, 366), "hour": (0, 23), "max": (1, 100),
}  # fmt: skip


def check_predicates(definition: Definition) -> Iterator[Finding]:
    """Check that guards call registered predicates with their arguments."""
    registry = {name: predicate.args for name, predicate in PREDICATES.items()}
    for guard_path, guard in definition.guards():
        for path, call in iterate_calls(guard, guard_path):
            yield from _check_call(definition, path, call, registry, "lint.unknown_predicate")


def check_contract_names(definition: Definition) -> Iterator[Finding]:
    """Check that the contract names declared parameters and registered conditions without arguments."""
    registry = {name: predicate.args for name, predicate in PREDICATES.items()}
    for mutation in definition.contract.mutations:
        for name in mutation.requires:
            path: Path = ("contract", mutation.name, "requires")
            yield from _check_call(definition, path, Call(name), registry, "lint.unknown_predicate")
    for key, param in definition.contract.params.items():
        arg_type = ArgType.DATE if len(key) == 2 else ArgType.INT
        if param is not None:
            yield from _check_argument(definition, ("contract", *key), key[-1], ParamRef(param), arg_type)


def check_effects(definition: Definition) -> Iterator[Finding]:
    """Check that transitions call registered effects with their arguments."""
    registry = {name: kind.args for name, kind in EFFECTS.items()}
    for number, transition in enumerate(definition.transitions):
        for effect_number, effect in enumerate(transition.effects):
            path = ("transitions", number, "effects", effect_number)
            yield from _check_call(definition, path, effect, registry, "lint.unknown_effect")


def check_timer_arguments(definition: Definition) -> Iterator[Finding]:
    """Check that the days, dates, hours and repetitions of timers have the right types and limits."""
    for number, timer in enumerate(definition.timers):
        when, repeat = timer.when, timer.repeat
        arguments: list[tuple[Path, str, Argument, ArgType]] = [(("hour",), "hour", timer.hour, ArgType.INT)]
        if isinstance(when, OnDate):
            arguments.append((("at", "param"), "param", ParamRef(when.param), ArgType.DATE))
            arguments.append((("at", "days"), "shift", when.days, ArgType.INT))
        else:
            arguments.append((("after", "days"), "wait", when.days, ArgType.INT))
        if repeat:
            arguments.append((("repeat", "days"), "wait", repeat.days, ArgType.INT))
            arguments.append((("repeat", "max"), "max", repeat.max_firings, ArgType.INT))
        for path, name, value, arg_type in arguments:
            yield from _check_argument(definition, ("timers", number, *path), name, value, arg_type)


def check_windows(definition: Definition) -> Iterator[Finding]:
    """Check that no window can close before it opens, and that defaults respect `not_before`."""
    params = {param.name: param for param in definition.params}
    for guard_path, guard in definition.guards():
        for path, call in iterate_calls(guard, guard_path):
            opens, closes = (dict(call.args).get(name) for name in ("opens", "closes"))
            if not (isinstance(opens, ParamRef) and isinstance(closes, ParamRef)):
                continue
            if not is_never_before(params, closes.name, opens.name):
                yield Finding("lint.window_order", path, {"opens": opens.name, "closes": closes.name})
    defaults = {name: param.default for name, param in params.items() if param.default is not None}
    for finding in check_date_order(params, defaults):
        yield replace(finding, path=("params", *finding.path, "default"))


def is_never_before(params: Mapping[str, Param], later: str, earlier: str) -> bool:
    """Return whether `not_before` keeps one date from preceding another for all values of a period."""
    return later == earlier or earlier in earlier_dates(params, later)


def _check_call(
    definition: Definition,
    path: Path,
    call: Call,
    registry: Mapping[str, Mapping[str, ArgType]],
    unknown_code: str,
) -> Iterator[Finding]:
    if call.name not in registry:
        yield Finding(unknown_code, path, {"name": call.name, "known": tuple(registry)})
        return
    arg_types, args = registry[call.name], dict(call.args)
    if arg_types.keys() != args.keys():
        yield Finding("lint.wrong_arguments", path, {"name": call.name, "wanted": tuple(arg_types) or "-"})
        return
    for name, argument in args.items():
        yield from _check_argument(definition, (*path, call.name, name), name, argument, arg_types[name])


def _check_argument(
    definition: Definition, path: Path, name: str, argument: Argument, arg_type: ArgType
) -> Iterator[Finding]:
    if not isinstance(argument, ParamRef):
        if not _has_type(argument, arg_type):
            yield Finding(f"lint.wrong_{arg_type}", path, {"value": argument})
            return
        lowest: object = argument
        highest: object = argument
    else:
        params = {param.name: param for param in definition.params}
        param = params.get(argument.name)
        if param is None:
            yield Finding("lint.unknown_param", path, {"name": argument.name, "known": tuple(params)})
            return
        if param.type.value != arg_type.value:
            yield Finding("lint.wrong_param_type", path, {"name": argument.name, "wanted": arg_type})
            return
        lowest, highest = param.minimum, param.maximum
    low, high = LIMITS.get(name, (None, None))
    too_low = low is not None and not (isinstance(lowest, int) and lowest >= low)
    too_high = high is not None and not (isinstance(highest, int) and highest <= high)
    if too_low or too_high:
        limits = {"name": path[-1], "minimum": low, "maximum": "∞" if high is None else high}
        yield Finding("lint.out_of_limits", path, limits)


def _has_type(value: bool | int | str, arg_type: ArgType) -> bool:
    """Return whether a literal has a type. None has the type `date`, because dates belong to the period."""
    if arg_type is ArgType.HEAD:
        return isinstance(value, str) and value in tuple(HeadKind)
    return type(value) is {ArgType.BOOL: bool, ArgType.INT: int}.get(arg_type)
