"""Does a proposed change add up? Its values are as the workflow declares them, now and beside what is planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from services.kit.problem import Problem
from services.planning.domain.declared import Declared
from services.planning.domain.parameters import Given, as_given
from services.planning.domain.period import Period
from services.planning.domain.period_check import closing
from services.planning.domain.period_revision import becomes, in_words, standing
from workflows import Param, ParamValue, read_values
from workflows.values import parse_value

VALUES, WHEN = ("input", "values"), ("input", "effectiveFrom")
FURTHEST = timedelta(days=366)

Asked = tuple[str, Given]  # the name of a parameter, and its value as JSON holds it


def typed(
    period: Period, declared: Declared, asked: Sequence[Asked], effective: datetime
) -> tuple[dict[str, ParamValue], list[Problem]]:
    """Each value as its parameter's type, and everything that is wrong with any of them by itself."""
    if not asked:
        return {}, [Problem("period.proposal_empty", {}, VALUES)]
    if len(asked) > len(declared.all):
        return {}, [Problem("period.too_many_values", {"most": len(declared.all)}, VALUES)]
    params, stands = {param.name: param for param in declared.all}, standing(declared.all, period, effective)
    values: dict[str, ParamValue] = {}
    problems: list[Problem] = []
    for index, (name, raw) in enumerate(asked):
        place = (*VALUES, str(index))
        if name not in params:
            known = {"name": name, "known": tuple(params)}
            problems.append(Problem("value.unknown", known, (*place, "name")))
            continue
        if name in dict(asked[:index]):
            problems.append(Problem("period.value_twice", {"name": name}, (*place, "name")))
            continue
        value, wrong = parse_value(params[name], raw)
        problems += [Problem(found.code, found.params, (*place, "value")) for found in wrong]
        if value is not None:
            values[name] = value
            problems += _beside(period, params[name], value, stands.get(name), (*place, "value"))
    return values, problems


def _beside(
    period: Period, param: Param, value: ParamValue, stood: ParamValue | None, path: tuple[str, ...]
) -> Iterator[Problem]:
    """What is wrong with a value beside what the period gave: another type, which plans would not read, or the same."""
    given = (revision.values[param.name] for revision in period.revisions if param.name in revision.values)
    other = next((was for was in given if type(was) is not type(value)), None)
    if other is not None:
        told = {"label": param.label, "value": in_words(other)}
        yield Problem("period.value_of_another_type", told, path)
    elif stood == value:
        yield Problem("period.value_same", {"label": param.label, "value": in_words(value)}, path)


def together(
    period: Period, declared: Declared, values: Mapping[str, ParamValue], effective: datetime
) -> list[Problem]:
    """What is wrong with the changed values beside those that stand or are planned, each once, at the value's place."""
    judged = declared.judged(values)
    places = {name: (*VALUES, str(index), "value") for index, name in enumerate(values)}
    problems: list[Problem] = []
    for _, whole in becomes(period, values, effective):
        known = as_given({param.name: whole[param.name] for param in judged if param.name in whole})
        found = [
            Problem(finding.code, finding.params, places.get(str(finding.path[0]), VALUES))
            for finding in read_values(judged, known)[1]
        ]
        found += closing(period, whole, places.get("planning_closes", VALUES))
        problems += [problem for problem in found if problem not in problems]
    return problems


def moment(wanted: datetime | None, now: datetime) -> Iterator[Problem]:
    """What is wrong with the instant from which a change is to be in force."""
    if wanted is None:
        return
    if wanted.tzinfo is None:
        yield Problem("period.effective_without_zone", {}, WHEN)
    elif wanted < now:
        yield Problem("period.effective_in_the_past", {}, WHEN)
    elif wanted - now > FURTHEST:
        yield Problem("period.effective_too_far", {"days": FURTHEST.days}, WHEN)
