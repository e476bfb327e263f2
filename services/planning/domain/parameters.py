"""Parameter values of a period: as a version of the workflow reads them, and as JSON can hold them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from services.kit.problem import Problem, Refused
from services.planning.domain.period import Revision
from workflows import Definition, ParamValue

Given = str | int | bool


def read_by(definition: Definition, revision: Revision) -> Mapping[str, ParamValue]:
    """What a version of the workflow reads of a period's values; Refused where the period has no such value."""
    values = {param.name: revision.values.get(param.name, param.default) for param in definition.params}
    if missing := [name for name, value in values.items() if value is None]:
        raise Refused(Problem("period.parameter_missing", {"name": name}, (name,)) for name in missing)
    return {name: value for name, value in values.items() if value is not None}


def as_read(values: Mapping[str, Given]) -> dict[str, ParamValue]:
    """The values that JSON holds, without the workflow, which plans of one period have several of: text is a day."""
    return {
        name: date.fromisoformat(value) if isinstance(value, str) else value for name, value in values.items()
    }


def as_given(values: Mapping[str, ParamValue]) -> dict[str, Given]:
    """The values as JSON can hold them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
