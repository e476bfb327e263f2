"""The documents of admins, and the options that their variables become."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldNode,
    InlineFragmentNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    TypeNode,
    VariableDefinitionNode,
    parse,
)

SDL = Path(__file__).with_name("planning.graphql")
MANIFEST = Path(__file__).parents[2] / "api" / "trusted_documents.json"
FILE_FIELD = "yaml"  # a text that is given as a file


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable, or a field of a variable that is an input object.

    path: the names that lead to it in the variables of the request
    type_name: scalar, enum or input object, without list and non-null
    values: those of an enum
    """

    path: tuple[str, ...]
    type_name: str
    description: str
    is_required: bool
    is_list: bool
    is_object: bool
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A trusted document: its id, its operation and the description of its root field."""

    name: str
    id: str
    operation: OperationDefinitionNode

    @property
    def root_field(self) -> str:
        """Return the name of the only root field."""
        (field,) = self.operation.selection_set.selections
        assert isinstance(field, FieldNode), self.name
        return field.name.value

    @property
    def payload_fields(self) -> frozenset[str]:
        """Return the fields that are selected in fragments of the root field: those of the payload."""
        (root,) = self.operation.selection_set.selections
        assert isinstance(root, FieldNode), self.name
        assert root.selection_set is not None, self.name
        fragments = (node for node in root.selection_set.selections if isinstance(node, InlineFragmentNode))
        return frozenset(
            field.name.value
            for fragment in fragments
            for field in fragment.selection_set.selections
            if isinstance(field, FieldNode)
        )

    @property
    def is_mutation(self) -> bool:
        """Return whether the document changes something."""
        return self.operation.operation.value == "mutation"


@cache
def load_documents(client: str = "admin") -> Mapping[str, Document]:
    """Return the documents of a client by name, in the order of their names."""
    bodies: dict[str, tuple[str, str]] = {}
    for entry in json.loads(MANIFEST.read_text())["operations"]:
        if entry["clientName"] == client:  # the plain form comes first, those with __typename after it
            bodies.setdefault(entry["name"], (entry["id"], entry["body"]))
    return {name: Document(name, id, _find_operation(parse(body))) for name, (id, body) in bodies.items()}


def _find_operation(document: DocumentNode) -> OperationDefinitionNode:
    return next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))


@cache
def _load_definitions() -> Mapping[str, DefinitionNode]:
    definitions = parse(SDL.read_text(), no_location=True).definitions
    return {node.name.value: node for node in definitions if hasattr(node, "name") and node.name}


def describe(document: Document) -> str:
    """Return the description of the root field in the SDL."""
    root = _load_definitions()["Mutation" if document.is_mutation else "Query"]
    assert isinstance(root, ObjectTypeDefinitionNode)
    field = next(field for field in root.fields or () if field.name.value == document.root_field)
    return _text(field)


def list_parameters(document: Document) -> Iterator[Parameter]:
    """Yield the parameters. The fields of an input object are parameters of their own."""
    for variable in document.operation.variable_definitions or ():
        name, (type_name, is_required, is_list) = variable.variable.name.value, _unwrap(variable.type)
        definition = _load_definitions().get(type_name)
        if isinstance(definition, InputObjectTypeDefinitionNode) and not is_list:
            for field in definition.fields or ():
                parameter = _parameter((name, field.name.value), field)
                # an object that can be left out needs none of its fields
                yield replace(parameter, is_required=parameter.is_required and is_required)
        else:
            yield _parameter((name,), variable)


def _parameter(path: tuple[str, ...], node: VariableDefinitionNode | InputValueDefinitionNode) -> Parameter:
    type_name, is_required, is_list = _unwrap(node.type)
    definition = _load_definitions().get(type_name)
    return Parameter(
        path,
        type_name,
        _text(node) if isinstance(node, InputValueDefinitionNode) else "",
        is_required and node.default_value is None,
        is_list,
        isinstance(definition, InputObjectTypeDefinitionNode),
        tuple(value.name.value for value in definition.values or ())
        if isinstance(definition, EnumTypeDefinitionNode)
        else (),
    )


def _unwrap(node: TypeNode) -> tuple[str, bool, bool]:
    """Return the name of a type, whether it is required, and whether it is a list."""
    is_required, is_list = isinstance(node, NonNullTypeNode), False
    while not isinstance(node, NamedTypeNode):
        is_list = is_list or isinstance(node, ListTypeNode)
        node = node.type  # type: ignore[attr-defined]
    return node.name.value, is_required, is_list


def _text(node: Any) -> str:
    return " ".join(node.description.value.split()) if node.description else ""


def build_variables(values: Sequence[tuple[Parameter, object]]) -> dict[str, Any]:
    """Return the variables of a request from the values of its parameters."""
    variables: dict[str, Any] = {}
    for parameter, value in values:
        *outer, last = parameter.path
        target = variables
        for name in outer:
            target = target.setdefault(name, {})
        target[last] = value
    return variables
