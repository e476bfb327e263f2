"""The documents that clients send: they fit the contract, stay within the limits, and somebody runs each."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, ValidationRule, build_schema, parse, specified_rules, validate

from services.planning.api.extensions import MAX_TOKENS, RULES
from services.planning.api.limits import LIMITS, OperationLimits
from tests.contract.sdl import DOCUMENTS, GRAPHQL, promised

STORIES = GRAPHQL.parent / "demo" / "stories"


def name_of(path: Path) -> str:
    return str(path.relative_to(GRAPHQL / "operations").with_suffix(""))


def test_there_are_documents_for_each_kind_of_client() -> None:
    assert {name_of(path).partition("/")[0] for path in DOCUMENTS} >= {"web", "mobile"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_document_fits_the_contract_and_its_limits(path: Path) -> None:
    document = parse(path.read_text(), max_tokens=MAX_TOKENS)
    rules: list[type[ValidationRule]] = [*specified_rules, *RULES]  # type: ignore[list-item]
    assert validate(promised(), document, rules) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_document_holds_one_operation_named_like_its_file(path: Path) -> None:
    names = [part.name and part.name.value for part in parse(path.read_text()).definitions
             if isinstance(part, OperationDefinitionNode)]  # fmt: skip
    assert names == [path.stem]


def test_a_document_that_asks_for_what_there_is_not_would_be_noticed() -> None:
    schema = promised()
    assert validate(schema, parse("{ viewer { gaji } }"), [*specified_rules])
    deep = "{ a " * (LIMITS.depth + 1) + "{ b }" + " }" * (LIMITS.depth + 1)
    loop = build_schema("type Query { a: Query b: Int }")
    assert validate(loop, parse(deep), [OperationLimits])


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_document_is_sent_by_some_story_of_the_demo(path: Path) -> None:
    """That each is also answered as told, the journeys prove."""
    told = "".join(story.read_text() for story in STORIES.glob("*.py"))
    assert f'"{path.stem}"' in told
