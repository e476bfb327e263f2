"""Reading a data file into its model: strict YAML, strict types, every fault of shape told at once."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.kit.problem import Problem, Refused
from workflows.findings import DefinitionError, Finding
from workflows.reader import read_yaml

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
