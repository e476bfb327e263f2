"""What the tests of the review share: forty plans that wait, and how approvals and comments are sent."""

from __future__ import annotations

from typing import Any

from services.planning.api.ids import plan_id
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    PROBLEM_FIELDS,
    Client,
    Environment,
    join_payload,
    problem_path,
)
from tests.integration.planning.plans import submit_plan
from tests.small_registry import PNS

FORTY_TEACHERS = range(101, 141)  # more teachers of the SD, by number

APPROVE = (
    """mutation M($input: ApprovePlansInput!) { answer: approvePlans(input: $input) { __typename
  ... on ApprovePlansPayload { approvedCount results { __typename
    ... on ApprovePlanPayload { replayed plan { id version state { name phase } } } ...FailureFields } }
  ...FailureFields
} }"""
    + PROBLEM_FIELDS
)
COMMENT = (
    """mutation M($input: CommentOnPlanInput!) { answer: commentOnPlan(input: $input) { __typename
  ... on CommentOnPlanPayload { replayed comment { id number createdAt author { role nama isViewer } text isErased } }
  ...FailureFields
} }"""
    + PROBLEM_FIELDS
)
DISCUSSION = """query Q($id: ID!, $first: Int! = 50, $after: String) { plan(id: $id) {
  version comments(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    edges { cursor node { id number createdAt author { role nama isViewer } text isErased } } }
} }"""


async def submit_forty_plans(environment: Environment) -> list[str]:
    """The ids of forty plans at version 7, each a copy of one that a teacher really handed in."""
    await submit_plan(environment, PNS)
    await environment.sql(
        "INSERT INTO plan SELECT copy, period, npsn, school, workflow, catalog, state, version, last_hash, tab, "
        "profile, content, updated_at, submitted_at, revision_due, note, reopened_at "
        "FROM plan, unnest($1::uuid[]) copy",
        list(map(ptk, FORTY_TEACHERS)),
    )
    return [plan_id(str(ptk(number)), "2024-1") for number in FORTY_TEACHERS]


async def approve_plans(
    person: Client, *versions: tuple[str, int], language: str = "id", **given: Any
) -> dict[str, Any]:
    """The answer to approving these plans, each at a version."""
    items = [{"planId": plan_id, "expectedVersion": version} for plan_id, version in versions]
    answer = dict((await person.execute(APPROVE, language, input={"plans": items, **given}))["answer"])
    if "results" in answer:
        answer["results"] = [join_payload(result) for result in answer["results"]]
    return answer


async def add_comment(
    person: Client, plan_id: str, text: str, language: str = "id", **given: Any
) -> dict[str, Any]:
    """The answer to a comment."""
    whole = {"planId": plan_id, "text": text, **given}
    return join_payload((await person.execute(COMMENT, language, input=whole))["answer"])


async def load_comments(person: Client, plan_id: str, **given: Any) -> dict[str, Any]:
    """A page of what was said about a plan."""
    return dict((await person.execute(DISCUSSION, id=plan_id, **given))["plan"]["comments"])


def problems_with_paths(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and path of every problem of a refusal."""
    assert answer["__typename"].endswith("Rejection"), answer
    return [(problem["code"], problem_path(problem)) for problem in answer["problems"]]


async def expect_comment(person: Client, plan_id: str, text: str = "Terima kasih.") -> dict[str, Any]:
    """Send a comment that must be accepted. Returns it."""
    answer = await add_comment(person, plan_id, text)
    assert answer["__typename"] == "CommentOnPlanPayload", answer
    return answer
