"""Documents of requests: the trusted ones of the manifest, and a cache of parsed, measured and validated ones."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TokenKind,
    VariableDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import ASTValidationRule
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from services.kit.problems import Problem
from services.kit.text import is_storable
from services.planning.api.deprecations import find_deprecated_fields
from services.planning.api.errors import MAX_REQUEST_ERRORS, ApiError
from services.planning.api.limits import Size, find_exceeded_limits, measure_operation

# `make schema` writes it; a link to graphql/trusted_documents.json, so that an installed package holds it too
MANIFEST = Path(__file__).with_name("trusted_documents.json")

MAX_LENGTH = 20_000  # characters
MAX_TOKENS = 2_000  # a parsed token takes about half a kilobyte, and MAX_CACHED_DOCUMENTS stay in memory
MAX_TOKEN_LENGTH = 100  # of a name or a number; answers repeat aliases for each object
MAX_CACHED_DOCUMENTS = 256
MAX_CACHED_SIZES = 32  # of one document, by the values of its variables

RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


@dataclass(frozen=True, slots=True)
class Document:
    """The document of a request. Only a trusted one has a name, for example `web/Plan`."""

    text: str
    digest: str
    name: str | None = None

    @property
    def client(self) -> str | None:
        """The client whose document it is, such as `web`; None unless it is trusted."""
        return self.name.partition("/")[0] if self.name else None


def load_trusted_documents(file: Path = MANIFEST) -> dict[str, Document]:
    """Return the trusted documents of a manifest by the SHA-256 of their text."""
    documents: dict[str, Document] = {}
    for operation in json.loads(file.read_bytes())["operations"]:
        name = f"{operation['clientName']}/{operation['name']}"
        # of equal documents of two clients, the first one names both
        documents.setdefault(operation["id"], Document(operation["body"], operation["id"], name))
    return documents


def compute_digest(text: str) -> str:
    """Return the SHA-256 of a document, by which clients name it."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class DocumentRefused(Exception):
    """A document cannot be executed. `errors` says why."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(len(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class _ParsedDocument:
    node: DocumentNode
    sizes: dict[object, Size] = field(default_factory=dict)
    deprecated_fields: frozenset[str] = frozenset()

    @property
    def operations(self) -> list[OperationDefinitionNode]:
        return [part for part in self.node.definitions if isinstance(part, OperationDefinitionNode)]

    def find_operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to execute. Raises ApiError if the name does not choose a query or mutation."""
        operations = self.operations
        if name is None and len(operations) > 1:
            raise ApiError("BAD_REQUEST", Problem("request.operation_name"))
        matches = [part for part in operations if name is None or (part.name and part.name.value == name)]
        if not matches:
            raise ApiError("BAD_REQUEST", Problem("request.operation_unknown"))
        if matches[0].operation is OperationType.SUBSCRIPTION:  # these have their own path
            raise ApiError("BAD_REQUEST", Problem("request.subscription"))
        return matches[0]


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """An operation that may be executed."""

    document: DocumentNode
    size: Size
    is_mutation: bool
    deprecated_fields: frozenset[str]


class DocumentCache:
    """Valid documents: every trusted one that was used, and the latest MAX_CACHED_DOCUMENTS of the others."""

    def __init__(self, schema: GraphQLSchema, extra_rules: Collection[type[ASTValidationRule]] = ()) -> None:
        self._schema, self._rules = schema, (*RULES, *extra_rules)
        self._trusted: dict[str, _ParsedDocument] = {}
        self._latest: OrderedDict[str, _ParsedDocument] = OrderedDict()

    def prepare(
        self, document: Document, name: str | None, variables: Mapping[str, Any]
    ) -> PreparedOperation:
        """Parse, measure and validate an operation. Raises DocumentRefused. Invalid documents are not kept."""
        try:
            parsed_document = self._find(document.digest)
            is_new = parsed_document is None
            parsed_document = parsed_document or _parse(document.text)
            operation = parsed_document.find_operation(name)
            # All operations are validated, and measuring a hostile one is cheaper.
            parts = parsed_document.operations if is_new else [operation]
            sizes = {id(part): self._measure(parsed_document, part, variables) for part in parts}
            if is_new:
                self._validate(parsed_document)
                deprecated_fields = find_deprecated_fields(self._schema, parsed_document.node)
                parsed_document = replace(parsed_document, deprecated_fields=deprecated_fields)
                self._store(document, parsed_document)
            return PreparedOperation(
                parsed_document.node,
                sizes[id(operation)],
                operation.operation is OperationType.MUTATION,
                parsed_document.deprecated_fields,
            )
        except GraphQLError as error:
            raise DocumentRefused(error) from None

    def _find(self, digest: str) -> _ParsedDocument | None:
        if digest in self._latest:
            self._latest.move_to_end(digest)
            return self._latest[digest]
        return self._trusted.get(digest)

    def _store(self, document: Document, parsed_document: _ParsedDocument) -> None:
        if document.name:
            self._trusted[document.digest] = parsed_document
            return
        self._latest[document.digest] = parsed_document
        if len(self._latest) > MAX_CACHED_DOCUMENTS:
            self._latest.popitem(last=False)

    def _measure(
        self,
        parsed_document: _ParsedDocument,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> Size:
        """Return the size of an operation. It depends on the variables that are numbers or lists."""
        key = operation.name and operation.name.value, _list_page_sizes(operation, variables)
        if key not in parsed_document.sizes:
            if len(parsed_document.sizes) >= MAX_CACHED_SIZES:
                parsed_document.sizes.clear()
            parsed_document.sizes[key] = measure_operation(
                self._schema, parsed_document.node, operation, variables
            )
        size = parsed_document.sizes[key]
        if problems := find_exceeded_limits(size):
            raise ApiError("LIMIT_EXCEEDED", *problems)
        return size

    def _validate(self, parsed_document: _ParsedDocument) -> None:
        errors = validate(
            self._schema,
            parsed_document.node,
            self._rules,
            max_errors=MAX_REQUEST_ERRORS,
            hide_suggestions=True,
        )
        if errors:
            raise DocumentRefused(*errors)


class PreparedDocument(SchemaExtension):
    """Executes the document of the context, which a DocumentCache has prepared."""

    def on_operation(self) -> Iterator[None]:
        """Set the document, so that Strawberry neither parses nor validates."""
        execution = self.execution_context
        execution.graphql_document = execution.context.document
        execution.pre_execution_errors = []
        yield


def _list_page_sizes(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> tuple[object, ...]:
    definitions: Collection[VariableDefinitionNode] = operation.variable_definitions or ()
    names = [definition.variable.name.value for definition in definitions]
    values = [(name, variables.get(name)) for name in names]
    return tuple(
        (name, type(value), len(value) if isinstance(value, list) else value)
        for name, value in values
        if isinstance(value, int | list)
    )


def _parse(text: str) -> _ParsedDocument:
    """Parse a document within limits. Raises GraphQLError."""
    if len(text) > MAX_LENGTH:
        raise ApiError("LIMIT_EXCEEDED", Problem("query.length", {"value": len(text), "limit": MAX_LENGTH}))
    document = parse(text, max_tokens=MAX_TOKENS)
    assert document.loc
    token = document.loc.start_token.next
    while token is not None:
        if token.kind in (TokenKind.NAME, TokenKind.INT, TokenKind.FLOAT):
            if len(token.value or "") > MAX_TOKEN_LENGTH:
                raise ApiError("BAD_REQUEST", Problem("request.token", {"limit": MAX_TOKEN_LENGTH}))
        elif token.kind in (TokenKind.STRING, TokenKind.BLOCK_STRING) and not is_storable(token.value or ""):
            raise ApiError("BAD_REQUEST", Problem("request.text"))
        token = token.next
    return _ParsedDocument(document)
