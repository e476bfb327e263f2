"""Period files: strict YAML read into a model, checked against what may be given."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from services.kit.problems import Problem, Refused
from services.planning.period.catalog import Code, Frozen, Text
from services.planning.period.model import Declared, Label, Period, Revision, as_given, findings
from workflows.files.reader import read_yaml
from workflows.model.facts import ParamValue
from workflows.model.findings import DefinitionError, Finding
from workflows.model.values import read_values

Model = TypeVar("Model", bound=BaseModel)

# What pydantic found, in the words of our messages; all else is "malformed".
FAULTS = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "int_type": "not_integer",
    "bool_type": "not_boolean",
    "string_type": "not_text",
    "tuple_type": "not_list",
    "model_type": "not_mapping",
    "dict_type": "not_mapping",
    "literal_error": "not_one_of",
    "greater_than": "not_positive",
    "too_short": "empty",
    "string_too_short": "empty",
}


def parse(model: type[Model], raw: bytes) -> Model:
    """The model that a YAML file describes; Refused with `file.*` problems, one for each faulty place."""
    try:
        data = read_yaml(raw)
    except DefinitionError as error:
        raise Refused(map(_unreadable, error.findings)) from error
    try:
        return model.model_validate_json(json.dumps(data))
    except ValidationError as error:
        faults = (_fault(item["type"], item["loc"], item.get("ctx", {})) for item in error.errors())
        raise Refused(faults) from error


def canonical(model: BaseModel) -> str:
    """Canonical JSON of a model: keys sorted, no spaces.

    Defaults are left out, so that an optional field added in a later version changes no identity.
    """
    data = model.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _fault(kind: str, place: tuple[int | str, ...], context: dict[str, Any]) -> Problem:
    path = tuple(str(step) for step in place)
    params = {"place": ".".join(path) or "file"}
    if "expected" in context:
        params["expected"] = str(context["expected"]).replace(" or ", ", ")
    return Problem(f"file.{FAULTS.get(kind, 'malformed')}", params, path)


def _unreadable(finding: Finding) -> Problem:
    path = tuple(str(step) for step in finding.path)
    detail = {"detail_id": finding.message("id"), "detail_en": finding.message("en")}
    return Problem("file.unreadable", {"line": finding.line or 1, **detail}, path)


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
