"""docs/workflow-format.md is what the code says, and leaves nothing out that a definition can name."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from workflows.engine.machine import REQUIREMENTS
from workflows.engine.people import EFFECTS, WHO
from workflows.engine.predicates import PREDICATES, ArgType, Mender
from workflows.files import loader, timer_loader, tree_loader
from workflows.files.format import SHAPES, Key
from workflows.files.reference import FINDINGS, TERMS, reference
from workflows.model.terms import Term
from workflows.model.texts import texts

PAGE = Path(__file__).parents[2] / "docs" / "workflow-format.md"
KEYS = [key for shape in SHAPES for key in shape.keys]
CODES = [
    *(code for predicate in PREDICATES.values() for code in (*predicate.codes, predicate.negative)),
    *(code for who in WHO.values() for code in who.codes),
    *REQUIREMENTS.values(),
    *(code for code in texts() if code.partition(".")[0] in FINDINGS),
]


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text() == reference(), "run `make schema`, and read the difference"


def keys_read(source: str) -> set[str]:
    """The keys that the loader takes out of a mapping: `keys["from"]`, `_flag(keys, "final")`, `"when" in keys`."""
    read: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            read.add(str(node.slice.value))
        if isinstance(node, ast.Call) and len(node.args) == 2 and isinstance(node.args[1], ast.Constant):
            read.add(str(node.args[1].value))
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant):
            read.add(str(node.left.value))
    return read


def test_every_key_that_the_loader_reads_is_told_and_no_other() -> None:
    source = "".join(map(inspect.getsource, (loader, tree_loader, timer_loader)))
    assert {key.name for key in KEYS} == keys_read(source) - {
        "not", "all", "any", "definitions"
    }  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_a_key_says_what_it_holds_and_means(key: Key) -> None:
    assert key.holds
    assert key.meaning.endswith(".")


def test_every_word_of_a_closed_list_has_a_meaning() -> None:
    lists: list[type[Term]] = [*TERMS.values(), ArgType, Mender]
    assert all(word.meaning for words in lists for word in words)


@pytest.mark.parametrize("code", sorted(set(CODES)))
def test_every_sentence_that_a_definition_can_bring_about_is_told(code: str) -> None:
    assert f"| `{code}`" in reference()


def test_everything_that_is_registered_has_its_place() -> None:
    page = reference()
    assert all(f"### `{name}`\n" in page for name in (*PREDICATES, *REQUIREMENTS))
    assert all(f"| `{name}` |" in page for name in EFFECTS)
    assert all(f"### `{{role: {by.role}, relation: {by.relation}}}`\n" in page for by in WHO)


def test_no_condition_is_without_an_explanation() -> None:
    assert all(inspect.getdoc(predicate.test) for predicate in PREDICATES.values())
