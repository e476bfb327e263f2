"""Cost of operations over HTTP: what an answer tells about it, and what a used-up budget refuses."""

from __future__ import annotations

import pytest

from services.kit.database import Database
from tests.integration.planning.environment import Environment, environment_at
from tests.small_registry import HEAD_OF_SD, PNS

PERIOD = "query Period { period { code revisions(first: 5) { nodes { number } } } }"
REVIEW_QUEUE = "query ReviewQueue($first: Int!) { reviewQueue(first: $first) { edges { node { id } } } }"


async def test_answer_tells_its_cost_and_the_remaining_budget(
    registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(registry, empty_planning_database) as environment:
        client = await environment.sign_in(HEAD_OF_SD)
        answers = [await client.post({"query": PERIOD}) for _ in range(2)]
        costs = [answer["extensions"]["cost"] for _, answer in answers]
        assert [(cost["requested"], cost["limit"]) for cost in costs] == [(7, 2000)] * 2
        budgets = [cost["budget"] for cost in costs]
        assert {budget["perMinute"] for budget in budgets} == {20_000}
        assert budgets[0]["remaining"] <= 20_000 - 7
        assert budgets[1]["remaining"] <= 20_000 - 7
        for first in (5, 100):
            _, answer = await client.post({"query": REVIEW_QUEUE, "variables": {"first": first}})
            assert answer["extensions"]["cost"]["requested"] == 1 + 2 * first


async def test_every_exceeded_limit_is_reported(environment: Environment) -> None:
    client = await environment.sign_in(HEAD_OF_SD)
    aliases = " ".join(f"a{number}: id" for number in range(31))
    query = f"{{ reviewQueue(first: 1000) {{ edges {{ node {{ {aliases} }} }} }} }}"
    _, answer = await client.post({"query": query})
    codes = [error["extensions"]["problem"]["code"] for error in answer["errors"]]
    assert codes == ["query.aliases", "query.cost"]


async def test_page_size_of_another_type_leaves_no_cost_behind(environment: Environment) -> None:
    client = await environment.sign_in(HEAD_OF_SD)
    for invalid in ([0] * 100, True):
        _, answer = await client.post({"query": REVIEW_QUEUE, "variables": {"first": invalid}})
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["GRAPHQL_INVALID"]
    for first in (1, 100):
        _, answer = await client.post({"query": REVIEW_QUEUE, "variables": {"first": first}})
        assert answer["extensions"]["cost"]["requested"] == 1 + 2 * first


async def test_used_up_budget_refuses_one_caller_until_it_refills(
    registry: Database, empty_planning_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENCANA_PERSON_COST_PER_MINUTE", "2000")
    async with environment_at(registry, empty_planning_database) as environment:
        head, teacher = await environment.sign_in(HEAD_OF_SD), await environment.sign_in(PNS)
        await head.post({"query": REVIEW_QUEUE, "variables": {"first": 900}})
        async with head.session.post(
            "/graphql",
            json={"query": REVIEW_QUEUE, "variables": {"first": 900}},
            headers={**head.headers, "accept-language": "en"},
        ) as response:
            answer = await response.json()
            assert response.status == 429, answer
            retry_after = int(response.headers["retry-after"])
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert error["message"] == (
            f"The budget of queries for this minute is used up. Please try again in {retry_after} seconds."
        )
        assert 0 < retry_after <= 60
        assert "data" not in answer
        status, _ = await teacher.post({"query": PERIOD})
        assert status == 200


async def test_invalid_documents_use_up_the_budget_too(
    registry: Database, empty_planning_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENCANA_PERSON_COST_PER_MINUTE", "2000")
    async with environment_at(registry, empty_planning_database) as environment:
        teacher = await environment.sign_in(PNS)
        answers = [await teacher.post({"query": f"{{ unknown{number} }}"}) for number in range(40)]
    codes = [answer["errors"][0]["extensions"]["code"] for _, answer in answers]
    assert codes[:20] == ["GRAPHQL_INVALID"] * 20
    assert codes[-1] == "RATE_LIMITED"
