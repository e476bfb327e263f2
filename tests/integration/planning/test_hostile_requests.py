"""What hostile requests get: at most a few errors, a few kilobytes, and nothing that is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from services.planning.api.body import MAX_BODY_BYTES, MAX_UNSIGNED_BODY_BYTES
from services.planning.api.documents import (
    MAX_CACHED_SIZES,
    Document,
    DocumentCache,
    DocumentRefused,
    load_trusted_documents,
)
from services.planning.api.errors import MAX_REQUEST_ERRORS
from services.planning.api.schema import build_schema
from tests.integration.planning.environment import Environment
from tests.small_registry import PNS

MAX_ANSWER_BYTES = 10_000
IDS = {document.name: digest for digest, document in load_trusted_documents().items()}


def saving(value: Any) -> dict[str, Any]:
    return {"documentId": IDS["web/SavePraktikKinerja"], "variables": {"input": value}}


# Variables of trusted documents, which cause work without a token too. The number makes them as long as allowed.
VARIABLES: dict[str, Callable[[int], object]] = {
    "unknown fields": lambda number: saving({f"p{i}": 1 for i in range(number)}),
    "a long unknown field": lambda number: saving({"p" * number: 1}),
    "a long list": lambda number: saving([1] * number),
    "a list of lists": lambda number: saving([[]] * number),
    "a long text": lambda number: saving("x" * number),
    "keys of nobody": lambda number: {
        "documentId": IDS["partner/PlanStatuses"], "variables": {"keys": [{}] * number},
    },
    "plans without members": lambda number: {
        "documentId": IDS["web/ApprovePlans"], "variables": {"input": {"plans": [{}] * number}},
    },
    "unknown variables": lambda number: saving({}) | {"variables": {f"v{i}": i for i in range(number)}},
    "4,000 digits": lambda number: saving({"expectedVersion": int("9" * min(number, 4_000))}),
}  # fmt: skip
MANY = "{ viewer { " + " ".join(f"notif1x{i}" for i in range(1_900)) + " } }"
DOCUMENTS: dict[str, str] = {
    "1,900 unknown fields": MANY,
    "450 unknown fields": "{ viewer { " + " ".join(f"notif1x{i}" for i in range(450)) + " } }",
    "480 unknown input fields beside a long text": (
        'mutation{saveTugasTambahan(input:{planId:"' + "x" * 15_000 + '" '
        + " ".join(f"p{i}:1" for i in range(480)) + "}){__typename}}"
    ),
    "5,000 digits": "mutation{savePraktikKinerja(input:{expectedVersion:" + "9" * 5_000 + "}){__typename}}",
    "a long alias": "{" + "a" * 10_000 + ": viewer { nama } }",
    "900 unknown directives": "{ viewer { nama " + "@a" * 900 + " } }",
    "480 unused variables": "query(" + " ".join(f"$v{i}: Int" for i in range(480)) + ") { viewer { nama } }",
    "250 unused fragments": "{ viewer { nama } }"
    + "".join(f" fragment F{i} on Viewer {{ nama }}" for i in range(250)),
}  # fmt: skip


def grow(make: Callable[[int], object], limit: int) -> bytes:
    """The longest body that `make` builds within a limit of bytes."""
    low, high = 1, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(json.dumps(make(middle))) <= limit else (low, middle - 1)
    return json.dumps(make(low)).encode()


async def send(
    session: aiohttp.ClientSession, content: bytes, **headers: str
) -> tuple[int, bytes, list[dict[str, Any]]]:
    """The status, the body and its errors, uncompressed."""
    sent = {"content-type": "application/json", "accept": "application/graphql-response+json", **headers}
    async with session.post(
        "/graphql", data=content, headers={**sent, "accept-encoding": "identity"}
    ) as response:
        body = await response.read()
    return response.status, body, json.loads(body)["errors"]


@pytest.mark.parametrize("name", VARIABLES)
async def test_hostile_variables_get_a_short_answer(environment: Environment, name: str) -> None:
    teacher = await environment.sign_in(PNS)
    for limit, headers in ((MAX_UNSIGNED_BODY_BYTES, {}), (MAX_BODY_BYTES, teacher.headers)):
        status, body, errors = await send(environment.planning, grow(VARIABLES[name], limit), **headers)
        assert status == 400
        assert len(body) < MAX_ANSWER_BYTES
        assert len(errors) <= MAX_REQUEST_ERRORS
        assert b"sys.set_int" not in body


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_hostile_document_gets_a_short_answer(environment: Environment, name: str) -> None:
    teacher = await environment.sign_in(PNS)
    content = json.dumps({"query": DOCUMENTS[name]}).encode()
    status, body, errors = await send(environment.planning, content, **teacher.headers)
    assert (status, len(errors) <= MAX_REQUEST_ERRORS) == (400, True)
    assert len(body) < MAX_ANSWER_BYTES
    assert b"sys.set_int" not in body
    status, body, (error,) = await send(environment.planning, content)
    assert (status, error["extensions"]["code"], len(body) < 300) == (401, "UNAUTHENTICATED", True)


def test_nothing_of_a_hostile_document_is_kept() -> None:
    cache = DocumentCache(build_schema()._schema)
    for name, text in DOCUMENTS.items():
        with pytest.raises(DocumentRefused) as refused:
            cache.prepare(Document(text, name), None, {})
        assert len(refused.value.errors) <= MAX_REQUEST_ERRORS + 1
    assert (len(cache._latest), len(cache._trusted)) == (0, 0)


def test_variables_of_a_trusted_document_leave_little_behind() -> None:
    cache = DocumentCache(build_schema()._schema)
    queue = load_trusted_documents()[IDS["web/ReviewQueue"]]
    for number in range(200):
        cache.prepare(queue, None, {"first": number, f"unknown{number}": [number] * 1_000})
    (parsed,) = cache._trusted.values()
    assert len(parsed.sizes) <= MAX_CACHED_SIZES
