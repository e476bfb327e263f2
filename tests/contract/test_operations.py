"""The documents of clients: each fits the SDL and the limits, and a scenario of the demo sends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationRule,
    Visitor,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
    visit,
)

from services.planning.api.extensions import MAX_TOKENS, RULES
from services.planning.api.limits import LIMITS, Size, measure_operation
from tests.contract.sdl import DOCUMENTS, GRAPHQL, load_contract

SCENARIOS = GRAPHQL.parent / "demo" / "scenarios"


def document_name(path: Path) -> str:
    return str(path.relative_to(GRAPHQL / "operations").with_suffix(""))


def test_web_and_mobile_clients_have_documents() -> None:
    assert {document_name(path).partition("/")[0] for path in DOCUMENTS} >= {"web", "mobile"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=document_name)
def test_document_fits_the_contract(path: Path) -> None:
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


class _AddTypenames(Visitor):
    """What Apollo Client, urql and Relay do to a document before they send it."""

    def leave_selection_set(self, node: SelectionSetNode, _: object, parent: object, *__: object) -> object:
        if isinstance(parent, OperationDefinitionNode):
            return None
        typename = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
        return SelectionSetNode(selections=(*node.selections, typename))


def measure(document: DocumentNode) -> Size:
    operation = get_operation_ast(document)
    assert isinstance(operation, OperationDefinitionNode)
    return measure_operation(load_contract(), document, operation, {})


@pytest.mark.parametrize("path", DOCUMENTS, ids=document_name)
def test_document_costs_at_most_half_of_the_limit_also_as_clients_send_it(path: Path) -> None:
    document = parse(path.read_text())
    sent_document: DocumentNode = visit(document, _AddTypenames())
    size = measure(document)
    assert measure(sent_document).cost == size.cost
    assert size.cost * 2 <= LIMITS.cost


def test_validation_finds_an_unknown_field() -> None:
    assert validate(load_contract(), parse("{ viewer { gaji } }"), [*specified_rules])


@pytest.mark.parametrize("path", DOCUMENTS, ids=document_name)
def test_scenario_of_the_demo_sends_the_document(path: Path) -> None:
    scenarios = "".join(scenario.read_text() for scenario in SCENARIOS.glob("*.py"))
    assert f'"{path.stem}"' in scenarios
