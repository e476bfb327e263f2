"""Deprecated elements of the schema that a document uses, and who uses them: they must change before one is removed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)
from prometheus_client import Counter

# Both labels are bounded: a client is registered with identity or has trusted documents, and a field is an element of
# the schema.
DEPRECATED_FIELDS = Counter(
    "rencana_deprecated_fields",
    "GraphQL requests with a deprecated field, argument or value, by client",
    ["client", "field"],
)


def find_deprecated_fields(schema: GraphQLSchema, document: DocumentNode) -> frozenset[str]:
    """Return the coordinates of the deprecated elements in a valid document, such as `Plan.note`.

    An input field or a value that only a variable holds is not found: it is not in the document.
    """
    types = TypeInfo(schema)
    search = _DeprecationSearch(types)
    visit(document, TypeInfoVisitor(types, search))
    return frozenset(search.found)


def count_deprecated_fields(client: str, fields: Iterable[str]) -> None:
    """Count a request of a client that uses these elements."""
    for field in fields:
        DEPRECATED_FIELDS.labels(client, field).inc()


class _DeprecationSearch(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types, self._field, self.found = types, "", set[str]()

    def enter_field(self, node: Any, *_: object) -> None:
        self._field = f"{self._types.get_parent_type()}.{node.name.value}"
        self._note(self._types.get_field_def(), self._field)

    def enter_argument(self, node: Any, *_: object) -> None:
        if not self._types.get_directive():
            self._note(self._types.get_argument(), f"{self._field}({node.name.value}:)")

    def enter_object_field(self, node: Any, *_: object) -> None:
        parent: GraphQLNamedType | None = get_named_type(self._types.get_parent_input_type())
        if isinstance(parent, GraphQLInputObjectType):
            self._note(parent.fields.get(node.name.value), f"{parent}.{node.name.value}")

    def enter_enum_value(self, node: Any, *_: object) -> None:
        self._note(
            self._types.get_enum_value(), f"{get_named_type(self._types.get_input_type())}.{node.value}"
        )

    def _note(self, element: Any, coordinate: str) -> None:
        if element is not None and element.deprecation_reason is not None:
            self.found.add(coordinate)
