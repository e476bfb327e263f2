"""The documents of clients below graphql/operations, each with its fragments, as clients send them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    NameNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

OPERATIONS = Path(__file__).parents[1] / "graphql" / "operations"


class ClientDocument(NamedTuple):
    """One operation of a folder with its fragments."""

    client: str  # the folder: web, mobile, partner, admin
    operation: OperationDefinitionNode
    fragments: tuple[FragmentDefinitionNode, ...]  # by name

    @property
    def name(self) -> str:
        """The name of the operation, for example `Plan`."""
        assert self.operation.name
        return self.operation.name.value

    @property
    def node(self) -> DocumentNode:
        """The document: the operation, then its fragments by name, as Apollo's manifest tool sorts them."""
        return DocumentNode(definitions=(self.operation, *self.fragments))

    @property
    def text(self) -> str:
        """The document as graphql-js prints it."""
        return print_ast(self.node)

    @property
    def text_with_typenames(self) -> str:
        """The document with `__typename` where Apollo Client and urql add it."""
        return print_ast(visit(self.node, _AddTypenames()))


def load_documents(folder: Path = OPERATIONS) -> Iterator[ClientDocument]:
    """Yield the documents below a folder, by client and file."""
    for client in sorted(path for path in folder.iterdir() if path.is_dir()):
        yield from load_client(client)


def load_client(folder: Path) -> Iterator[ClientDocument]:
    """Yield the documents of a client, by file. A fragment may be in any file of its folder."""
    files = [parse(path.read_text("utf-8")) for path in sorted(folder.rglob("*.graphql"))]
    fragments = _fragments_by_name(*files)
    for file in files:
        for part in file.definitions:
            if isinstance(part, OperationDefinitionNode):
                used = _collect_fragments(part, fragments)
                yield ClientDocument(folder.name, part, tuple(used[name] for name in sorted(used)))


@cache
def read_document(name: str) -> str:
    """Return the text of a document such as `web/Plan`, with its fragments."""
    client, _, operation = name.partition("/")
    return next(document.text for document in load_client(OPERATIONS / client) if document.name == operation)


def _fragments_by_name(*files: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    parts = (part for file in files for part in file.definitions)
    return {part.name.value: part for part in parts if isinstance(part, FragmentDefinitionNode)}


def _collect_fragments(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> dict[str, FragmentDefinitionNode]:
    used: dict[str, FragmentDefinitionNode] = {}
    pending: list[Node] = [operation]
    while pending:
        for name in _spread_names(pending.pop()):
            if name not in used:
                used[name] = fragments[name]
                pending.append(fragments[name])
    return used


def _spread_names(node: Node) -> set[str]:
    names: set[str] = set()

    class Spreads(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
            names.add(node.name.value)

    visit(node, Spreads())
    return names


class _AddTypenames(Visitor):
    """Adds `__typename` to each selection set but the operation's, unless it asks for it already."""

    def leave_selection_set(self, node: SelectionSetNode, _: object, parent: object, *__: object) -> object:
        names = {part.name.value for part in node.selections if isinstance(part, FieldNode)}
        if isinstance(parent, OperationDefinitionNode) or any(name.startswith("__") for name in names):
            return None
        typename = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
        return SelectionSetNode(selections=(*node.selections, typename))
