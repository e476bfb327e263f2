"""Checks of the values that a period gives to the parameters of a definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from workflows.model.definition import Param, ParamType, Path
from workflows.model.facts import ParamValue
from workflows.model.findings import Finding

YEARS = range(2000, 2101)  # a year outside is a typing error


def read_values(
    params: Iterable[Param], values: Mapping[str, object]
) -> tuple[dict[str, ParamValue], list[Finding]]:
    """Return the typed values, defaults included, and the findings about the wrong ones.

    `values` are raw, with dates as ISO strings. The path of a finding is the name of the parameter.
    """
    params_by_name = {param.name: param for param in params}
    findings = [
        Finding("value.unknown", (str(name),), {"name": name, "known": tuple(params_by_name)})
        for name in values
        if name not in params_by_name
    ]
    typed_values: dict[str, ParamValue] = {}
    for name, param in params_by_name.items():
        value = param.default
        if name in values:
            value, value_findings = parse_value(param, values[name], (name,))
            findings += value_findings
        elif value is None:
            findings.append(Finding("value.missing", (name,), {"name": name}))
        if value is not None:
            typed_values[name] = value
    findings += check_date_order(params_by_name, typed_values)
    return typed_values, findings


def parse_value(param: Param, value: object, path: Path = ()) -> tuple[ParamValue | None, list[Finding]]:
    """Return a raw value in its parameter's type, or None and what is wrong with it."""
    if param.type is ParamType.BOOL and isinstance(value, bool):
        return value, []
    if param.type is ParamType.INT and type(value) is int:
        low, high = param.minimum, param.maximum
        if (low is None or low <= value) and (high is None or value <= high):
            return value, []
        bounds = {"minimum": "−∞" if low is None else low, "maximum": "∞" if high is None else high}
        return None, [Finding("value.out_of_bounds", path, {"value": value, **bounds})]
    if param.type is ParamType.DATE and (day := _parse_day(value)):
        return day, []
    return None, [Finding(f"value.{param.type}_expected", path, {"value": value})]


def _parse_day(value: object) -> date | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    # `fromisoformat` also accepts other spellings of ISO 8601, such as 2024-W01-1.
    return day if day and day.isoformat() == value and day.year in YEARS else None


def check_date_order(params: Mapping[str, Param], values: Mapping[str, ParamValue]) -> Iterator[Finding]:
    """Yield a finding for each date that precedes its `not_before`."""
    for name, param in params.items():
        day, first = values.get(name), values.get(param.not_before or "")
        if isinstance(day, date) and isinstance(first, date) and day < first:
            yield Finding("value.too_early", (name,), {"name": name, "first": param.not_before, "day": first})
