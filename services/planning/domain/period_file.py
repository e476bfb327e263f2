"""Period files: read, checked against the parameters that the workflow declares, and never rewritten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from services.kit.problem import Problem, Refused
from services.planning.domain.catalog_rows import Code, Frozen, Text
from services.planning.domain.file_shape import parse
from services.planning.domain.period import Label, Period, Revision
from services.planning.domain.period_check import findings
from workflows import Param, ParamValue, read_values


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


def load(raw: bytes, declared: Sequence[Param]) -> Period:
    """The period of a YAML file, its values as the workflow declares them; Refused with all that is wrong."""
    file = parse(PeriodFile, raw)
    typed: list[Revision] = []
    problems: list[Problem] = []
    for index, row in enumerate(file.revisions):
        values, findings_here = read_values(declared, row.values)
        typed.append(_revision(row, values))
        place = ("revisions", str(index), "values")
        problems += [
            Problem(wrong.code, wrong.params, (*place, *map(str, wrong.path))) for wrong in findings_here
        ]
    label = Label(file.label.id, file.label.en)
    period = Period(file.code, label, file.starts, file.ends, file.catalog, file.workflow, tuple(typed))
    if found := (*problems, *findings(period)):
        raise Refused(found)
    return period


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


def _revision(row: RevisionInFile, values: Mapping[str, ParamValue]) -> Revision:
    return Revision(row.number, values, row.author, row.approver, row.reason, row.effective_from)
