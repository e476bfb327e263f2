"""Admins propose, approve and reject workflow versions over GraphQL, and refusals of these acts."""

from __future__ import annotations

import pytest

from services.kit.change_request import EXPIRES_AFTER
from services.kit.database import Database
from services.planning.api.http import REQUESTS_PER_CALLER
from services.planning.api.ids import workflow_version_id
from tests.integration.planning.concurrency import run_concurrently
from tests.integration.planning.environment import (
    JANUARY,
    PROBLEM_FIELDS,
    Environment,
    environment_at,
    payload_document,
    problem_codes,
)
from tests.integration.planning.workflow_versions import (
    ACTS,
    NEEDS_MORE,
    OTHER_DEFINITION,
    REASON,
    SECOND,
    SHIPPED_SHA256,
    UNSOUND,
    approve_version,
    dump_versions,
    expect_version,
    load_version,
    mutate_version,
    shipped_with,
)
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    OTHER_ACCOUNT,
    PLT_OF_TK,
    PNS,
)


@pytest.fixture
def environment(environment_with_admins: Environment) -> Environment:
    return environment_with_admins


@pytest.mark.parametrize(
    ("text", "code"), [(UNSOUND, "lint."), ("on: {a: 1}\non: 2\n", "yaml."), ("- a", "")]
)
async def test_definition_with_findings_is_refused_and_not_stored(
    environment: Environment, text: str, code: str
) -> None:
    before = await dump_versions(environment)
    answer = await mutate_version(environment, ADMIN, "proposeWorkflowVersion", yaml=text)
    assert answer["__typename"] == "Rejection"
    assert all(one["code"].startswith(code) and one["inputPath"] == ["yaml"] for one in answer["problems"])
    assert all(one["finding"] for one in answer["problems"])
    assert await dump_versions(environment) == before


async def test_finding_has_place_line_and_witness_in_the_readers_language(
    environment: Environment,
) -> None:
    problems = (await mutate_version(environment, ADMIN, "proposeWorkflowVersion", yaml=UNSOUND))["problems"]
    (problem,) = (one for one in problems if one["code"] == "lint.unreachable")
    assert problem["finding"]["location"] == "states.approved"
    assert UNSOUND.splitlines()[problem["finding"]["line"] - 1] == "  approved:"
    assert problem["finding"]["witness"][0].startswith("Tidak satu pun perintah")
    assert "status approved" in problem["message"]


async def test_missing_reason_is_reported_together_with_the_findings(environment: Environment) -> None:
    before = await dump_versions(environment)
    codes = problem_codes(
        await mutate_version(environment, ADMIN, "proposeWorkflowVersion", yaml=UNSOUND, reason=" ")
    )
    assert codes[0] == "reason.missing"
    assert len(codes) > 1
    assert await dump_versions(environment) == before
    sha = await approve_version(environment)
    before = await dump_versions(environment)
    for mutation in ACTS[1:]:
        assert "text.too_long" in problem_codes(
            await mutate_version(environment, ADMIN, mutation, sha256=sha, reason="a" * 2_001)
        )
    assert await dump_versions(environment) == before


async def test_same_content_again_returns_the_stored_version_with_its_author(
    environment: Environment,
) -> None:
    first = await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=OTHER_DEFINITION)
    before = await dump_versions(environment)
    again = await expect_version(
        environment, SECOND, "proposeWorkflowVersion", yaml="# another comment\n" + OTHER_DEFINITION
    )
    assert (again["sha256"], again["replayed"], again["acts"][0]["occurredAt"]) == (
        first["sha256"], True, first["acts"][0]["occurredAt"],
    )  # fmt: skip
    assert await dump_versions(environment) == before
    assert problem_codes(
        await mutate_version(environment, ADMIN, "approveWorkflowVersion", sha256=first["sha256"])
    ) == ["change_request.is_yours"]


async def test_author_with_another_account_cannot_approve(environment: Environment) -> None:
    sha = (await expect_version(environment, PNS, "proposeWorkflowVersion", yaml=OTHER_DEFINITION))["sha256"]
    before = await dump_versions(environment)
    assert problem_codes(
        await mutate_version(environment, OTHER_ACCOUNT, "approveWorkflowVersion", sha256=sha)
    ) == ["change_request.is_yours"]
    assert await dump_versions(environment) == before
    assert (await expect_version(environment, ADMIN, "approveWorkflowVersion", sha256=sha))[
        "status"
    ] == "APPROVED"


@pytest.mark.parametrize("mutation", ACTS)
@pytest.mark.parametrize("user", [COLLEAGUE, HEAD_OF_SD, PLT_OF_TK])
async def test_caller_who_is_not_an_admin_is_refused(
    environment: Environment, user: int, mutation: str
) -> None:
    sha = (await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=OTHER_DEFINITION))[
        "sha256"
    ]
    before = await dump_versions(environment)
    arguments: dict[str, object] = (
        {"yaml": NEEDS_MORE} if mutation == "proposeWorkflowVersion" else {"sha256": sha}
    )
    answer = await mutate_version(environment, user, mutation, **arguments)
    assert problem_codes(answer) == ["actor.not_admin"]
    assert await dump_versions(environment) == before


@pytest.mark.parametrize("mutation", ACTS)
async def test_anonymous_caller_is_refused(environment: Environment, mutation: str) -> None:
    before = await dump_versions(environment)
    arguments = {"reason": REASON} | (
        {"yaml": OTHER_DEFINITION}
        if mutation == "proposeWorkflowVersion"
        else {"workflowVersionId": workflow_version_id(SHIPPED_SHA256)}
    )
    query = payload_document(mutation, "__typename") + PROBLEM_FIELDS
    _, answer = await environment.anonymous().post({"query": query, "variables": {"input": arguments}})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert await dump_versions(environment) == before


async def test_status_change_that_is_not_possible_is_refused(environment: Environment) -> None:
    async def find_refusal(mutation: str, sha256: str, user: str = SECOND) -> str:
        before = await dump_versions(environment)
        (code,) = problem_codes(await mutate_version(environment, user, mutation, sha256=sha256))
        assert await dump_versions(environment) == before
        return code

    for mutation in ACTS[1:]:
        assert await find_refusal(mutation, "0" * 64) == "workflow.unknown"
        assert await find_refusal(mutation, "DROP TABLE plan") == "id.invalid"
    sha = (await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=OTHER_DEFINITION))[
        "sha256"
    ]
    assert await find_refusal("publishWorkflowVersion", sha) == "workflow.not_approved"
    assert await find_refusal("approveWorkflowVersion", sha, ADMIN) == "change_request.is_yours"
    await expect_version(environment, SECOND, "approveWorkflowVersion", sha256=sha)
    assert await find_refusal("approveWorkflowVersion", sha) == "workflow.approved_already"
    assert await find_refusal("retireWorkflowVersion", SHIPPED_SHA256) == "workflow.in_use"
    assert await find_refusal("publishWorkflowVersion", SHIPPED_SHA256) == "workflow.published_already"
    assert await find_refusal("rejectWorkflowVersion", sha) == "workflow.approved_already"
    await expect_version(environment, ADMIN, "retireWorkflowVersion", sha256=sha)
    for mutation in ("publishWorkflowVersion", "approveWorkflowVersion", "rejectWorkflowVersion"):
        assert await find_refusal(mutation, sha) == "workflow.retired"
    assert await find_refusal("retireWorkflowVersion", sha) == "workflow.retired_already"
    again = await expect_version(environment, SECOND, "proposeWorkflowVersion", yaml=OTHER_DEFINITION)
    assert (again["status"], again["replayed"]) == ("PROPOSED", False)
    assert await find_refusal("approveWorkflowVersion", sha) == "change_request.is_yours"
    assert (await expect_version(environment, ADMIN, "approveWorkflowVersion", sha256=sha))[
        "status"
    ] == "APPROVED"


async def test_rejected_proposal_cannot_be_published_until_it_is_proposed_again(
    environment: Environment,
) -> None:
    sha = (await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=OTHER_DEFINITION))[
        "sha256"
    ]
    before = await dump_versions(environment)
    assert problem_codes(await mutate_version(environment, ADMIN, "rejectWorkflowVersion", sha256=sha)) == [
        "change_request.is_yours"
    ]
    assert await dump_versions(environment) == before

    rejected_version = await expect_version(environment, SECOND, "rejectWorkflowVersion", sha256=sha)

    assert (rejected_version["status"], [one["status"] for one in rejected_version["acts"]]) == (
        "REJECTED",
        ["PROPOSED", "REJECTED"],
    )
    before = await dump_versions(environment)
    for mutation in ("approveWorkflowVersion", "publishWorkflowVersion", "rejectWorkflowVersion"):
        assert problem_codes(await mutate_version(environment, SECOND, mutation, sha256=sha)) == [
            "change_request.rejected"
        ]
    assert await dump_versions(environment) == before
    assert (await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=OTHER_DEFINITION))[
        "status"
    ] == "PROPOSED"
    assert (await expect_version(environment, SECOND, "approveWorkflowVersion", sha256=sha))[
        "status"
    ] == "APPROVED"


async def test_a_proposal_expires(
    environment: Environment, own_planning_database: Database, registry_with_admins: Database
) -> None:
    sha = (await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=OTHER_DEFINITION))[
        "sha256"
    ]
    async with environment_at(registry_with_admins, own_planning_database, JANUARY + EXPIRES_AFTER) as later:
        before = await dump_versions(later)
        for mutation in ("approveWorkflowVersion", "rejectWorkflowVersion", "publishWorkflowVersion"):
            assert problem_codes(await mutate_version(later, SECOND, mutation, sha256=sha)) == [
                "change_request.expired"
            ]
        assert (await load_version(await later.sign_in(SECOND), "status", sha))["status"] == "EXPIRED"
        assert await dump_versions(later) == before
        assert not (await expect_version(later, ADMIN, "proposeWorkflowVersion", yaml=OTHER_DEFINITION))[
            "replayed"
        ]
        assert (await expect_version(later, SECOND, "approveWorkflowVersion", sha256=sha))[
            "status"
        ] == "APPROVED"


async def test_proposal_must_be_based_on_a_version_of_the_same_workflow(environment: Environment) -> None:
    before = await dump_versions(environment)
    assert problem_codes(
        await mutate_version(
            environment,
            ADMIN,
            "proposeWorkflowVersion",
            yaml=OTHER_DEFINITION,
            basedOnId=workflow_version_id("0" * 64),
        )
    ) == ["workflow.based_on_unknown"]
    assert await dump_versions(environment) == before
    sha = await approve_version(environment)
    child = await expect_version(
        environment, ADMIN, "proposeWorkflowVersion", yaml=NEEDS_MORE, basedOnId=workflow_version_id(sha)
    )
    assert child["basedOn"] == {"id": workflow_version_id(sha), "sha256": sha}


async def test_definition_that_could_not_be_returned_as_yaml_is_refused(environment: Environment) -> None:
    # The text is within the limit. Its canonical JSON is beyond it, so that no process could read it.
    rows = "".join(
        f"  - {{id: r{n}, trigger: t{n}, from: draft, to: draft, by: {{role: admin}}, "
        f"label: {{id: 'Coba {n}', en: 'Try {n}'}}}}\n" for n in range(490)
    )  # fmt: skip
    text = shipped_with("\ntimers:\n", f"\n{rows}\ntimers:\n")
    assert len(text.encode()) < 65_536
    codes = problem_codes(await mutate_version(environment, ADMIN, "proposeWorkflowVersion", yaml=text))
    assert codes == ["yaml.too_large"]


async def test_one_of_ten_concurrent_approvals_is_made(
    environment: Environment, own_planning_database: Database
) -> None:
    sha = (await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=OTHER_DEFINITION))[
        "sha256"
    ]
    outcomes = await run_concurrently(
        own_planning_database,
        "change_request",
        [mutate_version(environment, SECOND, "approveWorkflowVersion", sha256=sha) for _ in range(10)],
        at_once=REQUESTS_PER_CALLER,
    )
    kinds = [outcome["__typename"] for outcome in outcomes if isinstance(outcome, dict)]
    assert sorted(kinds) == ["ApproveWorkflowVersionPayload"] + ["Rejection"] * 9
