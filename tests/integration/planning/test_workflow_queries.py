"""Admins read workflow versions over GraphQL: definitions, changes, diagrams and the list."""

from __future__ import annotations

import pytest

from services.planning.api.ids import workflow_version_id
from tests.integration.planning.environment import (
    Environment,
    problem_codes,
)
from tests.integration.planning.plans import complete_plan, submit_plan
from tests.integration.planning.workflow_versions import (
    ACTS,
    NEW_YEAR,
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


@pytest.mark.parametrize(
    "query", ["{ workflowVersion { sha256 } }", "{ workflowVersions { edges { cursor } } }"]
)
@pytest.mark.parametrize("user", [COLLEAGUE, HEAD_OF_SD, PLT_OF_TK])
async def test_only_admins_read_versions(environment: Environment, user: int, query: str) -> None:
    _, answer = await (await environment.sign_in(user)).post({"query": query})
    assert [error["extensions"]["problem"]["code"] for error in answer["errors"]] == ["actor.not_admin"]


@pytest.mark.parametrize("name", ["a" * 5_000, "a" * 65, "é", ""])
async def test_version_with_an_arbitrary_name_is_not_found(environment: Environment, name: str) -> None:
    before, admin = await dump_versions(environment), await environment.sign_in(ADMIN)
    for id in (name, workflow_version_id(name)[:4_000]):
        for mutation in ACTS[1:]:
            answer = await mutate_version(environment, ADMIN, mutation, workflowVersionId=id)
            assert problem_codes(answer) == ["id.invalid"]
        query = f'{{ workflowVersion {{ diff(toId: "{id}") {{ severity }} }} }}'
        _, answer = await admin.post({"query": query})
        assert [error["extensions"]["problem"]["code"] for error in answer["errors"]] == ["id.invalid"]
    query = (
        "query Q($filter: WorkflowVersionFilter) { workflowVersions(filter: $filter) { edges { cursor } } }"
    )
    assert await admin.execute(query, filter={"name": name}) == {"workflowVersions": {"edges": []}}
    assert await dump_versions(environment) == before


async def test_returned_yaml_is_the_same_version(environment: Environment) -> None:
    admin = await environment.sign_in(ADMIN)
    text = (await load_version(admin, "yaml"))["yaml"]
    assert sha_of(text) == SHIPPED_SHA256
    again = await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=text)
    assert (again["sha256"], again["replayed"]) == (SHIPPED_SHA256, True)


async def test_changes_have_a_sentence_and_a_severity(environment: Environment) -> None:
    sha = await approve_version(environment)
    admin = await environment.sign_in(ADMIN)
    query = """query Q($to: ID!) { workflowVersion { diff(toId: $to) {
      severity changes { code sentence severity location } } } }"""
    diff = (await admin.execute(query, to=workflow_version_id(sha)))["workflowVersion"]["diff"]
    (change,) = diff["changes"]
    assert (diff["severity"], change["severity"], change["code"]) == ("ADDITIVE", "ADDITIVE", "diff.label")
    assert change["location"] == "states.submitted.label"
    assert "Sudah diajukan" in change["sentence"]
    same = await admin.execute(query, to=workflow_version_id(SHIPPED_SHA256))
    assert same["workflowVersion"]["diff"] == {"severity": "ADDITIVE", "changes": []}
    _, unknown = await admin.post({"query": query, "variables": {"to": workflow_version_id("0" * 64)}})
    assert unknown["errors"][0]["extensions"]["problem"] == {"code": "workflow.unknown", "path": ["toId"]}


async def test_the_diagram_counts_the_plans_of_a_period_and_plans_are_counted_by_state(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    await complete_plan(await environment.sign_in(COLLEAGUE))
    admin = await environment.sign_in(ADMIN)
    version = await load_version(
        admin,
        'bare: diagram live: diagram(period: "2024-1") planCounts { period { code } state planCount }',
    )
    assert 'state "Diajukan" as s_submitted' in version["bare"]
    assert 'state "Diajukan (1)" as s_submitted' in version["live"]
    assert 'state "Disetujui (0)" as s_approved' in version["live"]
    assert version["planCounts"] == [
        {"period": {"code": "2024-1"}, "state": "draft", "planCount": 1},
        {"period": {"code": "2024-1"}, "state": "submitted", "planCount": 1},
    ]


async def test_versions_are_listed_newest_first_page_by_page(environment: Environment) -> None:
    shas = [
        await approve_version(environment, shipped_with("id: Diajukan,", f"id: Diajukan {n},"))
        for n in range(3)
    ]
    admin = await environment.sign_in(ADMIN)
    query = """query Q($first: Int!, $after: String) { workflowVersions(first: $first, after: $after) {
      nodes { sha256 basedOn { sha256 } } pageInfo { hasNextPage endCursor } } }"""
    page = (await admin.execute(query, first=3))["workflowVersions"]
    assert page["nodes"] == [{"sha256": sha, "basedOn": {"sha256": SHIPPED_SHA256}} for sha in shas[::-1]]
    assert page["pageInfo"]["hasNextPage"]
    rest = (await admin.execute(query, first=3, after=page["pageInfo"]["endCursor"]))["workflowVersions"]
    assert rest["nodes"] == [{"sha256": SHIPPED_SHA256, "basedOn": None}]
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
    query = "query Q($id: ID) { workflowVersion(id: $id) { name } }"
    without_act = await admin.execute(query, id=workflow_version_id("f" * 64))
    assert without_act == {"workflowVersion": None}
    await environment.sql(
        "WITH request AS (INSERT INTO change_request (kind, kind_version, subject, before, after, reason, state, "
        "expires_at) VALUES ('workflow_version', 1, 'workflow perencanaan-kinerja', '{}', "
        "jsonb_build_object('sha256', $1::text), '', 'proposed', now() + interval '1 day') RETURNING id) "
        "INSERT INTO admin_act (change_request, subject, act, actor_kind, account, reason, at, detail) SELECT id, "
        "'workflow perencanaan-kinerja', 'proposed', 'release', 'rencana 99', '', $2, '{}' FROM request",
        "f" * 64, NEW_YEAR,
    )  # fmt: skip
    version = await load_version(
        admin,
        f'status label yaml diagram diff(toId: "{workflow_version_id(SHIPPED_SHA256)}") {{ severity }}',
        "f" * 64,
    )
    assert version == {"status": "PROPOSED", "label": None, "yaml": None, "diagram": None, "diff": None}
    await expect_version(environment, ADMIN, "approveWorkflowVersion", sha256="f" * 64)
    assert "definition.unknown_format" in problem_codes(
        await mutate_version(environment, ADMIN, "publishWorkflowVersion", sha256="f" * 64)
    )
