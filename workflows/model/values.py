"""The values that a period gives to a definition's parameters: checked, typed, defaults filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from workflows.model.definition import Definition, Param, ParamType, Path
from workflows.model.facts import ParamValue
from workflows.model.findings import DefinitionError, Finding

YEARS = range(2000, 2101)  # a year outside is a slip of the pen


def check_values(definition: Definition, values: Mapping[str, object]) -> list[Finding]:
    """Everything wrong with the raw values of a period (dates as ISO strings); paths are parameter names."""
    return read_values(definition.params, values)[1]


def parse_values(definition: Definition, values: Mapping[str, object]) -> dict[str, ParamValue]:
    """The typed value of each declared parameter. Raises `DefinitionError` with what `check_values` finds."""
    typed, findings = read_values(definition.params, values)
    if findings:
        raise DefinitionError(findings)
    return typed


def read_values(
    params: Iterable[Param], values: Mapping[str, object]
) -> tuple[dict[str, ParamValue], list[Finding]]:
    """The typed values as far as they are right, and everything wrong with the others."""
    declared = {param.name: param for param in params}
    findings = [
        Finding("value.unknown", (str(name),), {"name": name, "known": tuple(declared)})
        for name in values
        if name not in declared
    ]
    typed: dict[str, ParamValue] = {}
    for name, param in declared.items():
        value = param.default
        if name in values:
            value, wrong = parse_value(param, values[name], (name,))
            findings.extend(wrong)
        elif value is None:
            findings.append(Finding("value.missing", (name,), {"name": name}))
        if value is not None:
            typed[name] = value
    findings.extend(check_date_order(declared, typed))
    return typed, findings


def parse_value(param: Param, value: object, path: Path = ()) -> tuple[ParamValue | None, list[Finding]]:
    """One raw value as its parameter's type, or None and what is wrong with it."""
    if param.type is ParamType.BOOL and isinstance(value, bool):
        return value, []
    if param.type is ParamType.INT and type(value) is int:
        return (value, []) if _within(param, value) else (None, [_out_of_bounds(param, value, path)])
    if param.type is ParamType.DATE and (day := _day(value)):
        return day, []
    return None, [Finding(f"value.{param.type}_expected", path, {"value": value})]


def _within(param: Param, value: int) -> bool:
    return (param.minimum is None or param.minimum <= value) and (
        param.maximum is None or value <= param.maximum
    )


def _out_of_bounds(param: Param, value: int, path: Path) -> Finding:
    low = "−∞" if param.minimum is None else param.minimum
    high = "∞" if param.maximum is None else param.maximum
    return Finding("value.out_of_bounds", path, {"value": value, "minimum": low, "maximum": high})


def _day(value: object) -> date | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    # ISO 8601 knows other spellings (2024-W01-1); one is enough.
    return day if day and day.isoformat() == value and day.year in YEARS else None


def check_date_order(declared: Mapping[str, Param], typed: Mapping[str, ParamValue]) -> Iterator[Finding]:
    """The dates that stand before the one that they must not precede."""
    for name, param in declared.items():
        day, first = typed.get(name), typed.get(param.not_before or "")
        if isinstance(day, date) and isinstance(first, date) and day < first:
            yield Finding("value.too_early", (name,), {"name": name, "first": param.not_before, "day": first})
