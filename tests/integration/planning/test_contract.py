"""The API works on a version that names triggers and dates differently, by the contract of that version."""

from __future__ import annotations

import re

import pytest

from tests.integration.planning.environment import Environment
from tests.integration.planning.plans import NOTE, complete_plan, decide_as_head
from tests.integration.planning.workflow_versions import (
    SECOND,
    approve_version,
    dump_versions,
    expect_version,
    mutate_version,
)
from tests.small_registry import ADMIN, HEAD_OF_SD, PNS
from workflows.files.loader import read_shipped

TRIGGERS = {"submit": "ajukan", "approve": "setujui", "return": "kembalikan", "beginImplementation": "mulai"}
DAYS = {"planning_opens": "buka", "planning_closes": "tutup", "plt_banner_from": "banner"}


def rename_everything() -> str:
    """Return the shipped definition with other names. Its dates have defaults, because the period gives them none."""
    text = read_shipped().decode()
    for old, new in TRIGGERS.items():
        text = re.sub(rf"trigger: {old}\b", f"trigger: {new}", text)
    for (old, new), day in zip(DAYS.items(), ("2024-01-01", "2024-01-20", "2024-02-01"), strict=True):
        text = re.sub(rf"\b{old}\b", new, text)
        text = text.replace(
            f"  {new}:\n    type: date\n", f'  {new}:\n    type: date\n    default: "{day}"\n'
        )
    return text


@pytest.fixture
def environment(environment_of_own_database: Environment) -> Environment:
    return environment_of_own_database


async def test_named_mutations_and_dates_follow_the_contract_of_the_plan(environment: Environment) -> None:
    sha = await approve_version(environment, rename_everything())
    await expect_version(environment, SECOND, "publishWorkflowVersion", sha256=sha)
    teacher = await environment.sign_in(PNS)
    period = await teacher.execute('query Q { period(code: "2024-1") { window { closesOn } minimumPoints } }')
    assert period["period"] == {"window": {"closesOn": "2024-01-20"}, "minimumPoints": 32}
    await complete_plan(teacher)
    query = "query Q($id: ID!) { plan(id: $id) { turn { closesOn } availableTransitions { trigger } } }"
    plan = (await teacher.execute(query, id=teacher.plan_id))["plan"]
    assert plan == {"turn": {"closesOn": "2024-01-20"}, "availableTransitions": [{"trigger": "ajukan"}]}
    await teacher.mutate_plan("submitPlan")
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    await teacher.mutate_plan("submitPlan")
    await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    begun = await teacher.mutate_plan("beginImplementation")
    assert begun["state"]["phase"] == "IN_IMPLEMENTATION"
    assert (await teacher.execute("query Q { viewer { banners { code } } }"))["viewer"]


async def test_draft_without_contract_is_refused(environment: Environment) -> None:
    text, before = read_shipped().decode(), await dump_versions(environment)
    start, end = text.index("contract:"), text.index("params:\n")
    answer = await mutate_version(
        environment, ADMIN, "proposeWorkflowVersion", yaml=text[:start] + text[end:]
    )
    problems = [(one["code"], one["message"]) for one in answer["problems"]]
    assert problems == [("definition.missing_key", "Kunci contract belum ditulis.")]
    assert await dump_versions(environment) == before
