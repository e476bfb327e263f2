"""Definitions read from YAML and written as YAML."""

from __future__ import annotations

import json
from importlib.resources import files

import yaml

from workflows.files.base import NOT_EXACTLY_ONE, NOT_SCALAR, UNKNOWN_KEY, validate
from workflows.files.definition_models import Definition
from workflows.files.reader import read_document
from workflows.model import definition
from workflows.model.canonical import canonical_json

# What pydantic finds, as codes of ours; the other faults have one already.
CODES = {
    "missing": "definition.missing_key",
    UNKNOWN_KEY: "definition.unknown_key",
    NOT_EXACTLY_ONE: "definition.one_of",
    NOT_SCALAR: "definition.argument_expected",
    "model_type": "definition.mapping_expected",
    "dict_type": "definition.mapping_expected",
    "tuple_type": "definition.list_expected",
    "too_short": "definition.list_expected",
    "bool_type": "definition.bool_expected",
    "int_type": "definition.int_expected",
    "enum": "definition.unknown_word",
}


def read_shipped(name: str = "perencanaan-kinerja") -> bytes:
    """The text of a definition that comes with Rencana."""
    return files("workflows").joinpath("definitions", f"{name}.yaml").read_bytes()


def load_shipped(name: str = "perencanaan-kinerja") -> definition.Definition:
    """The definition that comes with Rencana."""
    return load_definition(read_shipped(name))


def load_definition(source: bytes | str) -> definition.Definition:
    """A definition from strict YAML. Raises `DefinitionError` with every finding, whatever the bytes."""
    document = read_document(source)
    file = validate(Definition, document, CODES, "definition.malformed")
    built: definition.Definition = file.to_definition(positions=document.positions)
    return built


def dump_yaml(version: definition.Definition) -> str:
    """Strict YAML that `load` reads as the same version; what has its default is left out."""
    file = Definition.model_validate(json.loads(canonical_json(version)))
    document = file.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text: str = yaml.safe_dump(
        document, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110
    )
    return text
