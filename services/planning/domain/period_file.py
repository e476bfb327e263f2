"""Period files: read, checked against what may be given, and never rewritten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from services.kit.problem import Problem, Refused
from services.planning.domain.catalog_rows import Code, Frozen, Text
from services.planning.domain.declared import Declared
from services.planning.domain.file_shape import parse
from services.planning.domain.parameters import as_given
from services.planning.domain.period import Label, Period, Revision
from services.planning.domain.period_check import findings
from workflows import Finding, ParamValue, read_values


class LabelInFile(Frozen):
    """A name in both languages."""

    id: Text
    en: Text


class RevisionInFile(Frozen):
    """One revision; its values get their types from the workflow."""

    number: Annotated[int, Field(gt=0)]
    effective_from: AwareDatetime
    author: Text
    approver: Text
    reason: Text
    values: dict[str, str | int | bool]


class PeriodFile(Frozen):
    """A period as its file writes it."""

    code: Code
    label: LabelInFile
    starts: date
    ends: date
    catalog: Code
    workflow: Code
    revisions: Annotated[tuple[RevisionInFile, ...], Field(min_length=1)]


def read(raw: bytes) -> PeriodFile:
    """What a YAML file says, before anybody knows which values there may be; Refused where it is no such file."""
    return parse(PeriodFile, raw)


def typed(file: PeriodFile, declared: Declared, stored: Period | None = None) -> Period:
    """The period of a file, its values as the workflow declares them; Refused with all that is wrong.

    Revisions that stand were judged when they came, by what was declared then.
    """
    revisions: list[Revision] = []
    problems: list[Problem] = []
    for index, row in enumerate(file.revisions):
        values, found_here = _values(row, declared, stored)
        revisions.append(
            Revision(row.number, values, row.author, row.approver, row.reason, row.effective_from)
        )
        place = ("revisions", str(index), "values")
        problems += [
            Problem(wrong.code, wrong.params, (*place, *map(str, wrong.path))) for wrong in found_here
        ]
    label = Label(file.label.id, file.label.en)
    period = Period(file.code, label, file.starts, file.ends, file.catalog, file.workflow, tuple(revisions))
    if found := (*problems, *findings(period)):
        raise Refused(found)
    return period


def _values(
    row: RevisionInFile, declared: Declared, stored: Period | None
) -> tuple[Mapping[str, ParamValue], Sequence[Finding]]:
    standing = (
        next((one.values for one in stored.revisions if one.number == row.number), {}) if stored else {}
    )
    defaults = {param.name: param.default for param in declared.all if param.default is not None}
    left_out = {name: defaults[name] for name in standing if name in defaults and name not in row.values}
    if standing and as_given(standing) == {**as_given(left_out), **row.values}:
        return standing, ()
    return read_values(declared.judged(row.values), row.values)


def rewritten(
    stored: Period, imported: Period, made_here: Collection[int] = frozenset()
) -> tuple[Problem, ...]:
    """What an import would change of a period in use, whose days and revisions stay as they were.

    Revisions that were `made_here`, by approving a proposal, need not stand in the file.
    """
    problems = [
        Problem("period.field_rewritten", {"code": stored.code, "field": name}, (name,))
        for name in ("label", "starts", "ends", "catalog", "workflow")
        if getattr(stored, name) != getattr(imported, name)
    ]
    known = {revision.number: revision for revision in imported.revisions}
    for revision in stored.revisions:
        missing = revision.number not in known and revision.number in made_here
        if not missing and known.get(revision.number) != revision:
            problems.append(Problem("period.revision_rewritten", {"number": revision.number}, ("revisions",)))
    return tuple(problems)
