"""Planning as a subgraph: its SDL, and entities that a gateway asks for by their keys."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse

from services.planning.api.ids import plan_id
from services.planning.api.queries.node import LOADERS
from tests.contract.sdl import load_schema
from tests.identity_samples import ptk
from tests.integration.planning.environment import Client, Environment
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PNS

ENTITIES = (
    "query E($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Plan { id version } } }"
)


@pytest.fixture
def environment(environment_with_plans: Environment) -> Environment:
    return environment_with_plans


async def find_entities(person: Client, *representations: dict[str, Any]) -> list[Any]:
    return list((await person.execute(ENTITIES, of=list(representations)))["_entities"])


async def test_sdl_of_the_subgraph_has_a_key_for_each_type_with_an_id(environment: Environment) -> None:
    sdl = (await (await environment.sign_in(PNS)).execute("{ _service { sdl } }"))["_service"]["sdl"]
    parse(sdl)
    assert "https://specs.apollo.dev/federation/v2" in sdl
    for kind in LOADERS:
        assert f'type {kind.__name__} implements Node @key(fields: "id"' in sdl
    assert "type PageInfo @shareable" in sdl
    assert '@tag(name: "admin")' in sdl


async def test_owner_finds_the_plan_that_query_plan_shows(environment: Environment) -> None:
    owner = await environment.sign_in(PNS)
    (entity,) = await find_entities(owner, {"__typename": "Plan", "id": owner.plan_id})
    plan = await owner.load_plan()
    assert (entity["id"], entity["version"]) == (plan["id"], plan["version"])


async def test_entity_of_another_person_is_null(environment: Environment) -> None:
    other = await environment.sign_in(COLLEAGUE)
    ids = [plan_id(str(ptk(PNS)), "2024-1"), plan_id(str(ptk(9_999)), "2024-1")]
    assert await find_entities(other, *({"__typename": "Plan", "id": id} for id in ids)) == [None, None]


async def test_id_of_another_type_is_invalid(environment: Environment) -> None:
    owner = await environment.sign_in(PNS)
    representation = {"__typename": "Plan", "id": "UGVyaW9kOjIwMjQtMQ"}
    _, answer = await owner.post({"query": ENTITIES, "variables": {"of": [representation]}})
    (error,) = answer["errors"]
    assert error["extensions"]["problem"]["code"] == "id.invalid"


@pytest.mark.parametrize(
    "representation",
    [{}, {"__typename": "Hantu"}, {"__typename": "Plan"}, {"__typename": "Plan", "id": 7}, "Plan", None],
)
async def test_malformed_representation_is_no_fault_of_ours(
    environment: Environment, representation: object
) -> None:
    owner = await environment.sign_in(PNS)
    status, answer = await owner.post({"query": ENTITIES, "variables": {"of": [representation]}})
    assert status < 500
    assert {error["extensions"]["code"] for error in answer["errors"]} <= {"BAD_REQUEST", "GRAPHQL_INVALID"}


async def test_anonymous_gateway_is_refused(environment: Environment) -> None:
    for query in (ENTITIES, "{ _service { sdl } }"):
        status, answer = await environment.anonymous().post({"query": query, "variables": {"of": []}})
        assert (status, answer["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_head_finds_many_plans_by_one_request(environment: Environment) -> None:
    head = await environment.sign_in(HEAD_OF_SD)
    keys = [plan_id(str(ptk(number)), "2024-1") for number in (PNS, COLLEAGUE)]
    entities = await find_entities(head, *({"__typename": "Plan", "id": key} for key in keys))
    assert len(entities) == 2


def test_sdl_for_clients_has_nothing_of_the_gateway() -> None:
    assert not {name for name in load_schema().type_map if name.startswith("_") and name[1] != "_"}
