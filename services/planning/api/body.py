"""The body of a GraphQL request: read within a limit, and every way of being wrong told clearly."""

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
    """Whether the database can take this text."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


class StorableText(ValidationRule):
    """Refuses other strings in a document; those in variables are looked at with the body (json_body.py)."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        """Look at one literal."""
        if not is_storable(node.value):
            self.report_error(ApiError("BAD_REQUEST", Problem("request.text"), node=node))


MAX_BODY_BYTES = 100_000
MAX_NESTING = 32


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asks to run."""

    query: str
    variables: dict[str, Any] | None
    name: str | None


async def read_operation(request: Request) -> Operation:
    """The operation in a request; ApiError with 413, 415 or 400 where there is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise bad_request("request.content_type", 415)
    return parse_operation(await _read_body(request))


def parse_operation(body: bytes) -> Operation:
    """The operation in a body; ApiError 400 for anything else. `extensions` are checked and not used."""
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
    """The request as such is wrong, whatever it asks for."""
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
        raise ValueError("a name stands twice")
    return members


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check_value(value: object, nesting: int = 0) -> None:
    """All of this is JSON; not all of it is a text that can be stored, or a number (1e999)."""
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
