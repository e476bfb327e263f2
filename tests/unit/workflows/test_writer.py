"""A definition given out as YAML reads as the very same version."""

from __future__ import annotations

from hypothesis import given

from tests.unit.workflows.drafts import drafts
from workflows.files.loader import as_yaml, load, shipped
from workflows.model.canonical import sha256
from workflows.model.definition import Definition


@given(drafts())
def test_a_definition_at_random_comes_back(definition: Definition) -> None:
    assert sha256(load(as_yaml(definition))) == sha256(definition)


def test_the_shipped_one_is_given_out_as_an_author_would_write_it() -> None:
    text = as_yaml(load(shipped()))
    assert text.startswith(
        "format: 1\nworkflow: perencanaan-kinerja\nlabel: {id: Perencanaan Kinerja guru, "
        "en: Teacher's performance plan}\nparams:\n"
    )
    assert "  when:\n    all:\n    - may_plan\n    - profile_confirmed\n" in text


def test_labels_that_yaml_would_take_for_something_else_stay_text() -> None:
    text = shipped().decode()
    for label in ("yes", "'null'", "12:30", "0755", "'#1: {a} & *b'", '"x 😀"', "'- x'", '"1.10"'):
        spoiled = load(text.replace("id: Diajukan,", f"id: {label},"))
        assert sha256(load(as_yaml(spoiled))) == sha256(spoiled) != sha256(load(text))
