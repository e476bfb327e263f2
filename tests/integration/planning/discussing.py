"""How the tests of the review send what no `document` of house.py knows: many approvals, and comments."""

from __future__ import annotations

from typing import Any

from tests.integration.planning.house import PROBLEMS, Person

APPROVE = (
    """mutation M($input: ApprovePlansInput!) { answer: approvePlans(input: $input) { __typename
  ... on ApprovedPlans { approved results { planId result { __typename
    ... on Plan { id version replayed state { name phase } } ...Told } } }
  ...Told
} }"""
    + PROBLEMS
)
COMMENT = (
    """mutation M($input: CommentOnPlanInput!) { answer: commentOnPlan(input: $input) { __typename
  ... on Comment { id number at author { role nama isViewer } text erased replayed }
  ...Told
} }"""
    + PROBLEMS
)
DISCUSSION = """query Q($id: ID!, $first: Int! = 50, $after: String) { plan(id: $id) {
  version comments(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    edges { cursor node { id number at author { role nama isViewer } text erased replayed } } }
} }"""


async def approve(
    person: Person, *wanted: tuple[str, int], language: str = "id", **given: Any
) -> dict[str, Any]:
    """The answer to approving these plans, each at a version."""
    listed = [{"planId": plan_id, "expectedVersion": version} for plan_id, version in wanted]
    answer: dict[str, Any] = (await person.ask(APPROVE, language, input={"plans": listed, **given}))["answer"]
    return answer


async def comment(
    person: Person, plan_id: str, text: str, language: str = "id", **given: Any
) -> dict[str, Any]:
    """The answer to a comment."""
    whole = {"planId": plan_id, "text": text, **given}
    answer: dict[str, Any] = (await person.ask(COMMENT, language, input=whole))["answer"]
    return answer


async def discussion(person: Person, plan_id: str, **given: Any) -> dict[str, Any]:
    """A page of what was said about a plan."""
    return dict((await person.ask(DISCUSSION, id=plan_id, **given))["plan"]["comments"])


def told(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and path of every problem of a refusal."""
    assert answer["__typename"] == "Refused", answer
    return [(problem["code"], ".".join(problem["path"])) for problem in answer["problems"]]
