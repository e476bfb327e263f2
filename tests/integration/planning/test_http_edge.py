"""GraphQL over HTTP on a small schema: malformed, unauthenticated and oversized requests, and faults."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from services.planning.api import body as body_module
from services.planning.api.body import MAX_BODY_BYTES, MAX_NESTING
from services.planning.api.documents import MAX_LENGTH, MAX_TOKEN_LENGTH, MAX_TOKENS
from services.planning.api.http import LEGACY, MODERN
from tests.integration.planning.http_edge import (
    SECRET,
    SIGNED_IN,
    TRUSTED,
    post,
    problem_codes,
    request_body,
    serve_edge,
)


@pytest.fixture(scope="module")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with serve_edge() as session:
        yield session


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (MODERN, MODERN),
        (LEGACY, LEGACY),
        ("*/*", LEGACY),
        ("application/*", LEGACY),
        (f"{LEGACY}, {MODERN}", MODERN),
        (f"{MODERN};q=0.5, {LEGACY}", LEGACY),
        (f"text/html, {MODERN.upper()}; charset=utf-8", MODERN),
        (f"{MODERN}, application/graphql+json, {LEGACY}, text/event-stream, multipart/mixed", MODERN),
    ],
)
async def test_response_has_the_accepted_media_type(
    session: aiohttp.ClientSession, accept: str, media: str
) -> None:
    status, answer, response = await post(session, request_body("{hello}"), accept=accept)
    assert (status, answer["data"]) == (200, {"hello": "halo"})
    assert response.headers["content-type"] == f"{media}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/html", f"{LEGACY};q=0", "text/event-stream", f"{MODERN};q=much"])
async def test_unsupported_media_type_is_not_acceptable(session: aiohttp.ClientSession, accept: str) -> None:
    status, answer, _ = await post(session, request_body("{hello}"), accept=accept)
    assert (status, problem_codes(answer)) == (406, ["request.accept"])


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("accept", ["text/html, */*", MODERN])
async def test_other_methods_than_get_and_post_are_refused(
    session: aiohttp.ClientSession, method: str, accept: str
) -> None:
    address = "/graphql?query={hello}"
    async with session.request(method, address, headers={"accept": accept}) as response:
        assert (response.status, response.headers["allow"]) == (405, "GET, POST")
        if method != "HEAD":
            assert problem_codes(json.loads(await response.read())) == ["request.method"]


async def get(session: aiohttp.ClientSession, **parameters: str) -> tuple[int, dict[str, Any]]:
    headers = {"accept": MODERN, "authorization": SIGNED_IN}
    async with session.get("/graphql", params=parameters, headers=headers) as response:
        return response.status, json.loads(await response.read())


ECHO = "query Echo($t: String!){echo(text: $t)}"


async def test_query_may_come_in_the_query_string(session: aiohttp.ClientSession) -> None:
    status, answer = await get(session, query=ECHO, operationName="Echo", variables='{"t":"a b&c"}')
    assert (status, answer["data"]) == (200, {"echo": "a b&c"})
    (digest,) = (digest for digest, document in TRUSTED.items() if document.name == "edge/Echo")
    apollo = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": digest}})
    for name, value in (("documentId", f"sha256:{digest}"), ("extensions", apollo)):
        status, answer = await get(session, variables='{"text":"a"}', **{name: value})
        assert (status, answer["data"]) == (200, {"echo": "a"})


@pytest.mark.parametrize(
    ("parameters", "status", "problem"),
    [
        ({}, 400, "request.query"),
        ({"query": ECHO, "variables": "{"}, 400, "request.not_json"),
        ({"query": ECHO, "variables": "[1]"}, 400, "request.member"),
        ({"query": ECHO, "variables": '{"t":"\\u0000"}'}, 400, "request.text"),
        ({"query": "mutation{shout}"}, 405, "request.mutation_by_get"),
    ],
)
async def test_faulty_query_string_is_refused(
    session: aiohttp.ClientSession, parameters: dict[str, str], status: int, problem: str
) -> None:
    got, answer = await get(session, **parameters)
    assert (got, problem_codes(answer)) == (status, [problem])


async def test_mutation_is_executed_by_post_only(session: aiohttp.ClientSession) -> None:
    _, answer, _ = await post(session, request_body("mutation{shout}"))
    assert answer["data"] == {"shout": "HALO"}


MALFORMED_BODIES: list[tuple[bytes | str | object, str]] = [
    ("", "request.not_json"),
    ("{", "request.not_json"),
    (b'{"query":"\xff"}', "request.not_json"),
    ('{"query":"{hello}","query":"{me}"}', "request.not_json"),
    ('{"query":"{hello}","variables":{"n":NaN}}', "request.not_json"),
    ('{"query":"{hello}","variables":{"n":-Infinity}}', "request.not_json"),
    ('{"query":"{hello}","variables":{"n":1e999}}', "request.not_json"),
    ('{"query":"{hello}","variables":{"n":' + "9" * 5000 + "}}", "request.not_json"),
    ("[" * 50_000, "request.not_json"),
    ('{"variables":' + "[" * 900 + "]" * 900 + "}", "request.too_nested"),
    ("1", "request.not_object"),
    ("null", "request.not_object"),
    ('"{hello}"', "request.not_object"),
    ([], "request.batch"),
    ([request_body("{hello}")], "request.batch"),
    ({}, "request.query"),
    ({"query": None}, "request.query"),
    ({"query": 1}, "request.query"),
    ({"query": " "}, "request.query"),
    ({"query": "{hello}", "variables": [1]}, "request.member"),
    ({"query": "{hello}", "variables": "{}"}, "request.member"),
    ({"query": "{hello}", "operationName": 1}, "request.member"),
    ({"query": "{hello}", "extensions": [1]}, "request.member"),
    ({"documentId": 1}, "request.member"),
    ({"extensions": {"persistedQuery": "a"}}, "request.member"),
    ({"extensions": {"persistedQuery": {"sha256Hash": 1}}}, "request.member"),
    ({"extensions": {"persistedQuery": {}}}, "request.query"),
    ({"query": "{hello}", "documentId": "a"}, "request.document_hash"),
    (request_body("{hello}", text="a\0b"), "request.text"),
    (request_body("{hello}", text=["\ud800"]), "request.text"),
    (request_body("{hello}", **{"\udfff": 1}), "request.text"),
    (request_body('{echo(text: "a\0b")}'), "request.text"),
]


@pytest.mark.parametrize(("body", "problem"), MALFORMED_BODIES)
async def test_malformed_body_is_refused_with_its_fault(
    session: aiohttp.ClientSession, body: object, problem: str
) -> None:
    for accept in (MODERN, LEGACY):
        status, answer, _ = await post(session, body, accept=accept)
        assert (status, problem_codes(answer)) == (400, [problem])
        assert set(answer) == {"errors"}
        assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("text", ["\\u0000", "halo 👋", "\\ud800", 'a"b\n'])
async def test_unusual_valid_characters_arrive_unchanged(session: aiohttp.ClientSession, text: str) -> None:
    _, answer, _ = await post(session, request_body("query($t: String!){echo(text: $t)}", t=text))
    assert answer["data"] == {"echo": text}


@pytest.mark.parametrize("member", ["variables", "extensions"])
async def test_empty_list_of_a_php_client_is_an_empty_object(
    session: aiohttp.ClientSession, member: str
) -> None:
    status, answer, _ = await post(session, {"query": "{hello}", member: []})
    assert (status, answer["data"]) == (200, {"hello": "halo"})


async def test_variables_can_be_nested_up_to_the_limit(session: aiohttp.ClientSession) -> None:
    levels = MAX_NESTING - 2
    variable = json.loads("[" * levels + "]" * levels)
    status, *_ = await post(session, request_body("{hello}", unused=variable))
    assert status == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/graphql", "multipart/form-data", ""])
async def test_body_with_another_content_type_is_refused(
    session: aiohttp.ClientSession, content_type: str
) -> None:
    status, answer, _ = await post(session, request_body("{hello}"), **{"content-type": content_type})
    assert (status, problem_codes(answer)) == (415, ["request.content_type"])


async def test_body_above_the_size_limit_is_refused(
    session: aiohttp.ClientSession,
) -> None:
    body = json.dumps(request_body("{hello}"))
    status, *_ = await post(session, body.ljust(MAX_BODY_BYTES))
    assert status == 200
    status, answer, _ = await post(session, body.ljust(MAX_BODY_BYTES + 1))
    assert (status, problem_codes(answer)) == (413, ["request.too_large"])


async def test_messages_are_indonesian_unless_english_is_preferred(session: aiohttp.ClientSession) -> None:
    _, english, response = await post(session, "[]")
    assert english["errors"][0]["message"].startswith("Batches of operations")
    assert response.headers["content-language"] == "en"
    _, indonesian, response = await post(session, "[]", **{"accept-language": "fr"})
    assert indonesian["errors"][0]["message"].startswith("Beberapa operasi")
    assert response.headers["content-language"] == "id"


FRAGMENTS = "".join(f"fragment F{i} on Query{{...F{i + 1}}}" for i in range(240))
REQUEST_ERRORS: list[tuple[object, str, str | None]] = [
    (request_body("{hello"), "GRAPHQL_INVALID", "request.document"),
    (request_body("{nothing}"), "GRAPHQL_INVALID", "request.document"),
    (request_body("query($t: String!){echo(text: $t)}"), "GRAPHQL_INVALID", "request.document"),
    (request_body("query($t: String!){echo(text: $t)}", t=1), "GRAPHQL_INVALID", "request.document"),
    (
        request_body('query($n: Int){echo(text: "a", number: $n)}', n=2**31),
        "GRAPHQL_INVALID",
        "request.document",
    ),
    (request_body("{hello " * MAX_TOKENS), "GRAPHQL_INVALID", "request.document"),
    (request_body('{echo(text: "a", number: ' + "9" * 5000 + ")}"), "BAD_REQUEST", "request.token"),
    (request_body(f"{{{'a' * (MAX_TOKEN_LENGTH + 1)}: hello}}"), "BAD_REQUEST", "request.token"),
    (request_body("{hello}" + "#\n" * MAX_TOKENS), "GRAPHQL_INVALID", "request.document"),
    (request_body("{hello}" + " " * MAX_LENGTH), "LIMIT_EXCEEDED", "query.length"),
    (request_body("{__schema{types{name}}}"), "GRAPHQL_INVALID", "request.document"),
    (request_body("{deeper" * 600 + "{hello}" + "}" * 600), "GRAPHQL_INVALID", "request.document"),
    (request_body("{" + "hello " * 501 + "}"), "LIMIT_EXCEEDED", "query.fields"),
    (
        request_body("{...F0}" + FRAGMENTS + "fragment F240 on Query{hello}"),
        "GRAPHQL_INVALID",
        "request.document",
    ),
    (request_body("{deeper" * 12 + "{hello}" + "}" * 12), "LIMIT_EXCEEDED", "query.depth"),
    (request_body(r'{echo(text: "\u0000")}'), "BAD_REQUEST", "request.text"),
    (request_body("query A{hello} query B{me}"), "BAD_REQUEST", "request.operation_name"),
    ({"query": "query A{hello}", "operationName": "B"}, "BAD_REQUEST", "request.operation_unknown"),
    (request_body("fragment F on Query{hello}"), "BAD_REQUEST", "request.operation_unknown"),
    (request_body("subscription{ticks}"), "BAD_REQUEST", "request.subscription"),
]


@pytest.mark.parametrize(("body", "code", "problem"), REQUEST_ERRORS)
async def test_document_that_cannot_be_executed_is_a_request_error(
    session: aiohttp.ClientSession, body: object, code: str, problem: str | None
) -> None:
    for accept, expected in ((MODERN, 400), (LEGACY, 200)):
        status, answer, _ = await post(session, body, accept=accept)
        assert (status, set(answer)) == (expected, {"errors"})
        assert answer["errors"][0]["extensions"]["code"] == code
        assert problem_codes(answer)[0] == problem


async def test_named_operation_of_several_is_executed(session: aiohttp.ClientSession) -> None:
    body = {"query": 'query A{hello} query B{echo(text: "b")}', "operationName": "B"}
    assert (await post(session, body))[1]["data"] == {"echo": "b"}


@pytest.mark.parametrize(("prod", "is_allowed"), [(True, False), (False, True)])
async def test_introspection_is_allowed_in_development_only(prod: bool, is_allowed: bool) -> None:
    async with serve_edge(prod) as session:
        _, answer, _ = await post(session, request_body("{__schema{queryType{name}}}"))
    assert ("data" in answer) is is_allowed


async def test_fault_in_a_field_is_masked_and_logged_with_the_request_id(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    status, answer, response = await post(
        session, request_body("{hello broken}"), **{"x-request-id": "abc123"}
    )
    (error,) = answer["errors"]
    assert (status, answer["data"]) == (200, {"hello": "halo", "broken": None})
    assert (error["extensions"]["code"], error["path"]) == ("INTERNAL", ["broken"])
    assert "abc123" in error["message"]
    assert response.headers["x-request-id"] == "abc123"
    assert SECRET not in json.dumps(answer)
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "abc123" in record.getMessage()
    assert record.exc_info
    assert str(record.exc_info[1]) == SECRET


async def test_value_that_its_scalar_cannot_serialise_is_an_internal_error(
    session: aiohttp.ClientSession,
) -> None:
    status, answer, _ = await post(session, request_body("{tooBigForInt}"))
    assert (status, answer["errors"][0]["extensions"]["code"]) == (200, "INTERNAL")
    assert str(2**40) not in json.dumps(answer)


async def test_null_for_an_argument_with_a_default_is_a_request_error(
    session: aiohttp.ClientSession,
) -> None:
    body = request_body('query($n: Int = 1){hello deeper{echo(text: "a", number: $n)}}', n=None)
    status, answer, _ = await post(session, body)
    assert (status, answer["errors"][0]["extensions"]["code"]) == (200, "GRAPHQL_INVALID")


async def test_fault_outside_a_field_is_a_masked_500(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    status, answer, _ = await post(session, request_body("{hello}"), **{"x-crash": "1"})
    assert (status, problem_codes(answer)) == (500, ["request.internal"])
    assert SECRET not in json.dumps(answer)
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == [SECRET]


async def test_refused_query_returns_every_problem(session: aiohttp.ClientSession) -> None:
    status, answer, _ = await post(session, request_body("{refused}"))
    assert (status, answer["data"]) == (200, {"refused": None})
    assert [error["extensions"] for error in answer["errors"]] == [
        {"code": "REFUSED", "problem": {"code": "key.malformed", "path": ["key"]}},
        {"code": "REFUSED", "problem": {"code": "id.invalid", "path": ["id"]}},
    ]
    assert (
        answer["errors"][1]["message"] == "This id is unknown. Please use the id exactly as you received it."
    )


async def test_unavailable_identity_is_reported_as_unavailable(session: aiohttp.ClientSession) -> None:
    _, answer, _ = await post(session, request_body("{away}"))
    assert answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


async def test_invalid_token_refuses_the_whole_request(session: aiohttp.ClientSession) -> None:
    for accept in (MODERN, LEGACY):
        status, answer, response = await post(
            session, request_body("{hello}"), accept=accept, authorization="Bearer x"
        )
        assert (status, problem_codes(answer)) == (401, ["auth.token_invalid"])
        assert response.headers["www-authenticate"] == "Bearer"


async def test_token_is_not_invalid_while_keys_are_unavailable(
    session: aiohttp.ClientSession,
) -> None:
    header = "eyJhbGciOiJFUzI1NiIsImtpZCI6Im9uZSIsInR5cCI6ImF0K2p3dCJ9"  # a good one, of a key named "one"
    status, answer, response = await post(
        session, request_body("{hello}"), authorization=f"Bearer {header}.e30.AA"
    )
    assert (status, problem_codes(answer)) == (503, ["identity.unavailable"])
    assert response.headers["retry-after"] == "5"


async def test_values_of_a_client_are_not_logged(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await post(session, request_body('query($n: Int!){echo(text: "rahasia", number: $n)}', n="rahasia"))
    await post(session, request_body("{hello}"), authorization="Bearer rahasia.rahasia.rahasia")
    assert "rahasia" not in caplog.text


async def test_body_that_is_not_complete_in_time_is_refused(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_module, "BODY_SECONDS", 0.2)

    async def half_a_body() -> AsyncIterator[bytes]:
        yield b'{"query":'
        await asyncio.sleep(5)

    headers = {"content-type": LEGACY, "authorization": SIGNED_IN}
    async with session.post("/graphql", data=half_a_body(), headers=headers) as response:
        answer = json.loads(await response.read())
    assert (response.status, problem_codes(answer)) == (408, ["request.timeout"])
