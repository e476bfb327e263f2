"""Requests that abuse a GraphQL server, in the manner of graphql-cop."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

JSON_TYPE = {"content-type": "application/json"}
LIMIT, INVALID, BAD, REFUSED = "LIMIT_EXCEEDED", "GRAPHQL_INVALID", "BAD_REQUEST", "REFUSED"


@dataclass(frozen=True, slots=True)
class Attack:
    """A request, and the codes of `errors` that refuse it; an empty set if an answer does no harm."""

    name: str
    refusals: frozenset[str]
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON_TYPE))
    method: str = "POST"
    query_string: str = ""


def _query(name: str, text: str, *refusals: str, **members: object) -> Attack:
    return Attack(name, frozenset(refusals), json.dumps({"query": text, **members}).encode())


def _raw(name: str, body: bytes, *refusals: str, **headers: str) -> Attack:
    return Attack(name, frozenset(refusals), body, JSON_TYPE | headers)


def list_attacks() -> Iterator[Attack]:
    """Yield every attack."""
    yield from _overloads()
    yield from _cycles()
    yield from _documents()
    yield from _bodies()
    yield from _browsers()


def _overloads() -> Iterator[Attack]:
    yield _query("aliases", _select(f"a{n}: __typename" for n in range(600)), LIMIT)
    yield _query("aliases of a fetching field", _select(f"a{n}: viewer {{ nama }}" for n in range(60)), LIMIT)
    yield _query("one field many times", _select(["viewer { " + "nama " * 1_000 + "}"]), LIMIT)
    yield _query("directives", "{ __typename " + "@skip(if: false) " * 300 + "}", INVALID)
    yield _query("unknown directives", "{ __typename " + "@aa " * 500 + "}", INVALID)
    yield _query(
        "more tokens than a document may have", _select(f"a{n}: __typename" for n in range(1_000)), INVALID
    )
    yield _query("a page of a million", "{ periods(first: 1000000) { nodes { id } } }", LIMIT, INVALID)
    operations = " ".join(f"query Q{n} {{ __typename }}" for n in range(300))
    yield _query("many operations, of which one is asked for", operations, operationName="Q7")
    ids = {"ids": ["x"] * 10_000}
    yield _query(
        "many ids", "query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }", LIMIT, REFUSED, variables=ids
    )


def _cycles() -> Iterator[Attack]:
    circle = "fragment A on Viewer { ...B } fragment B on Viewer { ...A }"
    yield _query("circular fragments", "{ viewer { ...A } } " + circle, INVALID)
    doubling = " ".join(f"fragment F{n} on Viewer {{ nama ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    last = " fragment F60 on Viewer { nama }"
    yield _query("fragments that double 60 times", "{ viewer { ...F0 } } " + doubling + last, LIMIT)
    types = "{ __schema { types { " + "fields { type { " * 8 + "name" + " } }" * 8 + " } } }"
    yield _query("a circular introspection", types, LIMIT, INVALID)
    overlaps = " ".join(f"... on Viewer {{ a: nama b{n}: nama }}" for n in range(200))
    yield _query("overlapping fields", "{ viewer { " + overlaps + " } }", LIMIT, INVALID)
    yield _query(
        "a deep selection", "{ viewer " + "{ plan " * 50 + "{ id }" + " }" * 50 + " }", LIMIT, INVALID
    )
    yield _query("brackets", "{ node(id: " + "[" * 900 + "]" * 900 + ") { id } }", INVALID, BAD)


def _documents() -> Iterator[Attack]:
    node = "query Q($id: ID!) { node(id: $id) { id } }"
    yield _query("a suggestion for a misspelt field", "{ vieer { nama } }", INVALID)
    yield _query("a number of 5,000 digits", "{ node(id: " + "9" * 5_000 + ") { id } }", BAD)
    yield _query("a name of 10,000 letters", "{ " + "a" * 10_000 + " }", BAD)
    yield _query("a NUL", '{ node(id: "a\\u0000b") { id } }', BAD)
    yield _query("half a surrogate pair", node, BAD, variables={"id": "\ud800"})
    yield _query("SQL in an id", node, REFUSED, variables={"id": "' OR 1=1; DROP TABLE plan; --"})
    yield _query("a subscription", "subscription S { __typename }", INVALID, BAD)
    hashed = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    yield _query("the registration of a document", "{ __typename }", BAD, extensions=hashed)
    yield _query("a trace", "{ __typename }", extensions={"tracing": True})


def _select(fields: Iterable[str]) -> str:
    return "{ " + " ".join(fields) + " }"


def _bodies() -> Iterator[Attack]:
    start = b'{"query": "{ __typename }", '
    yield _raw("a batch", json.dumps([{"query": "{ __typename }"}] * 20).encode(), BAD)
    yield _raw("a megabyte", start + b'"variables": {"x": "' + b"y" * 1_000_000 + b'"}}', BAD)
    yield _raw("deep variables", start + b'"variables": {"x": ' + b"[" * 40_000 + b"]" * 40_000 + b"}}", BAD)
    yield _raw("a member named twice", start + b'"query": "{ viewer { nama } }"}', BAD)
    yield _raw("a scalar", b"1", BAD)
    yield _raw("no UTF-8", b"\xff\xfe{", BAD)
    yield _raw("infinity", start + b'"variables": {"x": 1e999}}', BAD)
    yield _raw("a compressed body", b"\x1f\x8b\x08\x00", BAD, **{"content-encoding": "gzip"})


def _browsers() -> Iterator[Attack]:
    form = b"query=mutation+M+%7B+__typename+%7D"
    refused = frozenset({BAD})
    yield Attack(
        "a form of another site", refused, form, {"content-type": "application/x-www-form-urlencoded"}
    )
    yield Attack(
        "JSON as plain text", refused, b'{"query": "{ __typename }"}', {"content-type": "text/plain"}
    )
    yield Attack("an upload", refused, b"--x--", {"content-type": "multipart/form-data; boundary=x"})
    yield Attack("a mutation by GET", refused, b"", {}, "GET", "query=mutation+M+%7B+__typename+%7D")
    yield Attack("a PUT", refused, b'{"query": "{ __typename }"}', dict(JSON_TYPE), "PUT")
