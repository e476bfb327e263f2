"""Requests that are malformed, mistyped, anonymous or about unknown objects are refused and change nothing."""

from __future__ import annotations

from typing import Any

import pytest

from services.planning.api.ids import plan_id
from tests.identity_samples import ptk
from tests.integration.planning.bad_input import (
    COMPLETE,
    GHOST,
    TAB1,
    TAB2,
    TAB3,
    TAB4,
    bad,
    expect_two_sentences,
    sk,
)
from tests.integration.planning.environment import Environment
from tests.integration.planning.plans import (
    INDIKATOR,
    NO_TUGAS,
    RHK,
)
from tests.small_registry import (
    OF_SMP,
)

QUERY = "mutation M($input: SavePraktikKinerjaInput!) { savePraktikKinerja(input: $input) { __typename } }"


def graphql(query: str = QUERY, **variables: Any) -> dict[str, Any]:
    return {"query": query, "variables": variables}


def saving(**arguments: Any) -> dict[str, Any]:
    whole = {"planId": plan_id(str(ptk(COMPLETE)), "2024-1"), "expectedVersion": 6, "indikator": "PK-PDP"}
    return graphql(input=whole | arguments)


# Requests that are refused before a command runs.
REQUESTS: dict[str, tuple[object, int, str]] = {
    "not JSON": (b'{"query": ', 400, "request.not_json"),
    "a list": ([saving()], 400, "request.batch"),
    "too large": (saving(indikator="x" * 100_000), 413, "request.too_large"),
    "NUL in a variable": (saving(indikator="PK\x00KSK"), 400, "request.text"),
    "half a character": (saving(indikator="\ud83d"), 400, "request.text"),
    "NUL in the key": (saving(idempotencyKey="kunci\x00kunci"), 400, "request.text"),
    "infinity for a version": (
        b'{"query": "{ viewer { nama } }", "variables": {"a": 1e999}}', 400, "request.not_json",
    ),
    "no query": ({"variables": {}}, 400, "request.query"),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
async def test_malformed_request_is_refused_and_changes_nothing(
    environment_with_plans: Environment, name: str
) -> None:
    body, status, code = REQUESTS[name]
    before, caller = (
        await environment_with_plans.dump_tables(),
        await environment_with_plans.sign_in(COMPLETE),
    )
    answers = [await caller.post(body, language) for language in ("id", "en")]
    for got, answer in answers:
        assert (got, answer["errors"][0]["extensions"]["problem"]["code"]) == (status, code)
    expect_two_sentences(*({"code": code, **answer["errors"][0]} for _, answer in answers))
    assert await environment_with_plans.dump_tables() == before


@pytest.mark.parametrize(
    "arguments",
    [
        {"expectedVersion": 2**31}, {"expectedVersion": 2**63}, {"expectedVersion": "6"}, {"expectedVersion": 6.5},
        {"expectedVersion": None}, {"planId": None}, {"then": "LATER"}, {"sebuah": "isian"}, {"indikator": ["PK-PDP"]},
        {"indikator": 7}, {"idempotencyKey": {"a": "b"}},
    ],
    ids=str,
)  # fmt: skip
async def test_variable_of_a_wrong_type_is_refused_by_the_schema(
    environment_with_plans: Environment, arguments: dict[str, Any]
) -> None:
    before, caller = (
        await environment_with_plans.dump_tables(),
        await environment_with_plans.sign_in(COMPLETE),
    )
    status, answer = await caller.post(saving(**arguments))
    assert status == 400
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["GRAPHQL_INVALID"]
    assert await environment_with_plans.dump_tables() == before


@pytest.mark.parametrize("day", ["2024-13-01", "2024-02-30", "kemarin", "", 20240101, "10000-01-01"])
async def test_impossible_date_is_refused_by_the_schema(
    environment_with_plans: Environment, day: object
) -> None:
    before, caller = (
        await environment_with_plans.dump_tables(),
        await environment_with_plans.sign_in(COMPLETE),
    )
    query = "mutation M($input: SaveTugasTambahanInput!) { saveTugasTambahan(input: $input) { __typename } }"
    arguments = {"planId": caller.plan_id, "expectedVersion": 6, **sk(tanggalSk=day)}
    status, answer = await caller.post(graphql(query, input=arguments))
    assert (status, answer["errors"][0]["extensions"]["code"]) == (400, "GRAPHQL_INVALID")
    assert await environment_with_plans.dump_tables() == before


@pytest.mark.parametrize(
    ("query", "code", "path"),
    [
        ('{ catalog(jenjang: SD, period: "1999-1") { jenjang } }', "period.unknown", ["period"]),
        (
            '{ catalog(jenjang: SD, jenjangJabatan: "X") { jenjang } }',
            "choice.not_offered",
            ["jenjangJabatan"],
        ),
        ('{ plan(id: "x") { id } }', "id.invalid", ["id"]),
    ],
)
async def test_query_of_an_unknown_object_is_refused(
    environment_with_plans: Environment, query: str, code: str, path: list[str]
) -> None:
    caller = await environment_with_plans.sign_in(COMPLETE)
    _, answer = await caller.post({"query": query})
    _, english = await caller.post({"query": query}, "en")
    problem = answer["errors"][0]
    assert problem["extensions"]["problem"] == {"code": code, "path": path}
    expect_two_sentences(problem | {"code": code}, english["errors"][0])


async def test_foreign_plan_looks_like_an_unknown_one(environment_with_plans: Environment) -> None:
    query, caller = "query Q($id: ID!) { plan(id: $id) { id } }", await environment_with_plans.sign_in(OF_SMP)
    for other in (plan_id(GHOST, "2024-1"), plan_id(str(ptk(COMPLETE)), "2024-1")):
        assert await caller.execute(query, id=other) == {"plan": None}


MUTATIONS: dict[str, dict[str, Any]] = {
    "startPlan": {}, "confirmProfile": {}, "correctProfile": {"ruang": "d"}, TAB1: INDIKATOR, TAB2: RHK,
    TAB3: NO_TUGAS, TAB4: {"pilihan": [{"aspek": "BP", "opsi": "BP-1"}] * 2}, "submitPlan": {}, "approvePlan": {},
    "returnPlan": {"note": "a" * 3_000}, "beginImplementation": {},
    "firePlanTransition": {"trigger": "submit", "reason": "\x07"},
}  # fmt: skip


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_anonymous_mutation_is_unauthenticated(
    environment_with_plans: Environment, mutation: str
) -> None:
    before = await environment_with_plans.dump_tables()
    row = bad("", mutation, **MUTATIONS[mutation])
    name = mutation[0].upper() + mutation[1:]
    query = f"mutation M($input: {name}Input!) {{ {mutation}(input: $input) {{ __typename }} }}"
    _, answer = await environment_with_plans.anonymous().post(graphql(query, input=row.input))
    assert [error["extensions"]["problem"]["code"] for error in answer["errors"]] == ["auth.sign_in_required"]
    assert answer.get("data") is None
    assert await environment_with_plans.dump_tables() == before


@pytest.mark.parametrize("query", ["viewer { nama }", "period { code }", 'catalog(jenjang: SD) { jenjang }',
                                   'plan(id: "x") { id }'])  # fmt: skip
async def test_anonymous_query_is_unauthenticated(environment_with_plans: Environment, query: str) -> None:
    _, answer = await environment_with_plans.anonymous().post({"query": f"{{ {query} }}"})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "auth.sign_in_required"
