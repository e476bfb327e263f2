"""The explanation of the transitions of a plan, for admins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.planning.environment import Client, Environment
from tests.integration.planning.plans import submit_plan
from tests.small_registry import ADMIN, HEAD_OF_SD, OF_SMA, PNS

EXPLANATIONS = """query Q($id: ID!) { plan(id: $id) {
  explainedTransitions { transition role isAllowed refusals { code message } warnings { code } requires } } }"""


async def transitions(person: Client, of: str, language: str = "id") -> dict[str, Any]:
    explanations = (await person.execute(EXPLANATIONS, language, id=of))["plan"]["explainedTransitions"]
    return {explanation["transition"]: explanation for explanation in explanations}


def codes(explanation: dict[str, Any]) -> list[str]:
    return [refusal["code"] for refusal in explanation["refusals"]]


async def test_explanation_names_the_vacant_head(environment: Environment) -> None:
    teacher, admin = await submit_plan(environment, OF_SMA), await environment.sign_in(ADMIN)
    explanations = await transitions(admin, teacher.plan_id)
    assert {name: explanation["role"] for name, explanation in explanations.items()} == {
        "approve_automatically": "SYSTEM", "approve": "SUPERIOR", "return": "SUPERIOR", "move_submitted": "ADMIN",
        "approve_by_dinas": "DINAS", "return_by_dinas": "DINAS",
    }  # fmt: skip
    for name in ("approve", "return", "approve_by_dinas", "return_by_dinas"):
        assert codes(explanations[name]) == ["head.vacant"]
    assert codes(explanations["approve_automatically"]) == ["head.is_other", "param.off"]
    assert explanations["return"]["requires"] == ["REASON"]
    english = await transitions(admin, teacher.plan_id, "en")
    assert english["approve"]["refusals"][0]["message"] != explanations["approve"]["refusals"][0]["message"]


async def test_explanation_of_a_draft_is_that_of_its_owner(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    explanations = await transitions(await environment.sign_in(ADMIN), teacher.plan_id)
    assert not explanations["submit"]["isAllowed"]
    warnings = [explanation["code"] for explanation in explanations["submit"]["warnings"]]
    assert warnings == ["points.below_minimum"]
    assert codes(explanations["submit"]) + warnings == await teacher.expect_refusal("submitPlan", 1)


@pytest.mark.parametrize("user", [PNS, HEAD_OF_SD])
async def test_only_admins_read_explanations(environment: Environment, user: int) -> None:
    teacher = await submit_plan(environment, PNS)
    _, answer = await (await environment.sign_in(user)).post(
        {"query": EXPLANATIONS, "variables": {"id": teacher.plan_id}}
    )
    assert answer["data"] == {"plan": {"explainedTransitions": None}}
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "actor.not_admin"
