"""Extensions of the schema: limits of operations, and caches of parsed and validated documents."""

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

MAX_TOKENS = 2_000  # a parsed token takes about half a kilobyte, and MAX_CACHED_DOCUMENTS stay in memory
MAX_CACHED_DOCUMENTS = 256

# The same class objects for every request, because they are part of the key of a cached validation.
RULES: tuple[type[ASTValidationRule], ...] = (OperationLimits, StorableText)


def create_extensions(prod: bool) -> list[Callable[[], SchemaExtension]]:
    """Return the extensions for `strawberry.Schema`. In production introspection is refused."""
    rules = [*RULES, NoSchemaIntrospectionCustomRule] if prod else [*RULES]
    return [
        lambda: AddValidationRules(rules),
        lambda: MaxTokensLimiter(MAX_TOKENS),
        OperationNameRequired,
        lambda: ParserCache(MAX_CACHED_DOCUMENTS),
        lambda: ValidationCache(MAX_CACHED_DOCUMENTS),
    ]


class OperationNameRequired(SchemaExtension):
    """Refuses several operations without `operationName`. Strawberry would execute the first."""

    def on_parse(self) -> Iterator[None]:
        """Check the parsed document before it is validated and executed."""
        yield
        context = self.execution_context
        document = context.graphql_document
        if document is None or context._provided_operation_name is not None:
            return
        if sum(isinstance(part, OperationDefinitionNode) for part in document.definitions) > 1:
            raise ApiError("BAD_REQUEST", Problem("request.operation_name"))
