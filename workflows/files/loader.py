"""Strict YAML → `Definition`. Refuses what is not exactly the format, and reports every fault at once."""

from __future__ import annotations

from importlib.resources import files

from workflows.files.model import NO_SCALAR, NOT_ONE_OF, UNKNOWN_KEY, validate
from workflows.files.models import Definition
from workflows.files.reader import read
from workflows.model import definition

# What pydantic finds, as codes of ours; the other faults have one already.
CODES = {
    "missing": "definition.missing_key",
    UNKNOWN_KEY: "definition.unknown_key",
    NOT_ONE_OF: "definition.one_of",
    NO_SCALAR: "definition.argument_expected",
    "model_type": "definition.mapping_expected",
    "dict_type": "definition.mapping_expected",
    "tuple_type": "definition.list_expected",
    "too_short": "definition.list_expected",
    "bool_type": "definition.bool_expected",
    "int_type": "definition.int_expected",
    "enum": "definition.unknown_word",
}


def shipped(name: str = "perencanaan-kinerja") -> bytes:
    """The text of a definition that comes with Rencana."""
    return files("workflows").joinpath("definitions", f"{name}.yaml").read_bytes()


def load(source: bytes | str) -> definition.Definition:
    """A definition from strict YAML. Raises `DefinitionError` with every finding, whatever the bytes."""
    document = read(source)
    file = validate(Definition, document, CODES, "definition.malformed")
    built: definition.Definition = file.build(positions=document.positions)
    return built
