"""Checks of calls: guards and effects name what is registered, with arguments of the right types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from workflows.engine.authority import EFFECTS
from workflows.engine.predicates import PREDICATES, ArgType
from workflows.model.definition import (
    Argument,
    Call,
    Definition,
    OnDate,
    Param,
    ParamRef,
    Path,
    iterate_calls,
)
from workflows.model.facts import HeadKind
from workflows.model.findings import Finding
from workflows.model.values import check_date_order

# What no value may leave: days that a calendar can hold, and an age that facts can have. A period lasts a year at
# most, so what waits or is shifted for longer than that would fall due outside of any.
LIMITS: Mapping[str, tuple[int, int | None]] = {
    "days": (1, 3660), "minutes": (0, None), "wait": (1, 366), "shift": (-366, 366), "hour": (0, 23), "max": (1, 100),
}  # fmt: skip


def check_predicates(definition: Definition) -> Iterator[Finding]:
    """Guards ask known questions, with the arguments these take."""
    registry = {name: predicate.args for name, predicate in PREDICATES.items()}
    for place, guard in definition.guards():
        for path, call in iterate_calls(guard, place):
            yield from _call(definition, path, call, registry, "lint.unknown_predicate")


def check_effects(definition: Definition) -> Iterator[Finding]:
    """Effects are known, with the arguments these take."""
    registry = {name: kind.args for name, kind in EFFECTS.items()}
    for number, row in enumerate(definition.transitions):
        for place, effect in enumerate(row.effects):
            path = ("transitions", number, "effects", place)
            yield from _call(definition, path, effect, registry, "lint.unknown_effect")


def check_timer_arguments(definition: Definition) -> Iterator[Finding]:
    """Timers count whole days and name dates of the period, within what the engine can carry out."""
    for number, timer in enumerate(definition.timers):
        place: Path = ("timers", number)
        wanted: list[tuple[Path, str, Argument, ArgType]] = [
            ((*place, "hour"), "hour", timer.hour, ArgType.INT)
        ]
        if isinstance(timer.when, OnDate):
            wanted += [
                ((*place, "at", "param"), "param", ParamRef(timer.when.param), ArgType.DATE),
                ((*place, "at", "days"), "shift", timer.when.days, ArgType.INT),
            ]
        else:
            wanted.append(((*place, "after", "days"), "wait", timer.when.days, ArgType.INT))
        if timer.repeat:
            wanted += [
                ((*place, "repeat", "days"), "wait", timer.repeat.days, ArgType.INT),
                ((*place, "repeat", "max"), "max", timer.repeat.max_firings, ArgType.INT),
            ]
        for path, name, value, kind in wanted:
            yield from _right(definition, path, name, value, kind)


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
        yield from _right(definition, (*path, call.name, name), name, argument, wanted[name])


def _right(
    definition: Definition, path: Path, name: str, argument: Argument, wanted: ArgType
) -> Iterator[Finding]:
    wrong = list(_argument(definition, path, argument, wanted))
    yield from wrong or _limits(definition, path, name, argument)


def _argument(definition: Definition, path: Path, argument: Argument, wanted: ArgType) -> Iterator[Finding]:
    if isinstance(argument, ParamRef):
        params = {param.name: param for param in definition.params}
        if argument.name not in params:
            yield Finding("lint.unknown_param", path, {"name": argument.name, "known": tuple(params)})
        elif params[argument.name].type.value != wanted.value:
            yield Finding("lint.wrong_param_type", path, {"name": argument.name, "wanted": wanted})
    elif not _fits(argument, wanted):
        yield Finding(f"lint.wrong_{wanted}", path, {"value": argument})


def _limits(definition: Definition, path: Path, name: str, argument: Argument) -> Iterator[Finding]:
    """A number stays within what the engine can carry out, whatever a period may set."""
    low, high = LIMITS.get(name, (None, None))
    least: object = argument
    most: object = argument
    if isinstance(argument, ParamRef):
        param = next(param for param in definition.params if param.name == argument.name)
        least, most = param.minimum, param.maximum
    if (low is not None and not (isinstance(least, int) and least >= low)) or (
        high is not None and not (isinstance(most, int) and most <= high)
    ):
        bounds = {"name": path[-1], "minimum": low, "maximum": "∞" if high is None else high}
        yield Finding("lint.out_of_limits", path, bounds)


def _fits(value: bool | int | str, wanted: ArgType) -> bool:
    """Whether a literal is of the type; a date never is, since days belong to the period."""
    if wanted is ArgType.HEAD:
        return isinstance(value, str) and value in tuple(HeadKind)
    return type(value) is {ArgType.BOOL: bool, ArgType.INT: int}.get(wanted)


def check_windows(definition: Definition) -> Iterator[Finding]:
    """`not_before` keeps a window from closing before it opens, whatever values a period gives."""
    params = {param.name: param for param in definition.params}
    for place, guard in definition.guards():
        for path, call in iterate_calls(guard, place):
            opens, closes = (dict(call.args).get(name) for name in ("opens", "closes"))
            if isinstance(opens, ParamRef) and isinstance(closes, ParamRef):
                names = {"opens": opens.name, "closes": closes.name}
                if not is_never_before(params, closes.name, opens.name):
                    yield Finding("lint.window_order", path, names)
    defaults = {name: param.default for name, param in params.items() if param.default is not None}
    for finding in check_date_order(params, defaults):
        yield replace(finding, path=("params", *finding.path, "default"))


def is_never_before(params: Mapping[str, Param], later: str, earlier: str) -> bool:
    """Whether a date can never be before another: `not_before`, in one step or in several."""
    seen: list[str] = []
    while later in params and later not in seen:
        if later == earlier:
            return True
        seen.append(later)
        later = params[later].not_before or ""
    return later == earlier
