"""Top-level errors as clients see them: localised where they were meant, masked where they were not."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from graphql import GraphQLError, GraphQLFormattedError, Node
from strawberry.utils.str_converters import to_camel_case

from services.kit.problems import Messages, Problem, RequestRefused
from services.planning.people.identity.answers import IdentityUnavailable
from workflows.model.messages import Language

log = logging.getLogger(__name__)

# Strawberry logs every error with the values that a client sent; what deserves a line is logged below.
logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL + 1)


class ApiError(GraphQLError):
    """An error on purpose: `code` for programs, a problem whose sentence is for people.

    `status` is the HTTP status where the error stands for the whole request.
    """

    def __init__(self, code: str, problem: Problem, *, status: int = 400, node: Node | None = None) -> None:
        super().__init__(problem.code, node)
        self.code, self.problem, self.status = code, problem, status


ErrorDetails = tuple[str, int, tuple[Problem, ...]]


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """Whom an error is told: the language, and the id by which the log knows the request."""

    messages: Messages
    language: Language
    request_id: str


def format_error(error: GraphQLError, context: ErrorContext) -> tuple[int, list[GraphQLFormattedError]]:
    """The status that an error would give a whole request, and its entries: one per problem, usually one."""
    cause = _find_cause(error)
    if not isinstance(cause, ApiError) and _is_document_error(error, cause):
        log.info("graphql refused a document id=%s", context.request_id)
        problem = Problem("request.document", {"detail": error.message})
        return 400, [_format_entry(error, "GRAPHQL_INVALID", problem, context)]
    code, status, problems = _classify(cause, context)
    codes = ", ".join(problem.code for problem in problems)
    log.info("graphql %s: %s id=%s", code, codes, context.request_id)
    return status, [_format_entry(error, code, problem, context) for problem in problems]


def _find_cause(error: GraphQLError) -> Exception:
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _is_document_error(error: GraphQLError, cause: Exception) -> bool:
    if error.path is None:
        return error.locations is not None or isinstance(cause, GraphQLError)
    # While a field is resolved, graphql-core points at the document for a wrong argument, and at nothing for
    # a value of ours that a scalar cannot carry: the first is the client's mistake, the second a fault.
    return isinstance(cause, GraphQLError) and cause.nodes is not None


def _classify(cause: Exception, context: ErrorContext) -> ErrorDetails:
    match cause:
        case ApiError():
            return cause.code, cause.status, (cause.problem,)
        case IdentityUnavailable():
            return "UNAVAILABLE", 503, cause.problems
        case RequestRefused():
            return "REFUSED", 400, cause.problems
    log.error("unexpected, id=%s", context.request_id, exc_info=cause)
    return "INTERNAL", 500, (Problem("request.internal", {"request": context.request_id}),)


def _format_entry(
    error: GraphQLError, code: str, problem: Problem, context: ErrorContext
) -> GraphQLFormattedError:
    entry = error.formatted
    entry["message"] = context.messages.text(problem, context.language)
    path = [to_camel_case(part) for part in problem.path]
    entry["extensions"] = {"code": code, "problem": {"code": problem.code, "path": path}}
    return entry
