"""Does a period add up? Its days are a semester or a year, and its revisions follow each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from services.kit.problem import Problem
from services.planning.domain.period import Period, bounds_of
from workflows import ParamValue


def findings(period: Period) -> tuple[Problem, ...]:
    """Everything wrong with a period beyond the types of its values; empty where it may be used."""
    return (*_days(period), *_revisions(period), *_closing(period))


def _days(period: Period) -> Iterator[Problem]:
    bounds = bounds_of(period.code)
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
    for index, (earlier, later) in enumerate(pairwise(period.revisions), 1):
        # One that became effective before its predecessor would change decisions already taken.
        if later.effective_from < earlier.effective_from:
            place = ("revisions", str(index), "effective_from")
            yield Problem("period.revision_out_of_order", {"number": later.number}, place)


def _closing(period: Period) -> Iterator[Problem]:
    for index, revision in enumerate(period.revisions):
        path = ("revisions", str(index), "values", "planning_closes")
        yield from closing(period, revision.values, path)


def closing(period: Period, values: Mapping[str, ParamValue], path: tuple[str, ...]) -> Iterator[Problem]:
    """Whether planning would close after the period.

    That it closes no earlier than it opens is declared with the parameter itself (`not_before`).
    """
    closes = values.get("planning_closes")
    if isinstance(closes, date) and closes > period.ends:
        yield Problem("period.closes_after_period", {"ends": period.ends.isoformat()}, path)
