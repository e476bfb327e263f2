"""Definitions in YAML: reading, writing, and the one that comes with Rencana."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import yaml

from workflows.files.base import NOT_EXACTLY_ONE, NOT_SCALAR, UNKNOWN_KEY, validate
from workflows.files.definition_models import DefinitionModel
from workflows.files.reader import Document, read_document
from workflows.model import definition
from workflows.model.canonical import canonical_json

# Pydantic's error types as codes of findings. Our own errors have their code as type.
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


def read_shipped() -> bytes:
    """Return the YAML of the definition that comes with Rencana."""
    return files("workflows").joinpath("definitions", "perencanaan-kinerja.yaml").read_bytes()


@cache
def load_shipped() -> definition.Definition:
    """Return the definition that comes with Rencana."""
    return load_definition(read_shipped())


def load_definition(source: bytes | str) -> definition.Definition:
    """Return a definition from strict YAML. Raises DefinitionError with every finding, for any bytes."""
    return build_definition(read_document(source))


def build_definition(document: Document) -> definition.Definition:
    """Return the definition of a document. Raises DefinitionError with every finding."""
    model = validate(DefinitionModel, document, CODES, "definition.malformed")
    version: definition.Definition = model.to_definition(positions=document.positions)
    return version


def dump_yaml(version: definition.Definition) -> str:
    """Return YAML that `load_definition` reads as the same version, without values that equal their default."""
    model = DefinitionModel.model_validate(json.loads(canonical_json(version)))
    # Pydantic would warn about the date of a default, which a validator of ours reads.
    document = model.model_dump(mode="json", by_alias=True, exclude_defaults=True, warnings=False)
    text: str = yaml.safe_dump(
        document, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110
    )
    return text
