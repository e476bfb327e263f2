"""The documents of clients: each fits the SDL and the limits, and a scenario of the demo sends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, ValidationRule, build_schema, parse, specified_rules, validate

from services.planning.api.extensions import MAX_TOKENS, RULES
from services.planning.api.limits import LIMITS, OperationLimits
from tests.contract.sdl import DOCUMENTS, GRAPHQL, load_contract

SCENARIOS = GRAPHQL.parent / "demo" / "scenarios"


def document_name(path: Path) -> str:
    return str(path.relative_to(GRAPHQL / "operations").with_suffix(""))


def test_web_and_mobile_clients_have_documents() -> None:
    assert {document_name(path).partition("/")[0] for path in DOCUMENTS} >= {"web", "mobile"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=document_name)
def test_document_fits_the_contract_and_its_limits(path: Path) -> None:
    document = parse(path.read_text(), max_tokens=MAX_TOKENS)
    rules: list[type[ValidationRule]] = [*specified_rules, *RULES]  # type: ignore[list-item]
    assert validate(load_contract(), document, rules) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=document_name)
def test_document_has_one_operation_named_like_its_file(path: Path) -> None:
    names = [
        definition.name and definition.name.value
        for definition in parse(path.read_text()).definitions
        if isinstance(definition, OperationDefinitionNode)
    ]
    assert names == [path.stem]


def test_validation_finds_an_unknown_field_and_an_exceeded_limit() -> None:
    assert validate(load_contract(), parse("{ viewer { gaji } }"), [*specified_rules])

    deep = "{ a " * (LIMITS.depth + 1) + "{ b }" + " }" * (LIMITS.depth + 1)
    recursive = build_schema("type Query { a: Query b: Int }")
    assert validate(recursive, parse(deep), [OperationLimits])


@pytest.mark.parametrize("path", DOCUMENTS, ids=document_name)
def test_scenario_of_the_demo_sends_the_document(path: Path) -> None:
    scenarios = "".join(scenario.read_text() for scenario in SCENARIOS.glob("*.py"))
    assert f'"{path.stem}"' in scenarios
