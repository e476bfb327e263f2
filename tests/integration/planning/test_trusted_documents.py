"""Trusted documents over HTTP: both wire forms, and what callers without a token or with a text get."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_operation_ast,
    is_input_type,
    is_required_input_field,
    parse,
    type_from_ast,
)

from services.planning.api.documents import compute_digest, load_trusted_documents
from services.planning.api.http import LEGACY, MODERN
from tests.composed import ROOT
from tests.contract.sdl import load_contract
from tests.integration.planning.environment import Environment
from tests.integration.planning.http_edge import (
    TRUSTED,
    post,
    problem_codes,
    request_body,
    serve_edge,
    sign_token,
)
from tests.small_registry import PNS

IDS = {document.name: digest for digest, document in TRUSTED.items()}
ME, ECHO = IDS["edge/Me"], IDS["edge/Echo"]
UNKNOWN = "0" * 64


@pytest.fixture(scope="module")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with serve_edge() as session:
        yield session


def apollo(digest: str, **members: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}, **members}


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": f"sha256:{ECHO}"},
        {"documentId": ECHO},
        {"documentId": ECHO, "query": "", "operationName": "Echo"},
        apollo(ECHO),
        apollo(ECHO, query=None, operationName="Echo"),
        apollo(ECHO, query=TRUSTED[ECHO].text),
        {"query": TRUSTED[ECHO].text},
    ],
    ids=str,
)
@pytest.mark.parametrize("scope", ["", "only-trusted"])
async def test_trusted_document_is_executed_in_every_form(
    session: aiohttp.ClientSession, body: dict[str, Any], scope: str
) -> None:
    authorization = f"Bearer {sign_token(scope)}"
    status, answer, _ = await post(session, {**body, "variables": {"text": "a"}}, authorization=authorization)
    assert (status, answer["data"]) == (200, {"echo": "a"})
    assert answer["extensions"]["cost"]["requested"] == 0


@pytest.mark.parametrize(
    "body", [apollo(UNKNOWN), {"documentId": f"sha256:{UNKNOWN}"}, {"documentId": "x:y"}]
)
async def test_unknown_id_is_reported_as_apollo_and_urql_expect(
    session: aiohttp.ClientSession, body: dict[str, Any]
) -> None:
    for accept, expected in ((MODERN, 400), (LEGACY, 200)):
        status, answer, _ = await post(session, body, accept=accept)
        (error,) = answer["errors"]
        assert (status, error["message"]) == (expected, "PersistedQueryNotFound")
        assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        assert problem_codes(answer) == ["request.document_unknown"]


async def test_document_sent_with_its_hash_is_executed_and_not_registered(
    session: aiohttp.ClientSession,
) -> None:
    text = "{ hello }"
    _, answer, _ = await post(session, apollo(UNKNOWN, query=text))
    assert problem_codes(answer) == ["request.document_hash"]
    digest = compute_digest(text)
    for body, expected in ((apollo(digest, query=text), "data"), (apollo(digest), "errors")):
        _, answer, _ = await post(session, body)
        assert expected in answer


async def test_text_that_is_not_trusted_is_refused_where_only_trusted_ones_may_be_sent(
    session: aiohttp.ClientSession,
) -> None:
    only_trusted = f"Bearer {sign_token('only-trusted')}"
    status, answer, _ = await post(session, request_body("{hello}"), authorization=only_trusted)
    assert (status, problem_codes(answer)) == (403, ["request.document_not_trusted"])
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    "body",
    [request_body("{hello}"), request_body("{"), request_body("{nothing}"), {"documentId": UNKNOWN},
     json.dumps(request_body("{hello}")).ljust(20_000)],
    ids=["text", "not parsed", "not validated", "unknown id", "large"],
)  # fmt: skip
async def test_request_without_a_token_gets_401_before_parsing(
    session: aiohttp.ClientSession, body: object
) -> None:
    for accept in (MODERN, LEGACY):
        status, answer, response = await post(session, body, accept=accept, authorization="")
        assert (status, problem_codes(answer)) == (401, ["auth.sign_in_required"])
        assert response.headers["www-authenticate"] == "Bearer"


async def test_trusted_document_without_a_token_reaches_its_fields(session: aiohttp.ClientSession) -> None:
    status, answer, response = await post(session, {"documentId": ME}, authorization="")
    assert (status, answer["data"]) == (200, None)
    assert problem_codes(answer) == ["auth.sign_in_required"]
    assert answer["extensions"]["cost"] == {"requested": 0, "limit": 2000}
    assert "www-authenticate" not in response.headers


def example(kind: GraphQLInputType) -> Any:
    """A value that a variable of this type accepts."""
    if isinstance(kind, GraphQLNonNull):
        return example(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [example(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        required = {name: field.type for name, field in kind.fields.items() if is_required_input_field(field)}
        one_of = dict(list(kind.fields.items())[:1]) if kind.is_one_of else {}
        return {name: example(field.type) for name, field in one_of.items()} | {
            name: example(required[name]) for name in required
        }
    return {
        "Int": 1,
        "Boolean": True,
        "Date": "2024-01-15",
        "DateTime": "2024-01-15T02:00:00Z",
        "NPSN": "20100001",
    }.get(kind.name, "contoh")


async def test_no_shipped_document_tells_or_changes_anything_without_a_token(
    environment_with_plans: Environment,
) -> None:
    before = await environment_with_plans.dump_tables()
    schema = load_contract()
    for digest, document in load_trusted_documents().items():
        operation = get_operation_ast(parse(document.text))
        assert operation
        variables = {
            definition.variable.name.value: example(kind)
            for definition in operation.variable_definitions or ()
            if (kind := type_from_ast(schema, definition.type)) and is_input_type(kind)
        }
        body = {"documentId": f"sha256:{digest}", "variables": variables}
        _, answer = await environment_with_plans.anonymous().post(body)
        assert problem_codes(answer) == ["auth.sign_in_required"], document.name
        assert not any((answer["data"] or {}).values()), document.name
    assert await environment_with_plans.dump_tables() == before


PAGE = (ROOT / "docs" / "clients.md").read_text("utf-8")
EXAMPLES = re.findall(r"^(POST|GET) (/graphql\S*) *(\{.*)?$", PAGE, re.MULTILINE)


async def test_requests_of_the_clients_page_are_answered(environment: Environment) -> None:
    viewer = next(
        digest for digest, document in load_trusted_documents().items() if document.name == "web/Viewer"
    )
    teacher = await environment.sign_in(PNS)
    assert len(EXAMPLES) == 4
    for method, address, body in EXAMPLES:
        headers = {**teacher.headers, "content-type": "application/json"}
        path, content = address.replace("ID", viewer), body.replace("ID", viewer) or None
        async with teacher.session.request(method, path, data=content, headers=headers) as response:
            answer = await response.json()
        assert answer["data"]["viewer"]["nama"], answer


@pytest.mark.parametrize(("accepted", "coding"), [("gzip", "gzip"), ("gzip, zstd", "zstd"), ("br", None)])
async def test_long_answer_is_compressed_as_the_client_accepts(
    environment: Environment, accepted: str, coding: str | None
) -> None:
    teacher = await environment.sign_in(PNS)
    query = "{ __schema { types { name description } } }"
    async with teacher.session.post(
        "/graphql", json={"query": query}, headers={**teacher.headers, "accept-encoding": accepted}
    ) as response:
        assert response.headers.get("content-encoding") == coding
        assert "accept-encoding" in response.headers["vary"]
        assert (await response.json())["data"]["__schema"]
