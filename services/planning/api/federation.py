"""Federation: planning as a subgraph (Apollo Federation 2), in which every type with a global id is an entity."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from importlib.metadata import version
from typing import cast

from graphql import (
    REMOVE,
    SKIP,
    ConstArgumentNode,
    ConstDirectiveNode,
    DirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    NamedTypeNode,
    NameNode,
    ScalarTypeDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from graphql import (
    Node as SyntaxNode,
)
from strawberry.federation import Schema
from strawberry.federation.schema import FederationAny
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet

from services.planning.api.body import bad_request
from services.planning.api.context import Info
from services.planning.api.ids import parse_type
from services.planning.api.queries.node import LOADERS, load_nodes

# The definitions that only a gateway needs.
GATEWAY_NAMES = frozenset({"_entities", "_service", "_Any", "_Entity", "_Service"})
ADMIN_TAG = ConstDirectiveNode(
    name=NameNode(value="tag"),
    arguments=(ConstArgumentNode(name=NameNode(value="name"), value=StringValueNode(value="admin")),),
)
HEAD = '''"""The API of Perencanaan Kinerja, release {version}."""
schema {{
  query: Query
  mutation: Mutation
}}

"""Who the element is for, for tools that filter a schema: `admin`."""
directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT
'''


class Subgraph(Schema):
    """The schema with `_entities`, by which a gateway loads objects of several types at once."""

    async def entities_resolver(  # type: ignore[override]
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Load the object of each representation. Raises ApiError `request.entity` for a malformed one."""
        kinds = {kind.__name__ for kind in LOADERS}
        ids = []
        for index, value in enumerate(representations):
            representation: object = value
            match representation:
                case {"__typename": str(name), "id": str(id)} if name in kinds:
                    parse_type(id, {name}, ("representations", str(index), "id"))
                    ids.append(id)
                case _:
                    raise bad_request("request.entity", index=index)
        nodes = await load_nodes(info.context, ids, lambda index: ("representations", str(index), "id"))
        return cast("list[FederationAny]", nodes)


def declare_entities() -> None:
    """Give every type that `node` loads the key `id`. Can be repeated."""
    for kind in LOADERS:
        definition = kind.__strawberry_definition__  # type: ignore[attr-defined]
        if not any(isinstance(directive, Key) for directive in definition.directives or ()):
            definition.directives = [*(definition.directives or ()), Key(fields=FieldSet("id"))]


def describe_for_clients(sdl: str) -> str:
    """Return the SDL of the subgraph without what only a gateway needs: keys, links and `_entities`.

    What only tagged fields lead to is tagged too, so that a tool can leave it out.
    """
    document: DocumentNode = visit(parse(sdl), _ClientView())
    public_names = set(_list_public_names(document))
    document = visit(document, _TagTypes(public_names))
    return f"{HEAD.format(version=version('rencana'))}\n{print_ast(document)}\n"


class _ClientView(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> object:
        return REMOVE if node.name.value in {"key", "link", "shareable"} else None

    def enter_directive_definition(self, *_: object) -> object:
        return REMOVE  # @oneOf, which every tool knows

    def enter_schema_definition(self, *_: object) -> object:
        return REMOVE  # HEAD has one without links

    def enter(self, node: SyntaxNode, *_: object) -> object:
        if isinstance(node, FieldDefinitionNode | TypeDefinitionNode) and node.name.value in GATEWAY_NAMES:
            return REMOVE
        return None


def _list_public_names(document: DocumentNode) -> Iterator[str]:
    """Yield the names of the types that a field without a tag leads to."""
    definitions = {
        node.name.value: node for node in document.definitions if isinstance(node, TypeDefinitionNode)
    }
    implementations: dict[str, list[str]] = {}
    for node in definitions.values():
        for interface in getattr(node, "interfaces", None) or ():
            implementations.setdefault(interface.name.value, []).append(node.name.value)
    waiting, found = ["Query", "Mutation"], set[str]()
    while waiting:
        name = waiting.pop()
        if name in found or name not in definitions:
            continue
        found.add(name)
        yield name
        names = _NamedTypes()
        visit(definitions[name], names)
        # an interface of every object, such as Node, makes no object public
        waiting += [*names.names, *(implementations.get(name, ()) if name != "Node" else ())]


class _NamedTypes(Visitor):
    """Collects the types that a definition names in fields without a tag."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_field_definition(self, node: FieldDefinitionNode, *_: object) -> object:
        return SKIP if any(directive.name.value == "tag" for directive in node.directives or ()) else None

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
        self.names.append(node.name.value)


class _TagTypes(Visitor):
    """Tags the types that are not public."""

    def __init__(self, public_names: Set[str]) -> None:
        super().__init__()
        self.public_names = public_names

    def enter(self, node: SyntaxNode, *_: object) -> object:
        if not isinstance(node, TypeDefinitionNode) or isinstance(node, ScalarTypeDefinitionNode):
            return None
        if node.name.value in self.public_names:
            return None
        return replace(node, directives=(*(node.directives or ()), ADMIN_TAG))
