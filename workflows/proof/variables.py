"""The facts that guards hinge on, each with the few values that stand for all: the small world of a proof.

A predicate only ever compares: with a kind of head, with today, with a number. So a value before, at and after each
thing that a definition compares with tells as much as all values would. Truth is not modelled a second time: the
real predicate is asked about real `Facts` made of these values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from workflows.definition import Definition, Param, ParamType
from workflows.facts import Head, HeadKind, Missing, Withdrawn
from workflows.trees import Call, ParamRef

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
