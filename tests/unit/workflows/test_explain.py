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
        known = facts(head=head, **({"facts_as_of": None} if stale else {}))
        told = evaluate_transitions(workflow(), plan(state), known)
        rows = [row.id for row in workflow().definition.transitions if state in row.from_states]
        assert [one.transition.id for one in told] == rows
        for one in told:
            actors = {
                "teacher": Actor(OWNER),
                "superior": Actor(head.ptk_id),
                "admin": Actor(scopes=frozenset({"admin"})),
                "system": SYSTEM,
            }
            done = decide(
                workflow(),
                plan(state),
                one.transition.trigger,
                actors[one.transition.authority.role],
                known,
                FULL_INPUT,
            )
            assert one.allowed == done.allowed, one
            assert one.allowed or one.refusals


def test_a_vacant_head_and_an_owner_as_head_have_different_refusals() -> None:
    def why(head: Head) -> list[str]:
        told = evaluate_transitions(workflow(), plan("submitted"), facts(head=head))
        (approve,) = (one for one in told if one.transition.id == "approve")
        return [refusal.code for refusal in approve.refusals]

    assert (why(DEFINITIF), why(KOSONG), why(OWNER_AS_PLT)) == ([], ["head.vacant"], ["actor.own_plan"])
