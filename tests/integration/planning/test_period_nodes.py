"""Periods, change requests and the viewer by their global ids."""

from __future__ import annotations

from typing import Any

import pytest

from services.planning.api.ids import change_request_id, period_id, viewer_id
from tests.integration.planning.environment import Client, Environment
from tests.integration.planning.revisions import ON, SWITCH, propose
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD

NODES = """query Q($ids: [ID!]!) { nodes(ids: $ids) { __typename id
  ... on Period { code } ... on ChangeRequest { state } ... on Viewer { nama } } }"""


@pytest.fixture
def environment(environment_with_admins: Environment) -> Environment:
    return environment_with_admins


async def load_nodes(person: Client, *ids: str) -> list[Any]:
    return list((await person.execute(NODES, ids=ids))["nodes"])


async def load_viewer_id(person: Client) -> str:
    return str((await person.execute("{ viewer { id } }"))["viewer"]["id"])


async def test_period_is_found_by_its_id(environment: Environment) -> None:
    teacher = await environment.sign_in(COLLEAGUE)
    known, unknown = await load_nodes(teacher, period_id("2024-1"), period_id("2031-1"))
    assert (known["code"], unknown) == ("2024-1", None)
    by_code = (await teacher.execute('{ period(code: "2024-1") { id } }'))["period"]
    assert by_code == {"id": known["id"]}


async def test_change_request_is_found_by_admins_only(environment: Environment) -> None:
    id = (await propose(await environment.sign_in(ADMIN), **{SWITCH: ON}))["id"]
    request, unknown = await load_nodes(await environment.sign_in(ADMIN), id, change_request_id(99))
    assert (request["__typename"], request["state"], unknown) == ("ChangeRequest", "PROPOSED", None)
    for user in (COLLEAGUE, HEAD_OF_SD):
        assert await load_nodes(await environment.sign_in(user), id, change_request_id(99)) == [None, None]


async def test_viewer_is_found_by_the_own_id_only(environment: Environment) -> None:
    teacher, head = await environment.sign_in(COLLEAGUE), await environment.sign_in(HEAD_OF_SD)
    own, other = await load_viewer_id(teacher), await load_viewer_id(head)
    nobody = viewer_id("00000000-0000-4000-8000-000000000000")
    assert [node and node["id"] for node in await load_nodes(teacher, own, other, nobody)] == [
        own,
        None,
        None,
    ]


async def test_periods_are_listed_the_newest_first(environment: Environment) -> None:
    teacher = await environment.sign_in(COLLEAGUE)
    query = """query Q($after: String) { periods(first: 1, after: $after) {
      edges { cursor node { code } } pageInfo { hasNextPage } } }"""
    page = (await teacher.execute(query))["periods"]
    assert ([edge["node"]["code"] for edge in page["edges"]], page["pageInfo"]) == (
        ["2024-1"],
        {"hasNextPage": False},
    )
    rest = (await teacher.execute(query, after=page["edges"][0]["cursor"]))["periods"]
    assert rest["edges"] == []
    _, answer = await teacher.post({"query": query, "variables": {"after": "lain"}})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "cursor.invalid"
    assert answer["data"] == {"periods": None}
