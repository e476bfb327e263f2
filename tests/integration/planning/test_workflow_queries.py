"""Admins read workflow versions over GraphQL: definitions, changes, diagrams and the list."""

from __future__ import annotations

import pytest

from tests.integration.planning.environment import (
    Environment,
    problem_codes,
)
from tests.integration.planning.plans import complete_plan, submit_plan
from tests.integration.planning.workflow_versions import (
    ACTS,
    NEW_YEAR,
    OTHER_DEFINITION,
    SHIPPED_SHA256,
    approve_version,
    dump_versions,
    expect_version,
    load_version,
    mutate_version,
    sha_of,
    shipped_with,
)
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    PLT_OF_TK,
    PNS,
)
from workflows.files.loader import load_shipped
from workflows.model.canonical import canonical_json


@pytest.fixture
def environment(environment_with_admins: Environment) -> Environment:
    return environment_with_admins


@pytest.mark.parametrize("query", ["{ workflow { sha256 } }", "{ workflows { edges { cursor } } }"])
@pytest.mark.parametrize("user", [COLLEAGUE, HEAD_OF_SD, PLT_OF_TK])
async def test_only_admins_read_versions(environment: Environment, user: int, query: str) -> None:
    _, answer = await (await environment.sign_in(user)).post({"query": query})
    assert [error["extensions"]["problem"]["code"] for error in answer["errors"]] == ["actor.not_admin"]


@pytest.mark.parametrize("name", ["a" * 5_000, "a" * 65, "é", ""])
async def test_version_with_an_arbitrary_name_is_not_found(environment: Environment, name: str) -> None:
    before, admin = await dump_versions(environment), await environment.sign_in(ADMIN)
    for mutation in ACTS[1:]:
        assert problem_codes(await mutate_version(environment, ADMIN, mutation, sha256=name)) == [
            "workflow.unknown"
        ]
    if name:  # an empty parent means the published version
        assert problem_codes(
            await mutate_version(
                environment, ADMIN, "proposeWorkflowVersion", yaml=OTHER_DEFINITION, parent=name
            )
        ) == ["workflow.parent_unknown"]
        answer = await admin.execute("query Q($sha: ID, $name: String!) { workflow(sha256: $sha) { status } "
                                "workflows(name: $name) { edges { cursor } } }", sha=name, name=name)  # fmt: skip
        assert answer == {"workflow": None, "workflows": {"edges": []}}
    _, answer = await admin.post({"query": f'{{ workflow {{ diff(to: "{name}") {{ class }} }} }}'})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["REFUSED"]
    assert await dump_versions(environment) == before


async def test_returned_yaml_is_the_same_version(environment: Environment) -> None:
    admin = await environment.sign_in(ADMIN)
    text = (await load_version(admin, "yaml"))["yaml"]
    assert sha_of(text) == SHIPPED_SHA256
    again = await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=text)
    assert (again["sha256"], again["replayed"]) == (SHIPPED_SHA256, True)


async def test_changes_have_a_sentence_and_a_class(environment: Environment) -> None:
    sha = await approve_version(environment)
    admin = await environment.sign_in(ADMIN)
    query = "query Q($to: ID!) { workflow { diff(to: $to) { class changes { code sentence class place } } } }"
    diff = (await admin.execute(query, to=sha))["workflow"]["diff"]
    (change,) = diff["changes"]
    assert (diff["class"], change["class"], change["code"]) == ("ADDITIVE", "ADDITIVE", "diff.label")
    assert change["place"] == "states.submitted.label"
    assert "Sudah diajukan" in change["sentence"]
    assert (await admin.execute(query, to=SHIPPED_SHA256))["workflow"]["diff"] == {
        "class": "ADDITIVE",
        "changes": [],
    }
    _, unknown = await admin.post({"query": query, "variables": {"to": "0" * 64}})
    assert unknown["errors"][0]["extensions"]["problem"] == {"code": "workflow.unknown", "path": ["to"]}


async def test_the_diagram_counts_the_plans_of_a_period_and_plans_are_counted_by_state(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    await complete_plan(await environment.sign_in(COLLEAGUE))
    admin = await environment.sign_in(ADMIN)
    version = await load_version(
        admin, 'bare: diagram live: diagram(period: "2024-1") plans { period state plans }'
    )
    assert 'state "Diajukan" as s_submitted' in version["bare"]
    assert 'state "Diajukan (1)" as s_submitted' in version["live"]
    assert 'state "Disetujui (0)" as s_approved' in version["live"]
    assert version["plans"] == [
        {"period": "2024-1", "state": "draft", "plans": 1},
        {"period": "2024-1", "state": "submitted", "plans": 1},
    ]


async def test_versions_are_listed_newest_first_page_by_page(environment: Environment) -> None:
    shas = [
        await approve_version(environment, shipped_with("id: Diajukan,", f"id: Diajukan {n},"))
        for n in range(3)
    ]
    admin = await environment.sign_in(ADMIN)
    query = """query Q($first: Int!, $after: String) { workflows(first: $first, after: $after) {
      edges { cursor node { sha256 status plans { plans } } } pageInfo { hasNextPage endCursor } } }"""
    page = (await admin.execute(query, first=3))["workflows"]
    assert [edge["node"]["sha256"] for edge in page["edges"]] == shas[::-1]
    assert page["pageInfo"]["hasNextPage"]
    rest = (await admin.execute(query, first=3, after=page["pageInfo"]["endCursor"]))["workflows"]
    assert [edge["node"]["sha256"] for edge in rest["edges"]] == [SHIPPED_SHA256]
    assert not rest["pageInfo"]["hasNextPage"]
    _, answer = await admin.post({"query": query, "variables": {"first": 0}})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "page.size"
    _, answer = await admin.post({"query": query, "variables": {"first": 1, "after": "x"}})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "cursor.invalid"


async def test_version_of_another_release_is_shown_without_its_content(
    environment: Environment,
) -> None:
    body = canonical_json(load_shipped()).decode().replace('"format":1', '"format":2')
    await environment.sql(
        "INSERT INTO workflow_version (sha256, name, body, stored_at) VALUES ($1, 'perencanaan-kinerja', $2, $3)",
        "f" * 64, body, NEW_YEAR,
    )  # fmt: skip
    admin = await environment.sign_in(ADMIN)
    assert (await admin.execute("query Q($s: ID) { workflow(sha256: $s) { name } }", s="f" * 64))[
        "workflow"
    ] is None
    await environment.sql(
        "WITH request AS (INSERT INTO change_request (kind, kind_version, subject, before, after, reason, state, "
        "expires_at) VALUES ('workflow_version', 1, 'workflow perencanaan-kinerja', '{}', "
        "jsonb_build_object('sha256', $1::text), '', 'proposed', now() + interval '1 day') RETURNING id) "
        "INSERT INTO admin_act (change_request, subject, act, actor_kind, account, reason, at, detail) SELECT id, "
        "'workflow perencanaan-kinerja', 'proposed', 'release', 'rencana 99', '', $2, '{}' FROM request",
        "f" * 64, NEW_YEAR,
    )  # fmt: skip
    version = await load_version(
        admin, f'status label yaml diagram diff(to: "{SHIPPED_SHA256}") {{ class }}', "f" * 64
    )
    assert version == {"status": "DRAFTED", "label": None, "yaml": None, "diagram": None, "diff": None}
    await expect_version(environment, ADMIN, "approveWorkflowVersion", sha256="f" * 64)
    assert "definition.unknown_format" in problem_codes(
        await mutate_version(environment, ADMIN, "publishWorkflowVersion", sha256="f" * 64)
    )
