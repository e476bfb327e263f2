"""GraphQL over HTTP, by its specification (https://graphql.github.io/graphql-over-http/draft/)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import strawberry
from graphql import GraphQLError, GraphQLFormattedError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from services.kit.http import NO_STORE, get_request_id
from services.kit.problems import Messages, negotiate_language
from services.planning.api.body import bad_request, read_operation
from services.planning.api.context import ContextFactory
from services.planning.api.errors import ErrorContext, find_retry_after, format_error

MODERN, LEGACY = "application/graphql-response+json", "application/json"
RANGES = {MODERN: MODERN, LEGACY: LEGACY, "application/*": LEGACY, "*/*": LEGACY}


def negotiate_media_type(accept: str | None) -> str | None:
    """Return the media type that `Accept` prefers, MODERN between equals; None if it takes neither.

    A missing header and wildcards get application/json, which every client reads.
    """
    offers = [
        (weight, media == MODERN, media) for media, weight in _list_offers(accept or "*/*") if weight > 0
    ]
    return max(offers)[2] if offers else None


def _list_offers(accept: str) -> Iterator[tuple[str, float]]:
    for item in accept.lower().split(","):
        media, *parameters = (part.strip() for part in item.split(";"))
        if media in RANGES:
            yield RANGES[media], min((_read_weight(parameter) for parameter in parameters), default=1.0)


def _read_weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


ALLOWED_OPERATIONS = (OperationType.QUERY, OperationType.MUTATION)  # subscriptions have their own path
STATUS_HEADERS = {401: {"www-authenticate": "Bearer"}, 405: {"allow": "POST"}, 503: {"retry-after": "5"}}


class GraphQLApp:
    """ASGI app that executes one operation for each `POST`, behind RequestLog, which assigns the request ids."""

    def __init__(self, schema: strawberry.Schema, make_context: ContextFactory, messages: Messages) -> None:
        self._schema, self._make_context, self._messages = schema, make_context, messages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        error_context = ErrorContext(
            self._messages,
            negotiate_language(request.headers.get("accept-language")),
            get_request_id(request),
        )
        media = negotiate_media_type(request.headers.get("accept"))
        try:
            if media is None:
                raise bad_request("request.accept", 406)
            response = _render_result(await self._run(request), media, error_context)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - format_error masks and logs it
            graphql_error = (
                error if isinstance(error, GraphQLError) else GraphQLError("", original_error=error)
            )
            status, entries = format_error(graphql_error, error_context)
            response = _create_response({"errors": entries}, status, media or LEGACY, error_context)
        await response(scope, receive, send)

    async def _run(self, request: Request) -> ExecutionResult:
        if request.method != "POST":
            raise bad_request("request.method", 405)
        operation = await read_operation(request)
        context = await self._make_context(request)
        try:
            return await self._schema.execute(
                operation.query, operation.variables, context,
                operation_name=operation.name, allowed_operation_types=ALLOWED_OPERATIONS,
            )  # fmt: skip
        except CannotGetOperationTypeError:
            return ExecutionResult(None, [bad_request("request.operation_unknown")])
        except InvalidOperationTypeError:
            return ExecutionResult(None, [bad_request("request.subscription")])


def _render_result(result: ExecutionResult, media: str, error_context: ErrorContext) -> Response:
    entries: list[GraphQLFormattedError] = []
    statuses: list[int] = []
    for error in result.errors or ():
        status, error_entries = format_error(error, error_context)
        statuses.append(status)
        entries += error_entries
    if not _failed_before_execution(result):
        body: dict[str, object] = {"data": result.data}
        body |= {"errors": entries} if entries else {}
        body |= {"extensions": result.extensions} if result.extensions else {}
        return _create_response(body, 200, media, error_context)
    status = max(statuses)
    if (status, media) == (400, LEGACY):
        status = 200  # by the specification, legacy clients read application/json only from a 200
    response = _create_response({"errors": entries}, status, media, error_context)
    if seconds := find_retry_after(result.errors or ()):
        response.headers["retry-after"] = str(seconds)
    return response


def _failed_before_execution(result: ExecutionResult) -> bool:
    errors: Sequence[GraphQLError] = result.errors or ()
    return result.data is None and bool(errors) and all(error.path is None for error in errors)


def _create_response(body: object, status: int, media: str, error_context: ErrorContext) -> Response:
    headers = {
        "content-language": error_context.language, "vary": "accept, accept-language, authorization",
        **NO_STORE, **STATUS_HEADERS.get(status, {}),
    }  # fmt: skip
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Response(content, status, headers, media_type=f"{media}; charset=utf-8")
