"""A definition dumped as YAML loads as the same version."""

from __future__ import annotations

from hypothesis import given

from tests.unit.workflows.random_definitions import definitions
from tests.unit.workflows.samples import change_shipped
from workflows.files.loader import dump_yaml, load_definition, load_shipped, read_shipped
from workflows.model.canonical import hash_definition
from workflows.model.definition import Definition


@given(definitions())
def test_a_dumped_definition_loads_as_the_same_version(definition: Definition) -> None:
    assert hash_definition(load_definition(dump_yaml(definition))) == hash_definition(definition)


def test_a_date_by_default_is_dumped() -> None:
    definition = load_definition(change_shipped(("params.planning_opens.default", "2024-01-01")))
    assert hash_definition(load_definition(dump_yaml(definition))) == hash_definition(definition)


def test_the_shipped_definition_is_dumped_without_defaults() -> None:
    text = dump_yaml(load_shipped())
    assert text.startswith(
        "format: 1\nworkflow: perencanaan-kinerja\nlabel: {id: Perencanaan Kinerja guru, "
        "en: Teacher's performance plan}\ncontract:\n"
    )
    assert "  when:\n    all:\n    - may_plan\n    - profile_confirmed\n" in text


def test_labels_that_yaml_would_convert_stay_text() -> None:
    text = read_shipped().decode()
    for label in ("yes", "'null'", "12:30", "0755", "'#1: {a} & *b'", '"x 😀"', "'- x'", '"1.10"'):
        definition = load_definition(text.replace("id: Diajukan,", f"id: {label},"))
        assert (
            hash_definition(load_definition(dump_yaml(definition)))
            == hash_definition(definition)
            != hash_definition(load_definition(text))
        )
