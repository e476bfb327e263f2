"""The documents of clients: each fits the SDL and the limits, and a scenario of the demo sends it."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from graphql import (
    REMOVE,
    DocumentNode,
    Node,
    Visitor,
    build_ast_schema,
    get_operation_ast,
    parse,
    validate,
    visit,
)

from devtools.client_documents import OPERATIONS, ClientDocument, load_documents
from devtools.generate.trusted_documents import list_forms
from services.planning.api.documents import (
    MANIFEST,
    RULES,
    Document,
    DocumentCache,
    compute_digest,
    load_trusted_documents,
)
from services.planning.api.limits import LIMITS, Size, measure_operation
from tests.contract.sdl import GRAPHQL, SDL_FILE, load_contract

SCENARIOS = GRAPHQL.parent / "demo" / "scenarios"
DOCUMENTS = {f"{document.client}/{document.name}": document for document in load_documents()}


def test_web_and_mobile_clients_have_documents() -> None:
    assert {document.client for document in DOCUMENTS.values()} >= {"web", "mobile"}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_document_fits_the_contract_and_the_limits_as_clients_send_it(document: ClientDocument) -> None:
    for text in (document.text, document.text_with_typenames):
        DocumentCache(load_contract()).prepare(Document(text, text), None, {})


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_has_one_operation_named_like_its_file(name: str) -> None:
    assert (OPERATIONS / f"{name}.graphql").exists()


def measure(text: str) -> Size:
    document: DocumentNode = parse(text)
    operation = get_operation_ast(document)
    assert operation
    return measure_operation(load_contract(), document, operation, {})


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_document_costs_at_most_half_of_the_limit_also_as_clients_send_it(document: ClientDocument) -> None:
    size = measure(document.text)
    assert measure(document.text_with_typenames).cost == size.cost
    assert size.cost * 2 <= LIMITS.cost
    assert measure(document.text_with_typenames).fields * 2 <= LIMITS.fields


class _WithoutTags(Visitor):
    """Removes what is tagged as for admins, as a generator of a phone does."""

    def enter(self, node: Node, *_: object) -> object:
        directives = getattr(node, "directives", None) or ()
        return REMOVE if any(directive.name.value == "tag" for directive in directives) else None


def test_documents_of_other_clients_need_nothing_that_is_tagged_for_admins() -> None:
    schema = build_ast_schema(visit(parse(SDL_FILE.read_text()), _WithoutTags()))
    assert "Query" in schema.type_map
    assert schema.type_map.keys().isdisjoint({"ChangeRequest", "TimerIncident", "WorkflowVersion"})
    used = {name: validate(schema, parse(document.text), RULES) for name, document in DOCUMENTS.items()}
    assert {name.partition("/")[0] for name, errors in used.items() if errors} == {"admin"}, used


def test_validation_finds_an_unknown_field() -> None:
    assert validate(load_contract(), parse("{ viewer { gaji } }"), RULES)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_scenario_of_the_demo_sends_the_document(name: str) -> None:
    scenarios = "".join(scenario.read_text() for scenario in SCENARIOS.glob("*.py"))
    assert f'"{name.rpartition("/")[2]}"' in scenarios


def test_manifest_names_each_text_by_its_digest() -> None:
    operations = json.loads(MANIFEST.read_bytes())["operations"]
    for operation in operations:
        assert operation["id"] == sha256(operation["body"].encode()).hexdigest()
    assert {f"{operation['clientName']}/{operation['name']}" for operation in operations} == set(DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_each_form_that_clients_send_is_trusted(document: ClientDocument) -> None:
    documents = load_trusted_documents()
    assert all(documents[compute_digest(text)].text == text for text in list_forms(document))


SAMPLE = {
    "Plan": """
# A plan, and who must act.
query Plan($id: ID!, $first: Int = 20, $name: String = "a") {
  plan(id: $id) { ...Turn ...Head a: label comments(first: $first, name: $name) { nodes { id } } }
}
fragment Turn on Plan { turn { who __typename until } ... on Plan { ...Head } }
""",
    "shared": """
fragment Head on Plan { id version state { phase } }
fragment Unused on Plan { id }
""",
}


def test_real_tools_compute_the_same_digests(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    for name, text in SAMPLE.items():
        (tmp_path / "web" / f"{name}.graphql").write_text(text)
    (document,) = load_documents(tmp_path)
    assert [compute_digest(text) for text in list_forms(document)] == [
        "53628c71bd7985107410ff7d463dd8e6df0188190a4a34976441918404e9b690",  # print of graphql 16.15
        "abe035d3fa56db14fdb0419e5d277e0a9d2a92dc554823d642cacc05b746375e",  # Apollo's manifest tool 1.4.0
        "6bc5261baa7f30b4a77e7adfdb325ab40f1ed607af72402e6a739a49991caa64",  # @urql/core 6.0.3
    ]
