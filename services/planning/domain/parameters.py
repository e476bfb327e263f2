"""Parameter values of a period: given as text and numbers, typed and bounded as the workflow declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from services.kit.problem import Problem, Refused
from services.planning.domain.period import Revision
from workflows.definition import Definition, Param
from workflows.facts import ParamValue
from workflows.values import parse_value

Given = str | int | bool


def values_of(
    given: Mapping[str, Given], declared: Sequence[Param], path: tuple[str, ...] = ()
) -> tuple[dict[str, ParamValue], tuple[Problem, ...]]:
    """The typed values, defaults filled in, and all problems: unknown, missing, wrong type, out of bounds.

    What is right is returned even where something else is wrong: values on record must stay readable under a
    workflow that has since dropped a parameter.
    """
    names = {param.name for param in declared}
    values: dict[str, ParamValue] = {}
    problems = [_problem("unknown_parameter", name, path) for name in given if name not in names]
    for param in declared:
        value = param.default
        if param.name in given:
            value, findings = parse_value(param, given[param.name])
            problems += [_wrong(param, finding.code, path) for finding in findings]
        elif value is None:
            problems.append(_problem("parameter_missing", param.name, path))
        if value is not None:
            values[param.name] = value
    return values, (*problems, *_dates_out_of_order(values, declared, path))


def read_by(definition: Definition, revision: Revision) -> Mapping[str, ParamValue]:
    """What a version of the workflow reads of a period's values; Refused where the period has no such value."""
    values = {param.name: revision.values.get(param.name, param.default) for param in definition.params}
    missing = [name for name, value in values.items() if value is None]
    if missing:
        raise Refused(_problem("parameter_missing", name, ()) for name in missing)
    return {name: value for name, value in values.items() if value is not None}


def as_given(values: Mapping[str, ParamValue]) -> dict[str, Given]:
    """The values as JSON can hold them; `values_of` reads them back."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _wrong(param: Param, code: str, path: tuple[str, ...]) -> Problem:
    if code == "value.out_of_bounds":
        low = "−∞" if param.minimum is None else param.minimum
        high = "∞" if param.maximum is None else param.maximum
        return _problem("parameter_out_of_bounds", param.name, path, minimum=low, maximum=high)
    return _problem("parameter_of_other_type", param.name, path, expected=param.type.value)


def _dates_out_of_order(
    values: Mapping[str, ParamValue], declared: Sequence[Param], path: tuple[str, ...]
) -> Iterator[Problem]:
    for param in declared:
        day, other = values.get(param.name), values.get(param.not_before or "")
        if isinstance(day, date) and isinstance(other, date) and day < other:
            yield _problem("dates_out_of_order", param.name, path, other=param.not_before)


def _problem(code: str, name: str, path: tuple[str, ...], **params: object) -> Problem:
    return Problem(f"period.{code}", {"name": name, **params}, (*path, name))
