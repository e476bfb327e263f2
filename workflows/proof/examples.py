"""The facts that guards hinge on, each with the few values that stand for all: the small world of a proof.

A predicate only ever compares: with a kind of head, with today, with a number. So a value before, at and after each
thing that a definition compares with tells as much as all values would. Truth is not modelled a second time: the
real predicate is asked about real `Facts` made of these values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from workflows.model.definition import By, Call, Definition, Param, ParamRef, ParamType
from workflows.model.facts import SYSTEM, Actor, Facts, Head, HeadKind, Missing, ParamValue, Withdrawn
from workflows.model.findings import Example

OWNER, HEAD, ADMIN = "guru", "kepala", "admin"
NPSN, ELSEWHERE = "20100001", "20100002"
NOW = datetime(2024, 1, 15, 3, tzinfo=UTC)
PAST, TODAY, FUTURE = date(2024, 1, 1), date(2024, 1, 15), date(2024, 1, 31)

HEADS = (
    Head(HeadKind.DEFINITIF, HEAD),
    Head(HeadKind.PLT, HEAD),
    Head(HeadKind.KOSONG),
    Head(HeadKind.PLT, OWNER),
    Head(HeadKind.DEFINITIF, OWNER),
)
# The first value is the ordinary one: it stands wherever nothing depends on it.
FACTS: Mapping[str, tuple[object, ...]] = {
    "head": HEADS,
    "profile_confirmed": (True, False),
    "missing": ((), (Missing("example.incomplete"),)),
    "withdrawn": ((), (Withdrawn("contoh"),)),
    "may_not_plan": ((), (Missing("example.no_access"),)),
    "may_not_move": ((Missing("example.stays"),), ()),
    "sekolah_induk": (NPSN, ELSEWHERE),
    "revision_due": (None, FUTURE, PAST),
    "plt_confirmed": (False, True),
}
# Numbers that guards compare, and their argument. Beyond LONGEST no instant is left: it means never asked.
COMPARED = {"points": ("points_at_least", "minimum"), "facts_as_of": ("facts_fresh", "minutes")}
LONGEST = 10**8


def domains(definition: Definition, asked: Iterable[Call]) -> dict[str, tuple[object, ...]]:
    """The values to try for each fact and each parameter (`params.name`), given every call of the guards."""
    calls, params = tuple(asked), {param.name: param for param in definition.params}
    found = dict(FACTS)
    numbers = {fact: _numbers(calls, params, *where) for fact, where in COMPARED.items()}
    found["points"] = tuple(sorted((n for n in numbers["points"] if n >= 0), reverse=True))
    ages = sorted(n for n in numbers["facts_as_of"] if 0 <= n <= LONGEST)
    found["facts_as_of"] = (*(NOW - timedelta(minutes=age) for age in ages), None)
    for name, param in params.items():
        used = {n for fact, where in COMPARED.items() if name in _refs(calls, *where) for n in numbers[fact]}
        found[f"params.{name}"] = _values(param, used)
    return found


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


def _numbers(calls: Iterable[Call], params: Mapping[str, Param], name: str, argument: str) -> set[int]:
    """Before, at and after each number that may be compared with, and what lies beyond them all."""
    marks = {0}
    for call in calls:
        value = dict(call.args)[argument] if call.name == name else None
        if isinstance(value, ParamRef):
            marks |= set(_marks(params[value.name]))
        elif isinstance(value, int):
            marks.add(value)
    return {near for mark in marks for near in (mark - 1, mark, mark + 1)}


def _marks(param: Param) -> Iterator[int]:
    yield from (int(mark) for mark in (param.default, param.minimum, param.maximum) if type(mark) is int)
    yield _bounds(param)[0]


def _refs(calls: Iterable[Call], name: str, argument: str) -> set[str]:
    given = (dict(call.args)[argument] for call in calls if call.name == name)
    return {value.name for value in given if isinstance(value, ParamRef)}


WIB = timezone(timedelta(hours=7), "WIB")


def example(
    definition: Definition, domains: Mapping[str, tuple[object, ...]], known: Mapping[str, int]
) -> Example:
    """The facts of an assignment, everything else ordinary."""
    unusual = tuple(sorted(name for name, place in known.items() if place))
    return Example(facts_of(definition, domains, known), tuple(sorted(known)), unusual)


def facts_of(
    definition: Definition, domains: Mapping[str, tuple[object, ...]], known: Mapping[str, int]
) -> Facts:
    """`Facts` for an assignment; a fact that it does not name has its ordinary value, a date keeps its order."""
    names = (*FACTS, "points", "facts_as_of")
    facts: dict[str, Any] = {name: domains[name][known.get(name, 0)] for name in names}
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


ACTORS: Mapping[By, Actor] = {
    By("teacher", "owner"): Actor(OWNER),
    By("superior", "head_of_school"): Actor(HEAD),
    By("admin", "any"): Actor(ADMIN, frozenset({"admin"})),
    By("system", "any"): SYSTEM,
}
