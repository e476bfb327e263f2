"""Extensions of the schema: limits and budgets of operations, caches of parsed and validated documents."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

from graphql import (
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    get_operation_ast,
)
from graphql.validation import ASTValidationRule
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)
from strawberry.types import ExecutionContext

from services.kit.problems import Problem
from services.kit.rate_limit import RateLimit, RateLimitExceeded
from services.planning.api.body import StorableText
from services.planning.api.errors import ApiError
from services.planning.api.limits import LIMITS, Size, find_exceeded_limits, measure_operation
from services.planning.callers.model import Caller, Partner

MAX_TOKENS = 2_000  # a parsed token takes about half a kilobyte, and MAX_CACHED_DOCUMENTS stay in memory
MAX_CACHED_DOCUMENTS = 256

# The same class objects for every request, because they are part of the key of a cached validation.
RULES: tuple[type[ASTValidationRule], ...] = (StorableText,)


class Budgets:
    """What the operations of one caller may cost in a minute; each process counts for itself."""

    def __init__(self, person_per_minute: int, partner_per_minute: int) -> None:
        self._per_minute = {Caller: person_per_minute, Partner: partner_per_minute}
        self._limits = {kind: RateLimit("cost", limit) for kind, limit in self._per_minute.items()}

    def spend(self, caller: Caller | Partner, cost: int) -> dict[str, int]:
        """Take the cost of an operation from the caller's budget. Returns the budget. Raises RateLimitExceeded."""
        remaining = self._limits[type(caller)].hit(caller.subject, max(1, cost))
        return {"perMinute": self._per_minute[type(caller)], "remaining": remaining}


def create_extensions(prod: bool, budgets: Budgets) -> list[Callable[[], SchemaExtension]]:
    """Return the extensions for `strawberry.Schema`. In production introspection is refused."""
    rules = [*RULES, NoSchemaIntrospectionCustomRule] if prod else [*RULES]
    sizes = SizeCache(MAX_CACHED_DOCUMENTS)
    return [
        lambda: AddValidationRules(rules),
        lambda: MaxTokensLimiter(MAX_TOKENS),
        lambda: CostLimit(sizes, budgets),
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


class SizeCache:
    """Sizes of the latest operations, because measuring an operation takes longer than looking its size up."""

    def __init__(self, max_sizes: int) -> None:
        self._sizes: OrderedDict[object, Size] = OrderedDict()
        self._max_sizes = max_sizes

    def measure(self, context: ExecutionContext, operation: OperationDefinitionNode) -> Size:
        """Return the size of an operation of the document. It depends on the variables that are numbers or lists."""
        assert context.graphql_document is not None
        variables = context.variables or {}
        paging = tuple(
            (name, type(value), len(value) if isinstance(value, list) else value)
            for name, value in sorted(variables.items())
            if isinstance(value, int | list)
        )
        # A digest instead of the text, which may have 100 kB.
        digest = sha256(str(context.query).encode("utf-8", "surrogatepass")).digest()
        key = digest, operation.name and operation.name.value, paging
        if key not in self._sizes:
            schema = context.schema._schema
            self._sizes[key] = measure_operation(schema, context.graphql_document, operation, variables)
            if len(self._sizes) > self._max_sizes:
                self._sizes.popitem(last=False)
        return self._sizes[key]


class CostLimit(SchemaExtension):
    """Refuses an operation beyond the limits or the caller's budget. Tells the cost in the extensions of the answer."""

    def __init__(self, sizes: SizeCache, budgets: Budgets) -> None:
        self._sizes, self._budgets = sizes, budgets
        self._cost: dict[str, Any] = {}

    def on_parse(self) -> Iterator[None]:
        """Measure the parsed operation before it is validated, which may take longer."""
        yield
        context = self.execution_context
        operation = context.graphql_document and get_operation_ast(
            context.graphql_document, context._provided_operation_name
        )
        if not operation:
            return  # an unknown operation is refused elsewhere
        size = self._sizes.measure(context, operation)
        if problems := find_exceeded_limits(size):
            raise ApiError("LIMIT_EXCEEDED", *problems)
        self._cost = {"requested": size.cost, "limit": LIMITS.cost}
        caller: Caller | Partner | None = context.context.caller
        if caller is not None:
            self._cost["budget"] = self._spend(caller, size.cost)

    def get_results(self) -> dict[str, Any]:
        """Return what the answer tells about the cost."""
        return {"cost": self._cost} if self._cost else {}

    def _spend(self, caller: Caller | Partner, cost: int) -> dict[str, int]:
        try:
            return self._budgets.spend(caller, cost)
        except RateLimitExceeded as error:
            problem = Problem("query.budget", {"seconds": error.seconds})
            raise ApiError("RATE_LIMITED", problem, status=429, retry_after=error.seconds) from None
