"""The facts that guards hinge on, each with the few values that stand for all: the small world of a proof.

A predicate only ever compares: with a kind of head, with today, with a number. So a value before, at and after each
thing that a definition compares with tells as much as all values would. Truth is not modelled a second time: the
real predicate is asked about real `Facts` made of these values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from workflows.engine.predicates import PREDICATES, ArgType
from workflows.model.definition import Argument, Authority, Call, Definition, Param, ParamRef, ParamType
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

OWNER, HEAD, ADMIN = "guru", "kepala", "admin"
NPSN, ELSEWHERE = "20100001", "20100002"
NOW = datetime(2024, 1, 15, 3, tzinfo=UTC)
PAST, TODAY, FUTURE = date(2024, 1, 1), date(2024, 1, 15), date(2024, 1, 31)

HEAD_VALUES = (
    Head(HeadKind.DEFINITIF, HEAD),
    Head(HeadKind.PLT, HEAD),
    Head(HeadKind.KOSONG),
    Head(HeadKind.PLT, OWNER),
    Head(HeadKind.DEFINITIF, OWNER),
)
# The values that stand for all of a type. The first one is the ordinary one: it counts wherever nothing depends on it.
TYPE_VALUES: Mapping[Any, tuple[object, ...]] = {
    Head: HEAD_VALUES,
    bool: (False, True),
    date | None: (None, FUTURE, PAST),
    tuple[Refusal, ...]: ((), (Refusal("example.incomplete"),)),
    tuple[WithdrawnChoice, ...]: ((), (WithdrawnChoice("contoh"),)),
}
# Facts whose values are others than those of their type.
FACT_VALUES: Mapping[str, tuple[object, ...]] = {
    "profile_confirmed": (True, False),
    "access_refusals": ((), (Refusal("example.no_access"),)),
    "move_refusals": ((Refusal("example.stays"),), ()),
    "sekolah_induk": (NPSN, ELSEWHERE),
}
# Numbers and instants are compared, each with the whole-number arguments of the predicates that read it.
COMPARED_FACTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    fact: tuple(
        (name, argument)
        for name, one in PREDICATES.items()
        if fact in one.depends_on
        for argument, type_ in one.args.items()
        if type_ is ArgType.INT
    )
    for fact, kind in FACT_TYPES.items()
    if kind in (int, datetime | None)
}
FACT_DOMAINS: Mapping[str, tuple[object, ...]] = {
    name: FACT_VALUES.get(name) or TYPE_VALUES[kind]
    for name, kind in FACT_TYPES.items()
    if name not in COMPARED_FACTS
}
MAX_AGE_MINUTES = 10**8  # minutes; beyond it no instant is left: it means never asked


def build_domains(definition: Definition, asked: Iterable[Call]) -> dict[str, tuple[object, ...]]:
    """The values to try for each fact and each parameter (`params.name`), given every call of the guards."""
    calls, params = tuple(asked), {param.name: param for param in definition.params}
    numbers = {fact: _numbers(calls, params, places) for fact, places in COMPARED_FACTS.items()}
    found = {**FACT_DOMAINS, **{fact: _compared(fact, some) for fact, some in numbers.items()}}
    for name, param in params.items():
        used = {
            n
            for fact, places in COMPARED_FACTS.items()
            if name in _refs(calls, places)
            for n in numbers[fact]
        }
        found[f"params.{name}"] = _values(param, used)
    return found


def _compared(fact: str, numbers: set[int]) -> tuple[object, ...]:
    if FACT_TYPES[fact] is int:
        return tuple(sorted((n for n in numbers if n >= 0), reverse=True))
    ages = sorted(n for n in numbers if 0 <= n <= MAX_AGE_MINUTES)
    return (*(NOW - timedelta(minutes=age) for age in ages), None)


def _values(param: Param, numbers: set[int]) -> tuple[object, ...]:
    if param.type is ParamType.BOOL:
        return (param.default is True, param.default is not True)
    if param.type is ParamType.DATE:
        return (PAST, TODAY, FUTURE) if param.not_before is None else (FUTURE, TODAY, PAST)
    low, high = _bounds(param)
    ordinary = param.default if param.default is not None else low
    return (ordinary, *sorted(n for n in numbers - {ordinary} if low <= n <= high))


def _bounds(param: Param) -> tuple[int, int]:
    low = param.minimum if param.minimum is not None else min(-1, param.maximum or 0)
    return low, param.maximum if param.maximum is not None else 10**15


def _numbers(
    calls: Iterable[Call], params: Mapping[str, Param], places: Iterable[tuple[str, str]]
) -> set[int]:
    """Before, at and after each number that may be compared with, and what lies beyond them all."""
    marks = {0}
    for value in _given(calls, places):
        if isinstance(value, ParamRef):
            marks |= set(_marks(params[value.name]))
        elif isinstance(value, int):
            marks.add(value)
    return {near for mark in marks for near in (mark - 1, mark, mark + 1)}


def _marks(param: Param) -> Iterator[int]:
    yield from (int(mark) for mark in (param.default, param.minimum, param.maximum) if type(mark) is int)
    yield _bounds(param)[0]


def _refs(calls: Iterable[Call], places: Iterable[tuple[str, str]]) -> set[str]:
    return {value.name for value in _given(calls, places) if isinstance(value, ParamRef)}


def _given(calls: Iterable[Call], places: Iterable[tuple[str, str]]) -> list[Argument]:
    """What calls give for the arguments at these places: predicate and name of the argument."""
    wanted = set(places)
    return [value for call in calls for name, value in call.args if (call.name, name) in wanted]


WIB = timezone(timedelta(hours=7), "WIB")


def build_example(
    definition: Definition, domains: Mapping[str, tuple[object, ...]], known: Mapping[str, int]
) -> Example:
    """The facts of an assignment, everything else ordinary."""
    unusual = tuple(sorted(name for name, place in known.items() if place))
    return Example(build_facts(definition, domains, known), tuple(sorted(known)), unusual)


def build_facts(
    definition: Definition, domains: Mapping[str, tuple[object, ...]], known: Mapping[str, int]
) -> Facts:
    """`Facts` for an assignment; a fact that it does not name has its ordinary value, a date keeps its order."""
    facts: dict[str, Any] = {name: domains[name][known.get(name, 0)] for name in FACT_TYPES}
    return Facts(now=NOW, zone=WIB, params=_params(definition, domains, known), params_revision=1, **facts)


def _params(
    definition: Definition, domains: Mapping[str, tuple[object, ...]], known: Mapping[str, int]
) -> dict[str, ParamValue]:
    values: dict[str, Any] = {
        param.name: domains[name][known[name]]
        for param in definition.params
        if (name := f"params.{param.name}") in known
    }
    parents = {param.name: param.not_before for param in definition.params}
    days = {name: value for name, value in values.items() if isinstance(value, date)}
    for param in definition.params:
        if param.name not in values:
            values[param.name] = _ordinary(param, domains, days, parents)
    return values


def _ordinary(
    param: Param,
    domains: Mapping[str, tuple[object, ...]],
    days: Mapping[str, date],
    parents: Mapping[str, str | None],
) -> Any:
    if param.type is not ParamType.DATE:
        return domains[f"params.{param.name}"][0]
    # As late as the known dates after it allow; whatever it must not be before is then no later either.
    after = [day for name, day in days.items() if param.name in _ancestors(name, parents)]
    return min(after, default=FUTURE if param.not_before else PAST)


def _ancestors(name: str, parents: Mapping[str, str | None]) -> Iterable[str]:
    found: list[str] = []
    here = parents.get(name)
    while here is not None and here not in found:
        found.append(here)
        here = parents.get(here)
    return found


ACTORS: Mapping[Authority, Actor] = {
    Authority("teacher", "owner"): Actor(OWNER),
    Authority("superior", "head_of_school"): Actor(HEAD),
    Authority("admin", "any"): Actor(ADMIN, frozenset({"admin"})),
    Authority("system", "any"): SYSTEM,
}
