"""The documents of a client lose nothing in Apollo Client's cache, which replaces what has no id.

Two documents that ask for different fields of the same object without an id evict each other's answer
(https://go.apollo.dev/c/merging-non-normalized-objects). urql and Relay merge such objects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    parse,
    print_ast,
)

from devtools.client_documents import ClientDocument, load_documents
from tests.contract.sdl import load_contract

DOCUMENTS = list(load_documents())
CLIENTS = sorted({document.client for document in DOCUMENTS})
Selections = dict[tuple[str, str], dict[str, frozenset[str]]]  # place -> document -> selected fields


class SelectionReader:
    """Reads which fields of objects without an id a document selects, at each place of the cache."""

    def __init__(self, schema: GraphQLSchema, document: ClientDocument) -> None:
        self.schema, self.document = schema, document
        self.fragments: Mapping[str, FragmentDefinitionNode] = {
            fragment.name.value: fragment for fragment in document.fragments
        }
        self.places: dict[tuple[str, str], set[str]] = defaultdict(set)

    def read(self) -> None:
        """Read the whole document."""
        root = self.schema.get_root_type(self.document.operation.operation)
        assert root
        self._read_object(root, root.name, [self.document.operation.selection_set])

    def _read_object(self, kind: GraphQLObjectType, place: str, sets: list[SelectionSetNode]) -> None:
        children: dict[str, list[FieldNode]] = defaultdict(list)
        for selections in sets:
            for field in self._fields(kind, selections):
                children[_key(field)].append(field)
        for key, fields in children.items():
            if key == "__typename":
                continue
            child = get_named_type(kind.fields[fields[0].name.value].type)
            if not is_composite_type(child):
                continue
            child_sets = [field.selection_set for field in fields if field.selection_set]
            for possible in self.schema.get_possible_types(child) if is_abstract_type(child) else [child]:
                assert isinstance(possible, GraphQLObjectType)
                if "id" in possible.fields:
                    self._read_object(possible, possible.name, child_sets)
                    continue
                names = {_key(field) for part in child_sets for field in self._fields(possible, part)}
                self.places[f"{place}.{key}", possible.name] |= names - {"__typename"}
                self._read_object(possible, f"{place}.{key}", child_sets)

    def _fields(self, kind: GraphQLObjectType, selections: SelectionSetNode) -> Iterator[FieldNode]:
        for part in selections.selections:
            if isinstance(part, FieldNode):
                yield part
                continue
            assert isinstance(part, FragmentSpreadNode | InlineFragmentNode)
            fragment = self.fragments[part.name.value] if isinstance(part, FragmentSpreadNode) else part
            condition = fragment.type_condition
            matches = condition is None or kind.name == condition.name.value
            if (
                not matches
                and condition
                and is_abstract_type(abstract := self.schema.type_map[condition.name.value])
            ):
                matches = self.schema.is_sub_type(abstract, kind)
            if matches:
                yield from self._fields(kind, fragment.selection_set)


def _key(field: FieldNode) -> str:
    arguments = ", ".join(sorted(print_ast(argument) for argument in field.arguments or ()))
    return f"{field.name.value}({arguments})" if arguments else field.name.value


def find_evictions(schema: GraphQLSchema, documents: list[ClientDocument]) -> Iterator[str]:
    """Yield each place at which documents select different fields of an object without an id."""
    places: Selections = defaultdict(dict)
    for document in documents:
        reader = SelectionReader(schema, document)
        reader.read()
        for key, fields in reader.places.items():
            if not key[0].startswith("Mutation."):  # an answer that nobody reads from the cache
                places[key][document.name] = frozenset(fields)
    for (place, kind), selections in sorted(places.items()):
        if len(set(selections.values())) > 1:
            everything = frozenset[str]().union(*selections.values())
            lacks = (
                f"{name} lacks {', '.join(sorted(everything - fields))}"
                for name, fields in selections.items()
            )
            yield f"{place} ({kind}): " + "; ".join(lack for lack in lacks if not lack.endswith("lacks "))


@pytest.mark.parametrize("client", CLIENTS)
def test_documents_of_a_client_evict_no_answer_of_each_other(client: str) -> None:
    documents = [document for document in DOCUMENTS if document.client == client]
    assert list(find_evictions(load_contract(), documents)) == []


def test_documents_that_ask_for_different_fields_evict_each_other() -> None:
    schema = build_schema(
        "type Query { plan: Plan } type Plan { id: ID state: State } type State { name: Int label: Int }"
    )
    documents = []
    for name, fields in {"A": "name", "B": "name label"}.items():
        operation = parse(f"query {name} {{ plan {{ id state {{ {fields} }} }} }}").definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.operation is OperationType.QUERY
        documents.append(ClientDocument("web", operation, ()))
    assert list(find_evictions(schema, documents)) == ["Plan.state (State): A lacks label"]
    assert list(find_evictions(schema, documents[:1])) == []
