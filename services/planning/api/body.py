"""The body of a GraphQL request, read within limits. Each fault has its own problem code."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

from graphql import StringValueNode, ValidationRule
from starlette.requests import Request

from services.kit.problems import Problem
from services.planning.api.errors import ApiError


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can store this text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


class StorableText(ValidationRule):
    """Refuses literals that PostgreSQL cannot store. `parse_operation` checks the variables."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        """Check one literal."""
        if not is_storable(node.value):
            self.report_error(ApiError("BAD_REQUEST", Problem("request.text"), node=node))


MAX_BODY_BYTES = 100_000
MAX_NESTING = 32


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation to execute."""

    query: str
    variables: dict[str, Any] | None
    name: str | None


async def read_operation(request: Request) -> Operation:
    """Return the operation in a request. Raises ApiError with status 413, 415 or 400."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise bad_request("request.content_type", 415)
    return parse_operation(await _read_body(request))


def parse_operation(body: bytes) -> Operation:
    """Return the operation in a body. Raises ApiError with status 400. `extensions` are checked and not used."""
    value = _parse_json(body)
    _check_value(value)
    if isinstance(value, list):
        raise bad_request("request.batch")
    if not isinstance(value, dict):
        raise bad_request("request.not_object")
    query = value.get("query")
    if not isinstance(query, str) or not query.strip():
        raise bad_request("request.query")
    for name, kind in (("variables", dict), ("operationName", str), ("extensions", dict)):
        if not isinstance(value.get(name), kind | None):
            raise bad_request("request.member", name=name)
    return Operation(query, value.get("variables"), value.get("operationName") or None)


def bad_request(code: str, status: int = 400, **params: object) -> ApiError:
    """Return an error about the request as such."""
    return ApiError("BAD_REQUEST", Problem(code, params), status=status)


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise bad_request("request.too_large", 413, limit=MAX_BODY_BYTES // 1000)
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
