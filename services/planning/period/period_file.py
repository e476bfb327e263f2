"""Period files: strict YAML, checked against the declared parameters and the stored period."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import ActorKind, AdminActor
from services.planning.period.catalog import Code, Text
from services.planning.period.model import (
    ParameterDeclarations,
    Period,
    Revision,
    find_problems,
    values_to_json,
)
from workflows.files.base import (
    UNKNOWN_KEY,
    FileModel,
    IsoDate,
    IsoInstant,
    NonEmpty,
    Scalar,
    StrictInt,
    validate,
)
from workflows.files.reader import read_mapping
from workflows.model.definition import Label
from workflows.model.facts import ParamValue
from workflows.model.findings import DefinitionError, Finding
from workflows.model.values import read_values

Model = TypeVar("Model", bound=BaseModel)

# Problem codes of pydantic errors. Other errors are "file.malformed".
PROBLEM_CODES = {
    "missing": "file.missing",
    UNKNOWN_KEY: "file.unknown_field",
    "int_type": "file.not_integer",
    "bool_type": "file.not_boolean",
    "string_type": "file.not_text",
    "tuple_type": "file.not_list",
    "model_type": "file.not_mapping",
    "dict_type": "file.not_mapping",
    "literal_error": "file.not_one_of",
    "greater_than": "file.not_positive",
    "too_short": "file.empty",
    "string_too_short": "file.empty",
}


def parse(model: type[Model], raw: bytes) -> Model:
    """Parse a YAML file. Raises RequestRefused with a `file.*` problem for each place that is wrong."""
    try:
        return validate(model, read_mapping(raw), PROBLEM_CODES, "file.malformed")
    except DefinitionError as error:
        raise RequestRefused(map(_problem, error.findings)) from error


def _problem(finding: Finding) -> Problem:
    position = {"line": finding.line or 1, "column": finding.column or 1}
    path = tuple(map(str, finding.path))
    if finding.code.startswith("yaml."):
        detail = {"detail_id": finding.message("id"), "detail_en": finding.message("en")}
        return Problem("file.unreadable", {**position, **detail}, path)
    if finding.code == "file.missing":
        path = (*path, str(finding.params["key"]))
    details = {name: finding.params[name] for name in ("known", "character") if name in finding.params}
    return Problem(finding.code, {"place": ".".join(path) or "file", **position, **details}, path)


class FileLabel(FileModel):
    """A name in both languages."""

    id: Text
    en: Text


class FileRevision(FileModel):
    """A revision whose values are not yet parsed."""

    number: Annotated[StrictInt, Field(gt=0)]
    effective_from: IsoInstant
    author: Text
    approver: Text
    reason: Text
    values: dict[str, Scalar]


class PeriodFile(FileModel):
    """The content of a period file."""

    code: Code
    label: FileLabel
    starts: IsoDate
    ends: IsoDate
    catalog: Code
    workflow: Code
    revisions: NonEmpty[FileRevision]


def read(raw: bytes) -> PeriodFile:
    """Parse a period file without checking its values. Raises RequestRefused if it is malformed."""
    return parse(PeriodFile, raw)


def build_period(
    file: PeriodFile, declarations: ParameterDeclarations, stored_period: Period | None = None
) -> Period:
    """Build the period of a file, its values parsed by their declarations. Raises RequestRefused with all problems.

    A stored revision is not checked again: it was valid by the declarations of its time.
    """
    stored_values = (
        {revision.number: revision.values for revision in stored_period.revisions} if stored_period else {}
    )
    revisions: list[Revision] = []
    problems: list[Problem] = []
    for index, row in enumerate(file.revisions):
        values, findings = _parse_values(row, declarations, stored_values.get(row.number, {}))
        author, approver = [AdminActor(ActorKind.INSTITUTION, name) for name in (row.author, row.approver)]
        revisions.append(Revision(row.number, values, author, approver, row.reason, row.effective_from))
        path = ("revisions", str(index), "values")
        problems += [
            Problem(finding.code, finding.params, (*path, *map(str, finding.path))) for finding in findings
        ]
    label = Label(file.label.id, file.label.en)
    period = Period(file.code, label, file.starts, file.ends, file.catalog, file.workflow, tuple(revisions))
    problems += find_problems(period, declarations.closes)
    if problems:
        raise RequestRefused(problems)
    return period


def _parse_values(
    row: FileRevision, declarations: ParameterDeclarations, stored_values: Mapping[str, ParamValue]
) -> tuple[Mapping[str, ParamValue], Sequence[Finding]]:
    """Parse the values of a revision. Values equal to the stored ones, or left out as defaults, are not checked."""
    defaults = {param.name: param.default for param in declarations.all if param.default is not None}
    omitted_values = {
        name: defaults[name] for name in stored_values if name in defaults and name not in row.values
    }
    if stored_values and values_to_json(stored_values) == {**values_to_json(omitted_values), **row.values}:
        return stored_values, ()
    return read_values(declarations.relevant_to(row.values), row.values)


def find_backdated(stored_period: Period, file_period: Period, now: datetime) -> tuple[Problem, ...]:
    """Find new revisions that would be effective in the past, where they would change decisions that were made."""
    numbers = {revision.number for revision in stored_period.revisions}
    return tuple(
        Problem("period.revision_in_the_past", {"number": revision.number}, ("revisions",))
        for revision in file_period.revisions
        if revision.number not in numbers and revision.effective_from < now
    )


def find_rewrites(
    stored_period: Period, file_period: Period, approved_numbers: Collection[int] = frozenset()
) -> tuple[Problem, ...]:
    """Find what an import would change in a stored period, whose fields and revisions are immutable.

    The file may lack revisions that were added by an approval (`approved_numbers`), and may name other persons there.
    """
    problems = [
        Problem("period.field_rewritten", {"code": stored_period.code, "field": name}, (name,))
        for name in ("label", "starts", "ends", "catalog", "workflow")
        if getattr(stored_period, name) != getattr(file_period, name)
    ]
    file_revisions = {revision.number: revision for revision in file_period.revisions}
    for revision in stored_period.revisions:
        file_revision = file_revisions.get(revision.number)
        if revision.number in approved_numbers:
            file_revision = replace(
                file_revision or revision, author=revision.author, approver=revision.approver
            )
        if file_revision != revision:
            problems.append(Problem("period.revision_rewritten", {"number": revision.number}, ("revisions",)))
    return tuple(problems)
