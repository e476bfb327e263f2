"""Facts in full from the few that matter: what the real engine can be asked about, and a person be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta, timezone
from typing import Any

from workflows.definition import Definition, Param, ParamType
from workflows.facts import Facts, ParamValue
from workflows.proof.variables import FACTS, FUTURE, NOW, PAST
from workflows.witness import Example

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
