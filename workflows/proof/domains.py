"""The values that a proof tries for each fact and parameter.

A predicate only compares: with a kind of head, with today, with a number. So one value before, one at and one after
each number or date that a definition compares with represent all values. Predicates are not modelled a second time:
the solver evaluates the real ones on `Facts` with these values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from workflows.engine.predicates import PREDICATES, ArgType
from workflows.model.definition import (
    Argument,
    Authority,
    Call,
    Definition,
    Param,
    ParamRef,
    ParamType,
    earlier_dates,
)
from workflows.model.facts import (
    FACT_TYPES,
    SYSTEM,
    Actor,
    Facts,
    Head,
    HeadKind,
    ParamValue,
    Refusal,
    WithdrawnChoice,
)
from workflows.model.findings import Example

Domain = tuple[object, ...]

OWNER, HEAD, ADMIN = "guru", "kepala", "admin"
ACTORS: Mapping[Authority, Actor] = {
    Authority("teacher", "owner"): Actor(OWNER),
    Authority("superior", "head_of_school"): Actor(HEAD),
    Authority("dinas", "any"): Actor(ADMIN, frozenset({"admin"})),
    Authority("admin", "any"): Actor(ADMIN, frozenset({"admin"})),
    Authority("system", "any"): SYSTEM,
}
NPSN, ELSEWHERE = "20100001", "20100002"
WIB = timezone(timedelta(hours=7), "WIB")
NOW = datetime(2024, 1, 15, 3, tzinfo=UTC)
PAST, TODAY, FUTURE = date(2024, 1, 1), date(2024, 1, 15), date(2024, 1, 31)

HEAD_VALUES = (
    Head(HeadKind.DEFINITIF, HEAD),
    Head(HeadKind.PLT, HEAD),
    Head(HeadKind.KOSONG),
    Head(HeadKind.PLT, OWNER),
    Head(HeadKind.DEFINITIF, OWNER),
)
# Values by type. The first value of a domain is the usual one, for facts that nothing depends on.
TYPE_VALUES: Mapping[Any, Domain] = {
    Head: HEAD_VALUES,
    bool: (False, True),
    date | None: (None, FUTURE, PAST),
    tuple[Refusal, ...]: ((), (Refusal("example.incomplete"),)),
    tuple[WithdrawnChoice, ...]: ((), (WithdrawnChoice("contoh"),)),
}
# Facts with other values than those of their type.
FACT_VALUES: Mapping[str, Domain] = {
    "profile_confirmed": (True, False),
    "access_refusals": ((), (Refusal("example.no_access"),)),
    "move_refusals": ((Refusal("example.stays"),), ()),
    "sekolah_induk": (NPSN, ELSEWHERE),
}
# Numbers and instants, with the predicates and arguments that they are compared with.
COMPARED_FACTS: Mapping[str, frozenset[tuple[str, str]]] = {
    fact: frozenset(
        (name, argument)
        for name, predicate in PREDICATES.items()
        if fact in predicate.depends_on
        for argument, arg_type in predicate.args.items()
        if arg_type is ArgType.INT
    )
    for fact, kind in FACT_TYPES.items()
    if kind in (int, datetime | None)
}
FACT_DOMAINS: Mapping[str, Domain] = {
    name: FACT_VALUES.get(name) or TYPE_VALUES[kind]
    for name, kind in FACT_TYPES.items()
    if name not in COMPARED_FACTS
}
# An older instant would be before the year 1: it represents facts that were never loaded.
MAX_AGE_MINUTES = 10**8


def build_domains(definition: Definition, calls: Iterable[Call]) -> dict[str, Domain]:
    """Return the values to try for each fact and each parameter (`params.name`), given all calls of the guards."""
    calls, params = tuple(calls), {param.name: param for param in definition.params}
    domains = dict(FACT_DOMAINS)
    param_numbers: dict[str, set[int]] = defaultdict(set)
    for fact, places in COMPARED_FACTS.items():
        arguments = [value for call in calls for name, value in call.args if (call.name, name) in places]
        numbers = _nearby_numbers(arguments, params)
        domains[fact] = _compared_values(fact, numbers)
        for argument in arguments:
            if isinstance(argument, ParamRef):
                param_numbers[argument.name] |= numbers
    for name, param in params.items():
        domains[f"params.{name}"] = _param_values(param, param_numbers[name])
    return domains


def _compared_values(fact: str, numbers: set[int]) -> Domain:
    if FACT_TYPES[fact] is int:
        return tuple(sorted((number for number in numbers if number >= 0), reverse=True))
    ages = sorted(number for number in numbers if 0 <= number <= MAX_AGE_MINUTES)
    return (*(NOW - timedelta(minutes=age) for age in ages), None)


def _param_values(param: Param, numbers: set[int]) -> Domain:
    if param.type is ParamType.BOOL:
        return (param.default is True, param.default is not True)
    if param.type is ParamType.DATE:
        return (PAST, TODAY, FUTURE) if param.not_before is None else (FUTURE, TODAY, PAST)
    low, high = _bounds(param)
    usual = param.default if param.default is not None else low
    return (usual, *sorted(number for number in numbers - {usual} if low <= number <= high))


def _bounds(param: Param) -> tuple[int, int]:
    low = param.minimum if param.minimum is not None else min(-1, param.maximum or 0)
    return low, param.maximum if param.maximum is not None else 10**15


def _nearby_numbers(arguments: Iterable[Argument], params: Mapping[str, Param]) -> set[int]:
    """Return numbers before, at and after each number that the arguments may have."""
    marks = {0}
    for argument in arguments:
        if isinstance(argument, ParamRef):
            marks.update(_marks(params[argument.name]))
        elif isinstance(argument, int):
            marks.add(argument)
    return {mark + offset for mark in marks for offset in (-1, 0, 1)}


def _marks(param: Param) -> Iterator[int]:
    yield from (int(mark) for mark in (param.default, param.minimum, param.maximum) if type(mark) is int)
    yield _bounds(param)[0]


def build_example(
    definition: Definition, domains: Mapping[str, Domain], assignment: Mapping[str, int]
) -> Example:
    """Return the example of an assignment, with usual values for everything else."""
    unusual = tuple(sorted(name for name, index in assignment.items() if index))
    return Example(build_facts(definition, domains, assignment), tuple(sorted(assignment)), unusual)


def build_facts(
    definition: Definition, domains: Mapping[str, Domain], assignment: Mapping[str, int]
) -> Facts:
    """Return the facts of an assignment, with usual values for everything else. Dates keep their order."""
    facts: dict[str, Any] = {name: domains[name][assignment.get(name, 0)] for name in FACT_TYPES}
    params = _build_params(definition, domains, assignment)
    return Facts(now=NOW, zone=WIB, params=params, params_revision=1, **facts)


def _build_params(
    definition: Definition, domains: Mapping[str, Domain], assignment: Mapping[str, int]
) -> dict[str, ParamValue]:
    values: dict[str, Any] = {
        param.name: domains[name][assignment[name]]
        for param in definition.params
        if (name := f"params.{param.name}") in assignment
    }
    params = {param.name: param for param in definition.params}
    days = {name: value for name, value in values.items() if isinstance(value, date)}
    for name, param in params.items():
        if name in values:
            continue
        if param.type is ParamType.DATE:
            # As late as the assigned dates allow that must not precede it.
            later = [day for other, day in days.items() if name in earlier_dates(params, other)]
            values[name] = min(later, default=FUTURE if param.not_before else PAST)
        else:
            values[name] = domains[f"params.{name}"][0]
    return values
