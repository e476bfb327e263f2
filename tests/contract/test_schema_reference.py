"""The reference describes each query, mutation and type of the schema."""

from __future__ import annotations

import re

import pytest
from graphql import is_introspection_type, is_specified_scalar_type

from tests.composed import ROOT
from tests.contract.sdl import load_contract

PAGES = [
    (ROOT / "docs" / "reference" / f"{name}.md").read_text("utf-8")
    for name in ("queries", "mutations", "types")
]
SECTIONS = {
    section.partition("\n")[0]: section
    for page in PAGES
    for section in re.split(r"^###? ", page, flags=re.MULTILINE)
}
SCHEMA = load_contract()
ROOTS = {type_.name: type_ for type_ in (SCHEMA.query_type, SCHEMA.mutation_type) if type_}
TYPES = [
    name
    for name, type_ in SCHEMA.type_map.items()
    if not is_introspection_type(type_) and not is_specified_scalar_type(type_) and name not in ROOTS
]


def find_section(name: str) -> str:
    """The section of a type: its own, or that of the mutation that alone uses it."""
    stem = re.sub("(Input|Payload|Result)$", "", name)
    return SECTIONS.get(name) or SECTIONS[stem[0].lower() + stem[1:]]


@pytest.mark.parametrize("name", TYPES)
def test_section_describes_each_part_of_the_type(name: str) -> None:
    type_, section = SCHEMA.type_map[name], find_section(name)
    parts = getattr(type_, "fields", None) or getattr(type_, "values", {})
    rows = re.findall(r"^\| `(\w+)", section, flags=re.MULTILINE)
    assert set(parts) <= set(rows)


def test_sections_describe_each_query_with_its_arguments() -> None:
    assert SCHEMA.query_type
    for name, field in SCHEMA.query_type.fields.items():
        assert set(field.args) == set(re.findall(r"^\| `(\w+)", SECTIONS[name], flags=re.MULTILINE)), name


def test_sections_describe_each_mutation() -> None:
    assert SCHEMA.mutation_type
    assert set(SCHEMA.mutation_type.fields) <= set(SECTIONS)
