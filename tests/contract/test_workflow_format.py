"""docs/workflow-format.md describes everything that a definition can name."""

from __future__ import annotations

import inspect

import pytest
from pydantic.fields import FieldInfo

from devtools.generate.workflow_format import FINDINGS, TERMS, workflow_format_page
from workflows.engine.authority import AUTHORITIES
from workflows.engine.effects import EFFECTS
from workflows.engine.machine import REQUIREMENTS
from workflows.engine.predicates import PREDICATES, ArgType, ResolvedBy
from workflows.files.definition_models import MODELS
from workflows.model.facts import Term
from workflows.model.messages import load_messages

FIELDS = [
    (name, field)
    for model in MODELS
    for name, field in zip(model.keys(), model.model_fields.values(), strict=True)
]
CODES = [
    *(code for predicate in PREDICATES.values() for code in (*predicate.codes, predicate.negated_code)),
    *(code for who in AUTHORITIES.values() for code in who.codes),
    *REQUIREMENTS.values(),
    *(code for code in load_messages() if code.partition(".")[0] in FINDINGS),
]


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_a_key_has_its_kind_of_value_and_its_meaning(name: str, field: FieldInfo) -> None:
    assert field.title
    assert (field.description or "").endswith(".")


def test_every_word_of_a_closed_list_has_a_meaning() -> None:
    lists: list[type[Term]] = [*TERMS.values(), ArgType, ResolvedBy]
    assert all(word.meaning for words in lists for word in words)


@pytest.mark.parametrize("code", sorted(set(CODES)))
def test_every_sentence_that_a_definition_can_bring_about_is_told(code: str) -> None:
    assert f"| `{code}`" in workflow_format_page()


def test_everything_that_is_registered_has_its_place() -> None:
    page = workflow_format_page()
    assert all(f"### `{name}`\n" in page for name in (*PREDICATES, *REQUIREMENTS))
    assert all(f"| `{name}` |" in page for name in EFFECTS)
    assert all(f"### `{{role: {by.role}, relation: {by.relation}}}`\n" in page for by in AUTHORITIES)


def test_no_condition_is_without_an_explanation() -> None:
    assert all(inspect.getdoc(predicate.test) for predicate in PREDICATES.values())
