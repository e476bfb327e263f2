"""The evaluation of every transition, for each state and kind of head."""

from __future__ import annotations

import pytest

from tests.unit.workflows.samples import DEFINITIF, KOSONG, OWNER, PLT, facts, plan, workflow
from workflows.engine.decide import decide, evaluate_transitions
from workflows.model.facts import SYSTEM, Actor, CommandInput, Head, HeadKind

STATES = [state.name for state in workflow().definition.states]
OWNER_AS_PLT = Head(HeadKind.PLT, OWNER)
FULL_INPUT = CommandInput("Alasan.", frozenset({"points.below_minimum"}))


@pytest.mark.parametrize(
    "head", [DEFINITIF, PLT, KOSONG, OWNER_AS_PLT], ids=["definitif", "plt", "kosong", "own"]
)
@pytest.mark.parametrize("state", STATES)
def test_an_evaluated_transition_is_allowed_exactly_if_the_command_is(state: str, head: Head) -> None:
    for stale in (False, True):
        plan_facts = facts(head=head, **({"facts_as_of": None} if stale else {}))
        evaluations = evaluate_transitions(workflow(), plan(state), plan_facts)
        rows = [row.id for row in workflow().definition.transitions if state in row.from_states]
        assert [evaluation.transition.id for evaluation in evaluations] == rows
        for evaluation in evaluations:
            actors = {
                "teacher": Actor(OWNER),
                "superior": Actor(head.ptk_id),
                "dinas": Actor(scopes=frozenset({"admin"})),
                "admin": Actor(scopes=frozenset({"admin"})),
                "system": SYSTEM,
            }
            decision = decide(
                workflow(),
                plan(state),
                evaluation.transition.trigger,
                actors[evaluation.transition.authority.role],
                plan_facts,
                FULL_INPUT,
            )
            assert evaluation.allowed == decision.allowed, evaluation
            assert evaluation.allowed or evaluation.refusals


def test_a_vacant_head_and_an_owner_as_head_have_different_refusals() -> None:
    def refusal_codes(head: Head) -> list[str]:
        evaluations = evaluate_transitions(workflow(), plan("submitted"), facts(head=head))
        (approve,) = (evaluation for evaluation in evaluations if evaluation.transition.id == "approve")
        return [refusal.code for refusal in approve.refusals]

    assert (refusal_codes(DEFINITIF), refusal_codes(KOSONG), refusal_codes(OWNER_AS_PLT)) == (
        [],
        ["head.vacant"],
        ["actor.own_plan"],
    )
