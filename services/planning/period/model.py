"""Periods of Pengelolaan Kinerja: their days, their parameter values and the rules that both must follow."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor
from workflows.engine.machine import Workflow
from workflows.model.contract import ContractValues
from workflows.model.definition import Definition, Label, Param
from workflows.model.facts import ParamValue
from workflows.model.findings import Finding
from workflows.model.messages import Phrase
from workflows.model.values import read_values

WIB, WIT = "Asia/Jakarta", "Asia/Jayapura"  # a day begins first in WIT and ends last in WIB
JsonValue = str | int | bool


@dataclass(frozen=True, slots=True)
class Revision:
    """All parameter values from `effective_from` on. A later revision replaces it; no revision is edited."""

    number: int
    values: Mapping[str, ParamValue]
    author: AdminActor
    approver: AdminActor
    reason: str
    effective_from: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """A period. `ends` is its last day; `catalog` and `workflow` are the names of its catalogue and its workflow."""

    code: str
    label: Label
    starts: date
    ends: date
    catalog: str
    workflow: str
    revisions: tuple[Revision, ...]

    def parameters_at(self, now: datetime) -> Revision:
        """Return the revision in force: the latest effective one, and of several the one with the highest number.

        Before any revision is effective it is the first one, which announces the dates. A value that later revisions
        do not name is kept, for plans whose workflow version still reads it.
        """
        effective = [revision for revision in self.revisions if revision.effective_from <= now]
        order = sorted(
            effective or self.revisions[:1], key=lambda revision: (revision.effective_from, revision.number)
        )
        values = {name: value for revision in order for name, value in revision.values.items()}
        return replace(order[-1], values=values)


@dataclass(frozen=True, slots=True)
class PeriodSetup:
    """A period with the SHA-256 of its newest catalogue and its published workflow."""

    period: Period
    catalog: str
    workflow: Workflow


@dataclass(frozen=True, slots=True)
class Window:
    """An interval of instants that includes `opens` and excludes `closes`."""

    opens: datetime
    closes: datetime


def planning_window(values: ContractValues, zone: str | None) -> Window:
    """Return when teachers of a zone may start a plan and submit it for the first time.

    The window runs from midnight of its first day to the end of its last day. For a school without a zone it is open
    while it is open anywhere in the country, because a gap in Dapodik is not the teacher's fault.
    """
    first, last = (zone, zone) if zone else (WIT, WIB)
    day_after = values.closes + timedelta(days=1)
    return Window(local_midnight(values.opens, first), local_midnight(day_after, last))


def local_midnight(day: date, zone: str) -> datetime:
    """Return the instant, in UTC, at which a day begins in a zone."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def parse_period_code(code: str) -> tuple[date, date] | None:
    """Return the first and last day of a period: `2024-1` is Jan–Jun, `2024-2` Jul–Dec (Guide FAQ), `2025` the year."""
    match = re.fullmatch(r"(2\d{3})(?:-([12]))?", code)
    if match is None:
        return None
    year, semester = int(match[1]), match[2]
    first_month, last_day = {"1": (1, (6, 30)), "2": (7, (12, 31)), None: (1, (12, 31))}[semester]
    return date(year, first_month, 1), date(year, *last_day)


@dataclass(frozen=True, slots=True)
class ParameterDeclarations:
    """Parameters of a period's workflow: of its published version, and of versions that may yet be published.

    Upcoming parameters are optional. So a period can give a value before the version that requires it is published.
    `closes` is the parameter that the published version's contract names as the last day of planning.
    """

    published: tuple[Param, ...]
    closes: str
    upcoming: tuple[Param, ...] = ()

    @property
    def all(self) -> tuple[Param, ...]:
        """Every parameter that a period may give a value for."""
        return (*self.published, *self.upcoming)

    def relevant_to(self, names: Collection[str]) -> tuple[Param, ...]:
        """Return the parameters to check: all published ones, and the upcoming ones among these names."""
        return (*self.published, *(param for param in self.upcoming if param.name in names))


def resolve_parameters(definition: Definition, revision: Revision) -> Mapping[str, ParamValue]:
    """Return the values that a workflow version reads. Raises RequestRefused for values that the period lacks."""
    values = {param.name: revision.values.get(param.name, param.default) for param in definition.params}
    if missing := [name for name, value in values.items() if value is None]:
        raise RequestRefused(Problem("period.parameter_missing", {"name": name}, (name,)) for name in missing)
    return {name: value for name, value in values.items() if value is not None}


def read_contract_values(definition: Definition, revision: Revision) -> ContractValues:
    """Return the values that the API shows of a period, by the contract of a workflow version.

    Raises RequestRefused for values that the period lacks.
    """
    return definition.contract.read_values(resolve_parameters(definition, revision))


def values_from_json(values: Mapping[str, JsonValue]) -> dict[str, ParamValue]:
    """Convert values from JSON. A text is a date: no other type of parameter is stored as text."""
    return {
        name: date.fromisoformat(value) if isinstance(value, str) else value for name, value in values.items()
    }


def values_to_json(values: Mapping[str, ParamValue]) -> dict[str, JsonValue]:
    """Convert values to JSON."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def find_problems(period: Period, closes: str) -> Iterator[Problem]:
    """Find everything wrong with a period except the types of its values. `closes` names the last day of planning."""
    days = parse_period_code(period.code)
    if days is None:
        yield Problem("period.code_malformed", {"code": period.code}, ("code",))
    elif (period.starts, period.ends) != days:
        params = {"code": period.code, "starts": days[0].isoformat(), "ends": days[1].isoformat()}
        yield Problem("period.days_of_other_period", params, ("starts",))
    for index, revision in enumerate(period.revisions):
        path = ("revisions", str(index))
        if revision.number != index + 1:
            numbers = {"number": revision.number, "expected": index + 1}
            yield Problem("period.revision_number", numbers, (*path, "number"))
        if revision.author.is_same_person(revision.approver):
            yield Problem("period.approver_is_author", {"number": revision.number}, (*path, "approver"))
        if not 2000 <= revision.effective_from.year < 3000:
            # PostgreSQL would return an instant that Python cannot hold, and nobody could load the period again.
            yield Problem(
                "period.instant_out_of_bounds", {"number": revision.number}, (*path, "effective_from")
            )
        yield from check_closing_day(period, revision.values.get(closes), (*path, "values", closes))
    for index, (earlier, later) in enumerate(pairwise(period.revisions), 1):
        # A revision that is effective before its predecessor would change decisions that were made.
        if later.effective_from < earlier.effective_from:
            yield Problem(
                "period.revision_out_of_order",
                {"number": later.number},
                ("revisions", str(index), "effective_from"),
            )


def check_closing_day(period: Period, closes: ParamValue | None, path: tuple[str, ...]) -> Iterator[Problem]:
    """Find whether planning would close before the period, so that nobody could plan in it, or after it."""
    if isinstance(closes, date) and closes < period.starts:
        yield Problem("period.closes_before_period", {"starts": period.starts.isoformat()}, path)
    if isinstance(closes, date) and closes > period.ends:
        yield Problem("period.closes_after_period", {"ends": period.ends.isoformat()}, path)


def find_unfit_parameters(definition: Definition, period: Period, now: datetime) -> list[Problem]:
    """Find the values that a workflow version needs and a period lacks, now or from a later instant on, once each."""
    later = [revision.effective_from for revision in period.revisions if revision.effective_from > now]
    findings: list[Finding] = []
    for instant in (now, *later):
        values = values_to_json(period.parameters_at(instant).values)
        values = {param.name: values[param.name] for param in definition.params if param.name in values}
        findings += [
            finding for finding in read_values(definition.params, values)[1] if finding not in findings
        ]
    return [_unfit_problem(period, finding) for finding in findings]


def _unfit_problem(period: Period, finding: Finding) -> Problem:
    params: dict[str, object] = {"period": period.code, "name": str(finding.path[0])}
    if finding.code == "value.missing":
        return Problem("workflow.parameter_missing", params, ("sha256",))
    params["problem"] = Phrase(finding.code, finding.params)
    return Problem("workflow.parameter_unfit", params, ("sha256",))
