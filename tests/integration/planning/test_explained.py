"""Why a plan does not go on, asked by an admin: for each transition of its state, whoever it is for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.planning.environment import Client, Environment
from tests.integration.planning.plans import submit_plan
from tests.small_registry import ADMIN, HEAD_OF_SD, OF_SMA, PNS

ASKED = """query Q($id: ID!) { plan(id: $id) {
  transitions { transition role allowed refusals { code message } warnings { code } requires } } }"""


async def transitions(person: Client, of: str, language: str = "id") -> dict[str, Any]:
    told = (await person.execute(ASKED, language, id=of))["plan"]["transitions"]
    return {one["transition"]: one for one in told}


def codes(one: dict[str, Any]) -> list[str]:
    return [refusal["code"] for refusal in one["refusals"]]


async def test_explanation_under_a_vacant_head(environment: Environment) -> None:
    teacher, admin = await submit_plan(environment, OF_SMA), await environment.sign_in(ADMIN)
    told = await transitions(admin, teacher.plan_id)
    assert {name: one["role"] for name, one in told.items()} == {
        "approve_automatically": "system", "approve": "superior", "return": "superior", "move_submitted": "admin",
    }  # fmt: skip
    assert codes(told["approve"]) == codes(told["return"]) == ["head.vacant"]
    assert codes(told["approve_automatically"]) == ["head.is_other", "param.off"]
    assert told["return"]["requires"] == ["reason"]
    english = await transitions(admin, teacher.plan_id, "en")
    assert english["approve"]["refusals"][0]["message"] != told["approve"]["refusals"][0]["message"]


async def test_explanation_of_a_draft_is_that_of_its_owner(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    told = await transitions(await environment.sign_in(ADMIN), teacher.plan_id)
    assert not told["submit"]["allowed"]
    warnings = [one["code"] for one in told["submit"]["warnings"]]
    assert warnings == ["points.below_minimum"]
    assert codes(told["submit"]) + warnings == await teacher.expect_refusal("submitPlan", 1)


@pytest.mark.parametrize("who", [PNS, HEAD_OF_SD])
async def test_only_admins_read_explanations(environment: Environment, who: int) -> None:
    teacher = await submit_plan(environment, PNS)
    _, answer = await (await environment.sign_in(who)).post(
        {"query": ASKED, "variables": {"id": teacher.plan_id}}
    )
    assert answer["data"] == {"plan": {"transitions": None}}
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "actor.not_admin"
