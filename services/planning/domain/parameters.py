"""Parameter values of a period: given as text and numbers, typed and bounded as the workflow declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from services.kit.problem import Problem
from workflows.definition import Param, ParamType
from workflows.facts import ParamValue

Given = str | int | bool


def values_of(
    given: Mapping[str, Given], declared: Sequence[Param], path: tuple[str, ...] = ()
) -> tuple[dict[str, ParamValue], tuple[Problem, ...]]:
    """The typed values, defaults filled in, and all problems: unknown, missing, wrong type, out of bounds."""
    known = {param.name: param for param in declared}
    values: dict[str, ParamValue] = {p.name: p.default for p in declared if p.default is not None}
    problems: list[Problem] = []
    for name, value in given.items():
        param = known.get(name)
        typed = _typed(value, param.type) if param else None
        if param is None:
            problems.append(_problem("unknown_parameter", name, path))
        elif typed is None:
            problems.append(_problem("parameter_of_other_type", name, path, expected=param.type.value))
        else:
            values[name] = typed
    for name in known.keys() - values.keys() - given.keys():
        problems.append(_problem("parameter_missing", name, path))
    problems += _out_of_bounds(values, declared, path)
    return values, tuple(sorted(problems, key=lambda problem: problem.path))


def as_given(values: Mapping[str, ParamValue]) -> dict[str, Given]:
    """The values as JSON can hold them; `values_of` reads them back."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _typed(value: Given, kind: ParamType) -> ParamValue | None:
    match kind, value:
        case (ParamType.BOOL, bool()):
            return value
        case (ParamType.INT, int()) if not isinstance(value, bool):
            return value
        case (ParamType.DATE, str()):
            return _date(value)
    return None


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _out_of_bounds(
    values: Mapping[str, ParamValue], declared: Sequence[Param], path: tuple[str, ...]
) -> Iterator[Problem]:
    for param in declared:
        value, other = values.get(param.name), values.get(param.not_before or "")
        if isinstance(value, int):
            if param.minimum is not None and value < param.minimum:
                yield _problem("parameter_too_small", param.name, path, minimum=param.minimum)
            if param.maximum is not None and value > param.maximum:
                yield _problem("parameter_too_large", param.name, path, maximum=param.maximum)
        if isinstance(value, date) and isinstance(other, date) and value < other:
            yield _problem("dates_out_of_order", param.name, path, other=param.not_before)


def _problem(code: str, name: str, path: tuple[str, ...], **params: object) -> Problem:
    return Problem(f"period.{code}", {"name": name, **params}, (*path, name))
