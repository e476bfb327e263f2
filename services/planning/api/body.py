"""What a GraphQL request asks for, read within limits from its body or query string. Each fault has its own code."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from starlette.requests import Request

from services.kit.http import has_json_body
from services.kit.problems import Problem
from services.kit.text import is_storable
from services.planning.api.errors import ApiError

MAX_BODY_BYTES = 100_000
MAX_UNSIGNED_BODY_BYTES = 10_000  # without a token a client sends the id of a document and few variables
BODY_SECONDS = 10.0  # until the whole body is here
MAX_NESTING = 32


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks to execute: a document or the id of a trusted one, its variables and its operation."""

    query: str | None
    document_id: str | None
    variables: dict[str, Any] | None
    operation_name: str | None


def check_content_type(request: Request) -> None:
    """Raise ApiError with status 415 unless the body is JSON."""
    if not has_json_body(request):
        raise bad_request("request.content_type", 415)


def parse_request(body: bytes) -> GraphQLRequest:
    """Return the request in a JSON body. Raises ApiError with status 400."""
    value = _parse_json(body)
    _check_value(value)
    if isinstance(value, list):
        raise bad_request("request.batch")
    if not isinstance(value, dict):
        raise bad_request("request.not_object")
    return _read_members(value)


def parse_query_string(parameters: Mapping[str, str]) -> GraphQLRequest:
    """Return the request in the query string of a GET. Raises ApiError with status 400."""
    value: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if value.get(name):
            value[name] = _parse_json(value[name].encode("utf-8", "surrogatepass"))
        else:
            value.pop(name, None)
    _check_value(value)
    return _read_members(value)


def _read_members(value: Mapping[str, Any]) -> GraphQLRequest:
    variables, extensions = _read_object(value, "variables"), _read_object(value, "extensions")
    document_id, operation_name = _read_text(value, "documentId"), _read_text(value, "operationName")
    if document_id is None and extensions and extensions.get("persistedQuery") is not None:
        persisted_query = _read_object(extensions, "persistedQuery")
        document_id = _read_text(persisted_query or {}, "sha256Hash")
    query = value.get("query") or None
    if (query or document_id is None) and not (isinstance(query, str) and query.strip()):
        raise bad_request("request.query")
    return GraphQLRequest(
        query, document_id and document_id.removeprefix("sha256:"), variables, operation_name or None
    )


def _read_object(value: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    member = value.get(name)
    if member == []:  # PHP encodes an empty array, of which it has one kind, as a list
        return None
    if not isinstance(member, dict | None):
        raise bad_request("request.member", name=name)
    return member


def _read_text(value: Mapping[str, Any], name: str) -> str | None:
    member = value.get(name)
    if not isinstance(member, str | None):
        raise bad_request("request.member", name=name)
    return member


def bad_request(code: str, status: int = 400, **params: object) -> ApiError:
    """Return an error about the request as such."""
    return ApiError("BAD_REQUEST", Problem(code, params), status=status)


async def read_body(request: Request, limit: int) -> bytes | None:
    """Return the body of a request, or None if it has more than `limit` bytes. Raises ApiError with status 408."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    return None
    except TimeoutError:
        raise bad_request("request.timeout", 408, seconds=int(BODY_SECONDS)) from None
    return bytes(body)


def _parse_json(body: bytes) -> object:
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_reject_duplicate_names, parse_constant=_reject_constant
        )
    except (ValueError, RecursionError):  # also: not UTF-8, 5,000 digits, endless nesting
        raise bad_request("request.not_json") from None


def _reject_duplicate_names(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("duplicate name")
    return members


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check_value(value: object, nesting: int = 0) -> None:
    """Refuse what JSON allows but we do not: deep nesting, texts that cannot be stored, infinite numbers (1e999)."""
    if nesting > MAX_NESTING:
        raise bad_request("request.too_nested", limit=MAX_NESTING)
    match value:
        case str():
            if not is_storable(value):
                raise bad_request("request.text")
        case float():
            if not math.isfinite(value):
                raise bad_request("request.not_json")
        case dict():
            for name, item in value.items():
                _check_value(name)
                _check_value(item, nesting + 1)
        case list():
            for item in value:
                _check_value(item, nesting + 1)
