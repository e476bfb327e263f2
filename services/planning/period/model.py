"""A period of Pengelolaan Kinerja: its days, its parameter values in force at an instant, and whether they add up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from services.kit.problems import Problem, RequestRefused
from workflows.engine.machine import Workflow
from workflows.model.definition import Definition, Param
from workflows.model.facts import ParamValue
from workflows.model.findings import Finding
from workflows.model.messages import Phrase
from workflows.model.values import read_values

WIB, WIT = "Asia/Jakarta", "Asia/Jayapura"  # the day begins in the east and ends in the west


@dataclass(frozen=True, slots=True)
class Revision:
    """All parameter values from `effective_from` on; a later revision replaces it, nothing ever edits it."""

    number: int
    values: Mapping[str, ParamValue]
    author: str
    approver: str
    reason: str
    effective_from: datetime


@dataclass(frozen=True, slots=True)
class Label:
    """A name in Indonesian and English."""

    id: str
    en: str


@dataclass(frozen=True, slots=True)
class Period:
    """A period; `catalog` and `workflow` name what it uses, `ends` is its last day."""

    code: str
    label: Label
    starts: date
    ends: date
    catalog: str
    workflow: str
    revisions: tuple[Revision, ...]

    def parameters_at(self, now: datetime) -> Revision:
        """The revision in force: of those already effective the latest, of these the highest number.

        Before the first becomes effective it is the first one: it announces the dates to come. A value that later
        revisions no longer name stays as it was, for plans whose version of the workflow still reads it.
        """
        effective = [revision for revision in self.revisions if revision.effective_from <= now]
        order = sorted(effective or self.revisions[:1], key=lambda one: (one.effective_from, one.number))
        values = {name: value for revision in order for name, value in revision.values.items()}
        return replace(order[-1], values=values)


@dataclass(frozen=True, slots=True)
class Window:
    """An interval of instants: `opens` belongs to it, `closes` does not."""

    opens: datetime
    closes: datetime


def planning_window(revision: Revision, zone: str | None) -> Window:
    """When teachers of a zone may start and first submit: midnight of the first day to the end of the last.

    Where the zone of a school is unknown, the window is open as long as it is open anywhere in the country: a
    gap in the registry is not the teacher's fault.
    """
    opens, closes = get_date(revision, "planning_opens"), get_date(revision, "planning_closes")
    first, last = (zone, zone) if zone else (WIT, WIB)
    return Window(local_midnight(opens, first), local_midnight(closes + timedelta(days=1), last))


def get_date(revision: Revision, name: str) -> date:
    """A parameter that is a calendar date; TypeError where it is something else."""
    value = revision.values[name]
    if not isinstance(value, date):
        raise TypeError(f"{name} is not a date")
    return value


def local_midnight(day: date, zone: str) -> datetime:
    """The instant, in UTC, at which a day begins in a zone."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def parse_period_code(code: str) -> tuple[date, date] | None:
    """First and last day by code: `2024-1` is Jan–Jun, `2024-2` Jul–Dec (Guide FAQ), `2025` the year."""
    match = re.fullmatch(r"(2\d{3})(?:-([12]))?", code)
    if match is None:
        return None
    year, semester = int(match[1]), match[2]
    first_month, last_day = {"1": (1, (6, 30)), "2": (7, (12, 31)), None: (1, (12, 31))}[semester]
    return date(year, first_month, 1), date(year, *last_day)


@dataclass(frozen=True, slots=True)
class ParameterDeclarations:
    """Parameters of a period's workflow: `own` of the published version, `coming` of those that may yet be published.

    What is only coming is never required, but can be given: so a version can ask for a value without a default, and
    find it there when it is published.
    """

    published: tuple[Param, ...]
    upcoming: tuple[Param, ...] = ()

    @property
    def all(self) -> tuple[Param, ...]:
        """Whatever may be given."""
        return (*self.published, *self.upcoming)

    def relevant_to(self, names: Collection[str]) -> tuple[Param, ...]:
        """What is looked at when some are given: all that is in force, and of what is coming these alone."""
        return (*self.published, *(param for param in self.upcoming if param.name in names))


JsonValue = str | int | bool


def resolve_parameters(definition: Definition, revision: Revision) -> Mapping[str, ParamValue]:
    """What a version of the workflow reads of a period's values; RequestRefused where the period has no such value."""
    values = {param.name: revision.values.get(param.name, param.default) for param in definition.params}
    if missing := [name for name, value in values.items() if value is None]:
        raise RequestRefused(Problem("period.parameter_missing", {"name": name}, (name,)) for name in missing)
    return {name: value for name, value in values.items() if value is not None}


def values_from_json(values: Mapping[str, JsonValue]) -> dict[str, ParamValue]:
    """The values that JSON holds, without the workflow, which plans of one period have several of: text is a day."""
    return {
        name: date.fromisoformat(value) if isinstance(value, str) else value for name, value in values.items()
    }


def values_to_json(values: Mapping[str, ParamValue]) -> dict[str, JsonValue]:
    """The values as JSON can hold them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def find_problems(period: Period) -> tuple[Problem, ...]:
    """Everything wrong with a period beyond the types of its values; empty where it may be used."""
    return (*_days(period), *_revisions(period), *_closing(period))


def _days(period: Period) -> Iterator[Problem]:
    bounds = parse_period_code(period.code)
    if bounds is None:
        yield Problem("period.code_malformed", {"code": period.code}, ("code",))
    elif (period.starts, period.ends) != bounds:
        params = {"code": period.code, "starts": bounds[0].isoformat(), "ends": bounds[1].isoformat()}
        yield Problem("period.days_of_other_period", params, ("starts",))


def _revisions(period: Period) -> Iterator[Problem]:
    for index, revision in enumerate(period.revisions):
        path = ("revisions", str(index))
        if revision.number != index + 1:
            params = {"number": revision.number, "expected": index + 1}
            yield Problem("period.revision_number", params, (*path, "number"))
        if revision.author.strip().casefold() == revision.approver.strip().casefold():
            yield Problem("period.approver_is_author", {"number": revision.number}, (*path, "approver"))
        if not 2000 <= revision.effective_from.year < 3000:
            # PostgreSQL would give back an instant that Python cannot hold, and the period could not be read again.
            yield Problem(
                "period.instant_out_of_bounds", {"number": revision.number}, (*path, "effective_from")
            )
    for index, (earlier, later) in enumerate(pairwise(period.revisions), 1):
        # One that became effective before its predecessor would change decisions already taken.
        if later.effective_from < earlier.effective_from:
            place = ("revisions", str(index), "effective_from")
            yield Problem("period.revision_out_of_order", {"number": later.number}, place)


def _closing(period: Period) -> Iterator[Problem]:
    for index, revision in enumerate(period.revisions):
        path = ("revisions", str(index), "values", "planning_closes")
        yield from check_closing_day(period, revision.values, path)


def check_closing_day(
    period: Period, values: Mapping[str, ParamValue], path: tuple[str, ...]
) -> Iterator[Problem]:
    """Whether planning would close after the period.

    That it closes no earlier than it opens is declared with the parameter itself (`not_before`).
    """
    closes = values.get("planning_closes")
    if isinstance(closes, date) and closes > period.ends:
        yield Problem("period.closes_after_period", {"ends": period.ends.isoformat()}, path)


PATH = ("sha256",)


def find_unfit_parameters(definition: Definition, period: Period, now: datetime) -> list[Problem]:
    """What a version lacks in a period, each once: in force now, or from some later instant on."""
    later = [revision.effective_from for revision in period.revisions if revision.effective_from > now]
    findings: list[Finding] = []
    for instant in (now, *later):
        values = values_to_json(period.parameters_at(instant).values)
        values = {param.name: values[param.name] for param in definition.params if param.name in values}
        findings += [
            finding for finding in read_values(definition.params, values)[1] if finding not in findings
        ]
    return [_problem(period, finding) for finding in findings]


def _problem(period: Period, finding: Finding) -> Problem:
    name = str(finding.path[0])
    if finding.code == "value.missing":
        return Problem("workflow.parameter_missing", {"period": period.code, "name": name}, PATH)
    why = Phrase(finding.code, finding.params)
    return Problem("workflow.parameter_unfit", {"period": period.code, "name": name, "why": why}, PATH)


@dataclass(frozen=True, slots=True)
class PeriodSetup:
    """A period with what it uses now: the identity of its catalogue, and its workflow."""

    period: Period
    catalog: str
    workflow: Workflow
