"""Period files: strict YAML read into a model, checked against what may be given."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field

from services.kit.problems import Problem, RequestRefused
from services.planning.period.catalog import Code, Text
from services.planning.period.model import (
    Label,
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
from workflows.model.facts import ParamValue
from workflows.model.findings import DefinitionError, Finding
from workflows.model.values import read_values

Model = TypeVar("Model", bound=BaseModel)

# What pydantic finds, as codes of ours; all else is "malformed".
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
    """The model that a YAML file describes; RequestRefused with `file.*` problems, one for each faulty place."""
    try:
        return validate(model, read_mapping(raw), PROBLEM_CODES, "file.malformed")
    except DefinitionError as error:
        raise RequestRefused(map(_problem, error.findings)) from error


def canonical(model: BaseModel) -> str:
    """Canonical JSON of a model: keys sorted, no spaces.

    Defaults are left out, so that an optional field added in a later version changes no identity.
    """
    data = model.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _problem(finding: Finding) -> Problem:
    position = {"line": finding.line or 1, "column": finding.column or 1}
    path = tuple(map(str, finding.path))
    if finding.code.startswith("yaml."):
        detail = {"detail_id": finding.message("id"), "detail_en": finding.message("en")}
        return Problem("file.unreadable", {**position, **detail}, path)
    if finding.code == "file.missing":
        path = (*path, str(finding.params["key"]))
    known = {"known": finding.params["known"]} if "known" in finding.params else {}
    return Problem(finding.code, {"place": ".".join(path) or "file", **position, **known}, path)


class FileLabel(FileModel):
    """A name in both languages."""

    id: Text
    en: Text


class FileRevision(FileModel):
    """One revision; its values get their types from the workflow."""

    number: Annotated[StrictInt, Field(gt=0)]
    effective_from: IsoInstant
    author: Text
    approver: Text
    reason: Text
    values: dict[str, Scalar]


class PeriodFile(FileModel):
    """A period as its file writes it."""

    code: Code
    label: FileLabel
    starts: IsoDate
    ends: IsoDate
    catalog: Code
    workflow: Code
    revisions: NonEmpty[FileRevision]


def read(raw: bytes) -> PeriodFile:
    """What a YAML file says, before anybody knows which values there may be; Refused where it is no such file."""
    return parse(PeriodFile, raw)


def build_period(file: PeriodFile, declared: ParameterDeclarations, stored: Period | None = None) -> Period:
    """The period of a file, its values as the workflow declares them; RequestRefused with all that is wrong.

    Revisions that stand were judged when they came, by what was declared then.
    """
    revisions: list[Revision] = []
    problems: list[Problem] = []
    for index, row in enumerate(file.revisions):
        values, found_here = _parse_values(row, declared, stored)
        revisions.append(
            Revision(row.number, values, row.author, row.approver, row.reason, row.effective_from)
        )
        place = ("revisions", str(index), "values")
        problems += [
            Problem(wrong.code, wrong.params, (*place, *map(str, wrong.path))) for wrong in found_here
        ]
    label = Label(file.label.id, file.label.en)
    period = Period(file.code, label, file.starts, file.ends, file.catalog, file.workflow, tuple(revisions))
    if found := (*problems, *find_problems(period)):
        raise RequestRefused(found)
    return period


def _parse_values(
    row: FileRevision, declared: ParameterDeclarations, stored: Period | None
) -> tuple[Mapping[str, ParamValue], Sequence[Finding]]:
    standing = (
        next((one.values for one in stored.revisions if one.number == row.number), {}) if stored else {}
    )
    defaults = {param.name: param.default for param in declared.all if param.default is not None}
    left_out = {name: defaults[name] for name in standing if name in defaults and name not in row.values}
    if standing and values_to_json(standing) == {**values_to_json(left_out), **row.values}:
        return standing, ()
    return read_values(declared.relevant_to(row.values), row.values)


def find_backdated(stored: Period, imported: Period, now: datetime) -> tuple[Problem, ...]:
    """Return a problem for each new revision that would take effect in the past: decisions already taken stay."""
    known = {revision.number for revision in stored.revisions}
    return tuple(
        Problem("period.revision_in_the_past", {"number": revision.number}, ("revisions",))
        for revision in imported.revisions
        if revision.number not in known and revision.effective_from < now
    )


def find_rewrites(
    stored: Period, imported: Period, approved_numbers: Collection[int] = frozenset()
) -> tuple[Problem, ...]:
    """What an import would change of a period in use, whose days and revisions stay as they were.

    Revisions that were `made_here`, by approving a change, need not stand in the file, and name the persons who did so.
    """
    problems = [
        Problem("period.field_rewritten", {"code": stored.code, "field": name}, (name,))
        for name in ("label", "starts", "ends", "catalog", "workflow")
        if getattr(stored, name) != getattr(imported, name)
    ]
    known = {revision.number: revision for revision in imported.revisions}
    for revision in stored.revisions:
        file_revision = known.get(revision.number)
        if revision.number in approved_numbers:
            file_revision = replace(
                file_revision or revision, author=revision.author, approver=revision.approver
            )
        if file_revision != revision:
            problems.append(Problem("period.revision_rewritten", {"number": revision.number}, ("revisions",)))
    return tuple(problems)
