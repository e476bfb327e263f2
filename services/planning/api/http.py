"""GraphQL over HTTP, as its specification has it (https://graphql.github.io/graphql-over-http/draft/)."""

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
from services.planning.api.context import MakeContext
from services.planning.api.errors import Listener, told

MODERN, LEGACY = "application/graphql-response+json", "application/json"
RANGES = {MODERN: MODERN, LEGACY: LEGACY, "application/*": LEGACY, "*/*": LEGACY}


def negotiated(accept: str | None) -> str | None:
    """The type that `Accept` prefers, the newer one between equals; None where it takes neither.

    Who asks for anything, or for nothing in particular, gets application/json, which every client reads.
    """
    offers = [(weight, media == MODERN, media) for media, weight in _named(accept or "*/*") if weight > 0]
    return max(offers)[2] if offers else None


def _named(accept: str) -> Iterator[tuple[str, float]]:
    for item in accept.lower().split(","):
        media, *parameters = (part.strip() for part in item.split(";"))
        if media in RANGES:
            yield RANGES[media], min((_weight(parameter) for parameter in parameters), default=1.0)


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


ALLOWED = (OperationType.QUERY, OperationType.MUTATION)  # subscriptions have a path of their own
HEADERS_OF = {401: {"www-authenticate": "Bearer"}, 405: {"allow": "POST"}, 503: {"retry-after": "5"}}


class GraphQLApp:
    """ASGI: `POST` one operation, get one answer. Stands behind RequestLog of kit, which gives the ids."""

    def __init__(self, schema: strawberry.Schema, make_context: MakeContext, messages: Messages) -> None:
        self._schema, self._make_context, self._messages = schema, make_context, messages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        listener = Listener(
            self._messages,
            negotiate_language(request.headers.get("accept-language")),
            get_request_id(request),
        )
        media = negotiated(request.headers.get("accept"))
        try:
            if media is None:
                raise bad_request("request.accept", 406)
            response = _answer(await self._run(request), media, listener)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - whatever happens outside a field is told, masked and logged
            failed = error if isinstance(error, GraphQLError) else GraphQLError("", original_error=error)
            status, entries = told(failed, listener)
            response = _response({"errors": entries}, status, media or LEGACY, listener)
        await response(scope, receive, send)

    async def _run(self, request: Request) -> ExecutionResult:
        if request.method != "POST":
            raise bad_request("request.method", 405)
        operation = await read_operation(request)
        context = await self._make_context(request)
        try:
            return await self._schema.execute(
                operation.query, operation.variables, context,
                operation_name=operation.name, allowed_operation_types=ALLOWED,
            )  # fmt: skip
        except CannotGetOperationTypeError:
            return ExecutionResult(None, [bad_request("request.operation_unknown")])
        except InvalidOperationTypeError:
            return ExecutionResult(None, [bad_request("request.subscription")])


def _answer(result: ExecutionResult, media: str, listener: Listener) -> Response:
    entries: list[GraphQLFormattedError] = []
    statuses: list[int] = []
    for error in result.errors or ():
        status, told_as = told(error, listener)
        statuses.append(status)
        entries += told_as
    if not _never_ran(result):
        body = {"data": result.data, **({"errors": entries} if entries else {})}
        return _response(body, 200, media, listener)
    status = max(statuses)
    if (status, media) == (400, LEGACY):
        status = 200  # the older custom: who reads only application/json reads it only from a 200
    return _response({"errors": entries}, status, media, listener)


def _never_ran(result: ExecutionResult) -> bool:
    errors: Sequence[GraphQLError] = result.errors or ()
    return result.data is None and bool(errors) and all(error.path is None for error in errors)


def _response(body: object, status: int, media: str, listener: Listener) -> Response:
    headers = {
        "content-language": listener.language, "vary": "accept, accept-language, authorization",
        **NO_STORE, **HEADERS_OF.get(status, {}),
    }  # fmt: skip
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Response(content, status, headers, media_type=f"{media}; charset=utf-8")
