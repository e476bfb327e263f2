"""The JSON Schemas accept the shipped files, and refuse each definition that the loader refuses for its shape."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from devtools.generate.json_schema import SCHEMAS
from tests.unit.planning.reference import CATALOG, PERIOD
from tests.unit.workflows.samples import change_shipped
from tests.unit.workflows.test_loader import INVALID_CHANGES
from workflows.files.loader import dump_yaml, load_shipped, read_shipped
from workflows.files.reader import read_mapping

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"
# A schema knows neither the type of a parameter's default nor names that occur twice nor blank texts.
BEYOND_A_SCHEMA = ("value.", "definition.twice", "definition.text_expected")
SHAPELESS = [
    (path, value) for path, value, code, _ in INVALID_CHANGES if not code.startswith(BEYOND_A_SCHEMA)
]


def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((FOLDER / f"{kind}.schema.json").read_bytes()))


@pytest.mark.parametrize("kind", SCHEMAS)
def test_schema_is_well_formed(kind: str) -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMAS[kind]()))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("definition", read_shipped(), id="definition"),
        pytest.param("definition", dump_yaml(load_shipped()), id="definition written anew"),
        pytest.param("period", PERIOD.read_bytes(), id="period"),
        pytest.param("catalog", CATALOG.read_bytes(), id="catalog"),
    ],
)
def test_schema_accepts_shipped_file(kind: str, text: bytes | str) -> None:
    assert list(validator(kind).iter_errors(read_mapping(text).value)) == []


@pytest.mark.parametrize(("path", "value"), SHAPELESS)
def test_schema_refuses_wrong_shape(path: str, value: object) -> None:
    assert not validator("definition").is_valid(read_mapping(change_shipped((path, value))).value)
