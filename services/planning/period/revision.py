"""A change of a period's values: proposed by one admin, approved by another, or withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.kit.problems import Problem
from services.planning.change_requests.model import AdminAct, ChangeRequest
from services.planning.period.model import (
    JsonValue,
    ParameterDeclarations,
    Period,
    Revision,
    check_closing_day,
    values_from_json,
    values_to_json,
)
from workflows.model.definition import Label, Param
from workflows.model.facts import ParamValue
from workflows.model.values import parse_value, read_values

ID = ("proposal",)
SUBJECT = "period "
OptionalValues = Mapping[str, ParamValue | None]
ON, OFF, NOT_SET = Label("aktif", "on"), Label("tidak aktif", "off"), Label("belum diisi", "not set")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change request read as values of a period. `wanted` None: in force as soon as it is approved."""

    request: ChangeRequest
    period: str
    before: OptionalValues
    values: Mapping[str, ParamValue]
    effective_from: datetime | None

    @classmethod
    def of(cls, request: ChangeRequest) -> Proposal:
        """Read the values that a request holds as JSON."""
        wanted = request.after["effective_from"]
        return cls(
            request,
            request.subject.removeprefix(SUBJECT),
            values_from_json(request.before),
            values_from_json(request.after["values"]),
            datetime.fromisoformat(wanted) if wanted else None,
        )

    def effective_at(self, now: datetime) -> datetime:
        """When the change comes in force if it is approved now: in the past it would change decisions already taken."""
        return max(now, self.effective_from or now)

    @property
    def revisions(self) -> tuple[int, ...]:
        """The numbers of the revisions that came of it."""
        return tuple(list_revision_numbers(self.request.acts))


def list_revision_numbers(acts: Iterable[AdminAct]) -> Iterator[int]:
    """The numbers of the revisions that these acts made, which stand in no file."""
    for act in acts:
        yield from act.detail.get("revisions", ())


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value that changes; None where nothing was set."""

    name: str
    label: Label
    before: ParamValue | None
    after: ParamValue

    @property
    def sentence(self) -> Problem:
        """The change in a sentence."""
        values = {"label": self.label, "before": format_value(self.before), "after": format_value(self.after)}
        return Problem("period.value_set" if self.before is None else "period.value_changes", values)


def format_value(value: ParamValue | None) -> object:
    """A value as texts can show it."""
    if value is None:
        return NOT_SET
    return (ON if value else OFF) if isinstance(value, bool) else value


def list_changes(
    declared: Sequence[Param], before: OptionalValues, after: Mapping[str, ParamValue]
) -> list[ValueChange]:
    """What is another value after than before, by the labels of the workflow that the period uses."""
    labels = {param.name: param.label for param in declared}
    return [
        ValueChange(name, labels.get(name, Label(name, name)), before.get(name), value)
        for name, value in after.items()
        if before.get(name) != value
    ]


def find_previous_values(period: Period, revision: Revision) -> OptionalValues:
    """The values that a revision took the place of."""
    earlier = tuple(one for one in period.revisions if one.number < revision.number)
    return replace(period, revisions=earlier).parameters_at(revision.effective_from).values if earlier else {}


def find_values_at(declared: Sequence[Param], period: Period, instant: datetime) -> dict[str, ParamValue]:
    """What holds at an instant: the period's values, and defaults where it has none."""
    defaults = {param.name: param.default for param in declared if param.default is not None}
    return {**defaults, **period.parameters_at(instant).values}


def apply_change(
    period: Period, values: Mapping[str, ParamValue], effective: datetime
) -> Iterator[tuple[datetime, Mapping[str, ParamValue]]]:
    """All values of the period from each instant on, once some have changed.

    A revision that is planned for later stays as it is in what it changes itself; the rest is carried into it, for
    each revision is whole, and the change would end there unseen.
    """
    stood = period.parameters_at(effective).values
    yield effective, {**stood, **values}
    for later in sorted({one.effective_from for one in period.revisions if one.effective_from > effective}):
        planned = period.parameters_at(later).values
        values = {name: value for name, value in values.items() if planned.get(name) == stood.get(name)}
        if not values:
            return
        yield later, {**planned, **values}
        stood = planned


def find_undeclared_values(proposal: Proposal, declared: ParameterDeclarations) -> Iterator[Problem]:
    """What no version declares any more: the draft that was to ask for it has been retired meanwhile."""
    known = tuple(param.name for param in declared.all)
    for name in proposal.values:
        if name not in known:
            yield Problem("value.unknown", {"name": name, "known": known}, ID)


def find_outdated_values(
    proposal: Proposal, declared: Sequence[Param], stands: OptionalValues
) -> Iterator[Problem]:
    """What has changed since it was proposed, so that approving would undo it unseen."""
    labels = {param.name: param.label for param in declared}
    for name in proposal.values:
        before, now = proposal.before.get(name), stands.get(name)
        if before != now:
            told = {"label": labels.get(name, name), "before": format_value(before), "now": format_value(now)}
            yield Problem("period.proposal_outdated", told, ID)


VALUES, EFFECTIVE_FROM = ("values",), ("effective_from",)
MAX_LEAD_TIME = timedelta(days=366)

Asked = tuple[str, JsonValue]  # the name of a parameter, and its value as JSON holds it


def parse_values(
    period: Period, declared: ParameterDeclarations, asked: Sequence[Asked], effective: datetime
) -> tuple[dict[str, ParamValue], list[Problem]]:
    """Each value as its parameter's type, and everything that is wrong with any of them by itself."""
    if not asked:
        return {}, [Problem("period.proposal_empty", {}, VALUES)]
    if len(asked) > len(declared.all):
        return {}, [Problem("period.too_many_values", {"most": len(declared.all)}, VALUES)]
    params, stands = (
        {param.name: param for param in declared.all},
        find_values_at(declared.all, period, effective),
    )
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
            problems += _compare_with_period(period, params[name], value, stands.get(name), (*place, "value"))
    return values, problems


def _compare_with_period(
    period: Period, param: Param, value: ParamValue, stood: ParamValue | None, path: tuple[str, ...]
) -> Iterator[Problem]:
    """What is wrong with a value beside what the period gave: another type, which plans would not read, or the same."""
    given = (revision.values[param.name] for revision in period.revisions if param.name in revision.values)
    other = next((was for was in given if type(was) is not type(value)), None)
    if other is not None:
        told = {"label": param.label, "value": format_value(other)}
        yield Problem("period.value_of_another_type", told, path)
    elif stood == value:
        yield Problem("period.value_same", {"label": param.label, "value": format_value(value)}, path)


def validate_values(
    period: Period, declared: ParameterDeclarations, values: Mapping[str, ParamValue], effective: datetime
) -> list[Problem]:
    """What is wrong with the changed values beside those that stand or are planned, each once, at the value's place."""
    judged = declared.relevant_to(values)
    places = {name: (*VALUES, str(index), "value") for index, name in enumerate(values)}
    problems: list[Problem] = []
    for _, whole in apply_change(period, values, effective):
        known = values_to_json({param.name: whole[param.name] for param in judged if param.name in whole})
        found = [
            Problem(finding.code, finding.params, places.get(str(finding.path[0]), VALUES))
            for finding in read_values(judged, known)[1]
        ]
        found += check_closing_day(period, whole, places.get("planning_closes", VALUES))
        problems += [problem for problem in found if problem not in problems]
    return problems


def check_effective_from(effective_from: datetime | None, now: datetime) -> Iterator[Problem]:
    """What is wrong with the instant from which a change is to be in force."""
    if effective_from is None:
        return
    if effective_from.tzinfo is None:
        yield Problem("period.effective_without_zone", {}, EFFECTIVE_FROM)
    elif effective_from < now:
        yield Problem("period.effective_in_the_past", {}, EFFECTIVE_FROM)
    elif effective_from - now > MAX_LEAD_TIME:
        yield Problem("period.effective_too_far", {"days": MAX_LEAD_TIME.days}, EFFECTIVE_FROM)
