"""GraphQL over HTTP, by its specification (https://graphql.github.io/graphql-over-http/draft/)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext

import strawberry
from graphql import GraphQLError, GraphQLFormattedError, NoSchemaIntrospectionCustomRule
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult

from services.kit.availability import GRACE_SECONDS, RETRY_AFTER_SECONDS
from services.kit.compression import compress_response
from services.kit.concurrency import Shares
from services.kit.http import NO_STORE, get_request_id
from services.kit.measurement import OTHER, get_request_stats
from services.kit.negotiation import read_weights
from services.kit.problems import Messages, Problem, negotiate_language
from services.planning.api.body import (
    MAX_BODY_BYTES,
    MAX_UNSIGNED_BODY_BYTES,
    GraphQLRequest,
    bad_request,
    check_content_type,
    parse_query_string,
    parse_request,
    read_body,
)
from services.planning.api.budgets import Budgets
from services.planning.api.context import Authenticator, ContextFactory, sign_in_required
from services.planning.api.deprecations import count_deprecated_fields
from services.planning.api.documents import Document, DocumentCache, DocumentRefused, compute_digest
from services.planning.api.errors import (
    MAX_REQUEST_ERRORS,
    PERSISTED_QUERY_NOT_FOUND,
    ApiError,
    ErrorContext,
    find_retry_after,
    format_error,
)
from services.planning.api.limits import LIMITS
from services.planning.callers.model import Caller, Partner

MODERN, LEGACY = "application/graphql-response+json", "application/json"
RANGES = {MODERN: MODERN, LEGACY: LEGACY, "application/*": LEGACY, "*/*": LEGACY}


def negotiate_media_type(accept: str | None) -> str | None:
    """Return the media type that `Accept` prefers, MODERN between equals; None if it takes neither.

    A missing header and wildcards get application/json, which every client reads.
    """
    weights = read_weights(accept or "*/*")
    offers = [
        (weight, RANGES[media] == MODERN, RANGES[media])
        for media, weight in weights.items()
        if media in RANGES and weight > 0
    ]
    return max(offers)[2] if offers else None


METHODS = ("GET", "POST")
REQUESTS_PER_CALLER = 5  # executed at once; the pool has 20 connections
FAULTS = ("INTERNAL", "UNAVAILABLE")
REFUSED_DOCUMENT_COST = (
    100  # an invalid document of the largest size takes some 40 ms to validate, and is not kept
)
STATUS_HEADERS = {
    401: {"www-authenticate": "Bearer"},
    405: {"allow": ", ".join(METHODS)},
    503: {"retry-after": str(RETRY_AFTER_SECONDS)},
}


class GraphQLApp:
    """ASGI app that executes one operation for each request, behind RequestLog, which assigns the request ids.

    `may_send_text` says which callers may send documents that are not trusted, by the caller and the headers.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        authenticator: Authenticator,
        make_context: ContextFactory,
        messages: Messages,
        budgets: Budgets,
        trusted_documents: Mapping[str, Document],
        *,
        allow_introspection: bool,
        may_send_text: Callable[[Caller | Partner, Headers], bool],
    ) -> None:
        self._schema, self._messages, self._budgets = schema, messages, budgets
        self._authenticator, self._make_context = authenticator, make_context
        self._trusted_documents, self._may_send_text = trusted_documents, may_send_text
        rules = () if allow_introspection else (NoSchemaIntrospectionCustomRule,)
        self._shares = Shares(REQUESTS_PER_CALLER)
        self._documents = DocumentCache(schema._schema, rules)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        stats = get_request_stats()
        stats.operation = OTHER
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
            stats.code = "DISCONNECTED"
            return
        except Exception as error:  # noqa: BLE001 - format_error masks and logs it
            graphql_error = (
                error if isinstance(error, GraphQLError) else GraphQLError("", original_error=error)
            )
            response = _render_errors([graphql_error], media or LEGACY, error_context)
        compress_response(response, request.headers.get("accept-encoding", ""))
        await response(scope, receive, send)

    async def _run(self, request: Request) -> ExecutionResult:
        if request.method not in METHODS:
            raise bad_request("request.method", 405)
        if request.method == "POST":
            check_content_type(request)
        caller = await self._authenticator.authenticate(request.headers.getlist("authorization"))
        try:
            return await self._execute(request, await _read_request(request, caller), caller)
        except DocumentRefused as refused:
            return ExecutionResult(None, list(refused.errors))

    async def _execute(
        self, request: Request, graphql_request: GraphQLRequest, caller: Caller | Partner | None
    ) -> ExecutionResult:
        document = self._find_document(graphql_request, caller, request.headers)
        get_request_stats().operation = document.name or OTHER
        variables, operation_name = graphql_request.variables or {}, graphql_request.operation_name
        try:
            operation = self._documents.prepare(document, operation_name, variables)
        except DocumentRefused:
            if caller is not None:
                self._budgets.spend(caller, REFUSED_DOCUMENT_COST)
            raise
        if operation.is_mutation and request.method == "GET":
            raise bad_request("request.mutation_by_get", 405)
        cost: dict[str, object] = {"requested": operation.size.cost, "limit": LIMITS.cost}
        if caller is not None:
            cost["budget"] = self._budgets.spend(caller, operation.size.cost)
        client = caller.client if isinstance(caller, Partner) else document.client
        count_deprecated_fields(client or OTHER, operation.deprecated_fields)
        deadline = get_request_stats().deadline
        async with asyncio.timeout_at(deadline and deadline + GRACE_SECONDS), self._take_share(caller):
            result = await self._schema.execute(
                document.text, variables, self._make_context(request, caller, operation.document),
                operation_name=operation_name,
            )  # fmt: skip
        result.extensions = {"cost": cost}
        return result

    def _take_share(self, caller: Caller | Partner | None) -> AbstractAsyncContextManager[None]:
        return self._shares.take(caller.subject) if caller else nullcontext()

    def _find_document(
        self, request: GraphQLRequest, caller: Caller | Partner | None, headers: Headers
    ) -> Document:
        """Return the document of a request. Raises ApiError, or DocumentRefused for an unknown id.

        A text that equals a trusted document is trusted.
        """
        digest = compute_digest(request.query) if request.query else None
        if request.query and request.document_id not in (None, digest):
            raise bad_request("request.document_hash")
        if trusted := self._trusted_documents.get(digest or request.document_id or ""):
            return trusted
        if caller is None:
            raise sign_in_required()
        if not request.query or not digest:
            raise DocumentRefused(ApiError(PERSISTED_QUERY_NOT_FOUND[0], Problem("request.document_unknown")))
        if not self._may_send_text(caller, headers):
            raise ApiError("FORBIDDEN", Problem("request.document_not_trusted"), status=403)
        return Document(request.query, digest)


async def _read_request(request: Request, caller: Caller | Partner | None) -> GraphQLRequest:
    limit = MAX_BODY_BYTES if caller else MAX_UNSIGNED_BODY_BYTES
    if request.method == "GET":
        if len(request.url.query) <= limit:
            return parse_query_string(request.query_params)
    elif (body := await read_body(request, limit)) is not None:
        return parse_request(body)
    if caller is None:
        raise sign_in_required()
    raise bad_request("request.too_large", 413, limit=limit // 1000)


def _render_result(result: ExecutionResult, media: str, error_context: ErrorContext) -> Response:
    errors = result.errors or ()
    if _failed_before_execution(result):
        # by the specification, legacy clients read the answer to a well-formed request only from a 200
        return _render_errors(
            errors, media, error_context, bad_request_status=200 if media == LEGACY else 400
        )
    entries = [entry for error in errors for entry in format_error(error, error_context)[1]]
    _note_outcome(entries)
    body: dict[str, object] = {"data": result.data}
    body |= {"errors": entries} if entries else {}
    body |= {"extensions": result.extensions} if result.extensions else {}
    return _create_response(body, 503 if _is_unavailable(result.data, entries) else 200, media, error_context)


def _is_unavailable(data: dict[str, object] | None, entries: Sequence[GraphQLFormattedError]) -> bool:
    """Whether nothing could be done: no field has a value, and only because a service is away."""
    return (
        bool(entries)
        and all(entry["extensions"]["code"] == "UNAVAILABLE" for entry in entries)
        and all(value is None for value in (data or {}).values())
    )


def _render_errors(
    errors: Sequence[GraphQLError], media: str, error_context: ErrorContext, *, bad_request_status: int = 400
) -> Response:
    formatted = [format_error(error, error_context) for error in errors[:MAX_REQUEST_ERRORS]]
    entries = [entry for _, error_entries in formatted for entry in error_entries]
    _note_outcome(entries)
    status = max(status for status, _ in formatted)
    response = _create_response(
        {"errors": entries}, bad_request_status if status == 400 else status, media, error_context
    )
    if seconds := find_retry_after(errors):
        response.headers["retry-after"] = str(seconds)
    return response


def _note_outcome(entries: Sequence[GraphQLFormattedError]) -> None:
    """Take the gravest code of an answer for the metrics: a fault, else the first."""
    codes = [str(entry["extensions"]["code"]) for entry in entries]
    faults = [code for code in FAULTS if code in codes]
    if codes:
        get_request_stats().code = [*faults, *codes][0]


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
