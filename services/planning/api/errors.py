"""Top-level errors: localised if they are deliberate, masked if they are faults."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from graphql import GraphQLError, GraphQLFormattedError, Node
from strawberry.utils.str_converters import to_camel_case

from services.kit.availability import DatabaseUnavailable
from services.kit.measurement import get_request_stats
from services.kit.problems import Messages, Problem, RequestRefused
from services.planning.callers.model import CallerNotAllowed
from services.planning.people.identity.answers import IdentityUnavailable
from workflows.model.messages import Language

log = logging.getLogger(__name__)

# Strawberry logs errors with the values of the client. `format_error` logs what is needed, without them.
logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL + 1)


class ApiError(GraphQLError):
    """A deliberate error, with a code for programs and problems for people.

    `status` is the HTTP status if the error is the result of the whole request, `retry_after` the seconds until a
    repeat may succeed.
    """

    def __init__(
        self,
        code: str,
        *problems: Problem,
        status: int = 400,
        retry_after: int | None = None,
        node: Node | None = None,
    ) -> None:
        super().__init__(problems[0].code, node)
        self.code, self.problems, self.status, self.retry_after = code, problems, status, retry_after


# Apollo Client and urql compare this text to tell that the server does not know a document.
PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"

MAX_REQUEST_ERRORS = 5  # in the answer to a request that is not executed
MAX_DETAIL_LENGTH = 200  # characters of graphql-core, which repeats what the client sent

ErrorDetails = tuple[str, int, tuple[Problem, ...]]


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """Language and request id used to render an error."""

    messages: Messages
    language: Language
    request_id: str


def format_error(error: GraphQLError, context: ErrorContext) -> tuple[int, list[GraphQLFormattedError]]:
    """Return the HTTP status of an error, and its entries in `errors`: one for each problem."""
    cause = _find_cause(error)
    if not isinstance(cause, ApiError) and _is_document_error(error, cause):
        log.info("graphql refused a document id=%s", context.request_id)
        problem = Problem("request.document", {"detail": _shorten(error.message)})
        return 400, [_format_entry(error, "GRAPHQL_INVALID", problem, context)]
    code, status, problems = _classify(cause, context)
    codes = ", ".join(problem.code for problem in problems)
    log.info("graphql %s: %s id=%s", code, codes, context.request_id)
    return status, [_format_entry(error, code, problem, context) for problem in problems]


def find_retry_after(errors: Iterable[GraphQLError]) -> int | None:
    """Return the seconds after which a repeat of the request may succeed, or None if no error gives a number."""
    causes = map(_find_cause, errors)
    return max((cause.retry_after or 0 for cause in causes if isinstance(cause, ApiError)), default=None)


def _find_cause(error: GraphQLError) -> Exception:
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _is_document_error(error: GraphQLError, cause: Exception) -> bool:
    if error.path is None:
        return error.locations is not None or isinstance(cause, GraphQLError)
    # While a field is resolved, an error of graphql-core has nodes for a wrong argument of the client, and none for
    # a value of ours that a scalar cannot serialise. The latter is a fault.
    return isinstance(cause, GraphQLError) and cause.nodes is not None


def _classify(cause: Exception, context: ErrorContext) -> ErrorDetails:
    match cause:
        case ApiError():
            return cause.code, cause.status, cause.problems
        case IdentityUnavailable():
            return "UNAVAILABLE", 503, cause.problems
        case DatabaseUnavailable() | TimeoutError():
            return "UNAVAILABLE", 503, (describe_outage(),)
        case CallerNotAllowed():
            return "FORBIDDEN", 403, cause.problems
        case RequestRefused():
            return "REFUSED", 400, cause.problems
    log.error("unexpected error id=%s", context.request_id, exc_info=cause)
    return "INTERNAL", 500, (Problem("request.internal", {"request": context.request_id}),)


def describe_outage() -> Problem:
    """Return what to tell the caller of a request that the database did not let end."""
    may_have_written = get_request_stats().may_have_written
    return Problem("database.outcome_unknown" if may_have_written else "database.unavailable")


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_DETAIL_LENGTH else text[: MAX_DETAIL_LENGTH - 1] + "…"


def _format_entry(
    error: GraphQLError, code: str, problem: Problem, context: ErrorContext
) -> GraphQLFormattedError:
    entry = error.formatted
    entry["message"] = context.messages.text(problem, context.language)
    if code == PERSISTED_QUERY_NOT_FOUND[0]:
        entry["message"] = PERSISTED_QUERY_NOT_FOUND[1]
    path = [to_camel_case(part) for part in problem.path]
    entry["extensions"] = {"code": code, "problem": {"code": problem.code, "path": path}}
    return entry
