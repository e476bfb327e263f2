"""What the schema does around each operation: limits, and keeping what was parsed and validated."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphql import NoSchemaIntrospectionCustomRule, OperationDefinitionNode
from graphql.validation import ASTValidationRule
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)

from services.kit.problems import Problem
from services.planning.api.body import StorableText
from services.planning.api.errors import ApiError
from services.planning.api.limits import OperationLimits

MAX_TOKENS = 2_000  # a parsed token weighs about half a kilobyte, and KEPT documents stay in memory
MAX_CACHED_DOCUMENTS = 256

# The same class objects for every request: they are part of the key under which a validation is kept.
RULES: tuple[type[ASTValidationRule], ...] = (OperationLimits, StorableText)


def create_extensions(prod: bool) -> list[Callable[[], SchemaExtension]]:
    """For `strawberry.Schema(extensions=…)`; in production the schema cannot be asked for over HTTP."""
    rules = [*RULES, NoSchemaIntrospectionCustomRule] if prod else [*RULES]
    return [
        lambda: AddValidationRules(rules),
        lambda: MaxTokensLimiter(MAX_TOKENS),
        OperationNameRequired,
        lambda: ParserCache(MAX_CACHED_DOCUMENTS),
        lambda: ValidationCache(MAX_CACHED_DOCUMENTS),
    ]


class OperationNameRequired(SchemaExtension):
    """Several operations without `operationName` are refused: Strawberry would run the first."""

    def on_parse(self) -> Iterator[None]:
        """After parsing, before anything is validated or run."""
        yield
        context = self.execution_context
        document = context.graphql_document
        if document is None or context._provided_operation_name is not None:
            return
        if sum(isinstance(part, OperationDefinitionNode) for part in document.definitions) > 1:
            raise ApiError("BAD_REQUEST", Problem("request.operation_name"))
