"""Rules for a change of a period's values: its form, its effect on the revisions, and when it is stale."""

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

VALUES, EFFECTIVE_FROM = ("values",), ("effective_from",)
SUBJECT = "period "
MAX_LEAD_TIME = timedelta(days=366)
ON, OFF, NOT_SET = Label("aktif", "on"), Label("tidak aktif", "off"), Label("belum diisi", "not set")

NamedValue = tuple[str, JsonValue]
OptionalValues = Mapping[str, ParamValue | None]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change request read as values of a period.

    Without `effective_from` the values are effective as soon as they are approved.
    """

    request: ChangeRequest
    period: str
    before: OptionalValues
    values: Mapping[str, ParamValue]
    effective_from: datetime | None

    @classmethod
    def read(cls, request: ChangeRequest) -> Proposal:
        """Read the JSON of a change request."""
        instant = request.after["effective_from"]
        return cls(
            request,
            request.subject.removeprefix(SUBJECT),
            values_from_json(request.before),
            values_from_json(request.after["values"]),
            datetime.fromisoformat(instant) if instant else None,
        )

    def effective_at(self, now: datetime) -> datetime:
        """Return when the values are effective if they are approved now: never in the past, where they would change
        decisions that were made.
        """
        return max(now, self.effective_from or now)

    @property
    def revisions(self) -> tuple[int, ...]:
        """The numbers of the revisions that the approval added."""
        return tuple(list_revision_numbers(self.request.acts))


def list_revision_numbers(acts: Iterable[AdminAct]) -> Iterator[int]:
    """List the numbers of the revisions that these acts added."""
    for act in acts:
        yield from act.detail.get("revisions", ())


@dataclass(frozen=True, slots=True)
class ValueChange:
    """The change of one value. `before` is None if the value was not set."""

    name: str
    label: Label
    before: ParamValue | None
    after: ParamValue

    @property
    def sentence(self) -> Problem:
        """The change as a sentence."""
        values = {
            "label": self.label,
            "before": format_value(self.before),
            "after": format_value(self.after),
        }
        return Problem("period.value_set" if self.before is None else "period.value_changes", values)


def format_value(value: ParamValue | None) -> object:
    """Return a value in a form that messages can show in both languages."""
    if value is None:
        return NOT_SET
    return (ON if value else OFF) if isinstance(value, bool) else value


def list_changes(
    params: Sequence[Param], before: OptionalValues, after: Mapping[str, ParamValue]
) -> list[ValueChange]:
    """List the values that differ. A parameter that `params` does not declare is labelled by its name."""
    labels = {param.name: param.label for param in params}
    return [
        ValueChange(name, labels.get(name, Label(name, name)), before.get(name), value)
        for name, value in after.items()
        if before.get(name) != value
    ]


def find_previous_values(period: Period, revision: Revision) -> OptionalValues:
    """Find the values that were in force before a revision."""
    earlier = tuple(one for one in period.revisions if one.number < revision.number)
    return replace(period, revisions=earlier).parameters_at(revision.effective_from).values if earlier else {}


def find_values_at(params: Sequence[Param], period: Period, instant: datetime) -> dict[str, ParamValue]:
    """Find the values in force at an instant: those of the period, and the defaults of its parameters."""
    defaults = {param.name: param.default for param in params if param.default is not None}
    return {**defaults, **period.parameters_at(instant).values}


def apply_change(
    period: Period, values: Mapping[str, ParamValue], effective: datetime
) -> Iterator[tuple[datetime, Mapping[str, ParamValue]]]:
    """Return all values of the period from each instant on, once `values` change.

    A later revision keeps the values that it changes itself and takes over the others. Each revision holds all values,
    so without this the change would end silently at the next one.
    """
    previous = period.parameters_at(effective).values
    yield effective, {**previous, **values}
    for later in sorted({one.effective_from for one in period.revisions if one.effective_from > effective}):
        next_values = period.parameters_at(later).values
        values = {
            name: value for name, value in values.items() if next_values.get(name) == previous.get(name)
        }
        if not values:
            return
        yield later, {**next_values, **values}
        previous = next_values


def find_undeclared_values(proposal: Proposal, declarations: ParameterDeclarations) -> Iterator[Problem]:
    """Find values that no version declares any more, because the draft that declared them was retired."""
    names = tuple(param.name for param in declarations.all)
    for name in proposal.values:
        if name not in names:
            yield Problem("value.unknown", {"name": name, "known": names})


def find_outdated_values(
    proposal: Proposal, params: Sequence[Param], current: OptionalValues
) -> Iterator[Problem]:
    """Find values that have changed since the proposal, because its approval would silently undo that change."""
    labels = {param.name: param.label for param in params}
    for name in proposal.values:
        before, now = proposal.before.get(name), current.get(name)
        if before != now:
            texts = {
                "label": labels.get(name, name),
                "before": format_value(before),
                "now": format_value(now),
            }
            yield Problem("period.proposal_outdated", texts)


def parse_values(
    period: Period, declarations: ParameterDeclarations, values: Sequence[NamedValue], effective: datetime
) -> tuple[dict[str, ParamValue], list[Problem]]:
    """Parse each value by the type of its parameter. Returns the values, and what is wrong with single values."""
    if not values:
        return {}, [Problem("period.proposal_empty", {}, VALUES)]
    params = {param.name: param for param in declarations.all}
    if len(values) > len(declarations.all):
        return {}, [Problem("period.too_many_values", {"most": len(declarations.all)}, VALUES)]
    current = find_values_at(declarations.all, period, effective)
    result: dict[str, ParamValue] = {}
    problems: list[Problem] = []
    for index, (name, raw) in enumerate(values):
        path = (*VALUES, str(index))
        if name not in params:
            unknown = {"name": name, "known": tuple(params)}
            problems.append(Problem("value.unknown", unknown, (*path, "name")))
            continue
        if name in dict(values[:index]):
            problems.append(Problem("period.value_twice", {"name": name}, (*path, "name")))
            continue
        value, findings = parse_value(params[name], raw)
        problems += [Problem(finding.code, finding.params, (*path, "value")) for finding in findings]
        if value is not None:
            result[name] = value
            problems += _compare(period, params[name], value, current.get(name), (*path, "value"))
    return result, problems


def _compare(
    period: Period, param: Param, value: ParamValue, current: ParamValue | None, path: tuple[str, ...]
) -> Iterator[Problem]:
    """Find whether a value equals the current one, or has another type than before, which plans could not read."""
    former_values = (one.values[param.name] for one in period.revisions if param.name in one.values)
    former = next((one for one in former_values if type(one) is not type(value)), None)
    if former is not None:
        texts = {"label": param.label, "value": format_value(former)}
        yield Problem("period.value_of_another_type", texts, path)
    elif current == value:
        yield Problem("period.value_same", {"label": param.label, "value": format_value(value)}, path)


def validate_values(
    period: Period, declarations: ParameterDeclarations, values: Mapping[str, ParamValue], effective: datetime
) -> list[Problem]:
    """Find what is wrong with new values together with the others, at each instant and once each."""
    params = declarations.relevant_to(values)
    paths = {name: (*VALUES, str(index), "value") for index, name in enumerate(values)}
    problems: list[Problem] = []
    for _, all_values in apply_change(period, values, effective):
        json_values = {param.name: all_values[param.name] for param in params if param.name in all_values}
        findings = read_values(params, values_to_json(json_values))[1]
        new_problems = [
            Problem(finding.code, finding.params, paths.get(str(finding.path[0]), VALUES))
            for finding in findings
        ]
        new_problems += check_closing_day(
            period, all_values.get(declarations.closes), paths.get(declarations.closes, VALUES)
        )
        problems += [problem for problem in new_problems if problem not in problems]
    return problems


def check_effective_from(effective_from: datetime | None, now: datetime) -> Iterator[Problem]:
    """Find what is wrong with the instant from which values are to be effective."""
    if effective_from is None:
        return
    if effective_from < now:
        yield Problem("period.effective_in_the_past", {}, EFFECTIVE_FROM)
    elif effective_from - now > MAX_LEAD_TIME:
        yield Problem("period.effective_too_far", {"days": MAX_LEAD_TIME.days}, EFFECTIVE_FROM)
