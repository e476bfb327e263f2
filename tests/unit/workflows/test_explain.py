"""For every state and every way a school is led: each transition is there, and one that is not possible says why."""

from __future__ import annotations

import pytest

from tests.unit.workflows.samples import DEFINITIF, KOSONG, OWNER, PLT, facts, plan, workflow
from workflows.engine.decide import decide, evaluate_transitions
from workflows.model.facts import SYSTEM, Actor, CommandInput, Head, HeadKind

STATES = [state.name for state in workflow().definition.states]
OWN = Head(HeadKind.PLT, OWNER)
GIVEN = CommandInput("Alasan.", frozenset({"points.below_minimum"}))


@pytest.mark.parametrize("head", [DEFINITIF, PLT, KOSONG, OWN], ids=["definitif", "plt", "kosong", "own"])
@pytest.mark.parametrize("state", STATES)
def test_every_row_is_told_and_what_is_allowed_is_what_a_command_would_do(state: str, head: Head) -> None:
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
                GIVEN,
            )
            assert one.allowed == done.allowed, one
            assert one.allowed or one.refusals


def test_a_head_who_is_missing_and_a_head_who_is_the_owner_are_told_apart() -> None:
    def why(head: Head) -> list[str]:
        told = evaluate_transitions(workflow(), plan("submitted"), facts(head=head))
        (approve,) = (one for one in told if one.transition.id == "approve")
        return [refusal.code for refusal in approve.refusals]

    assert (why(DEFINITIF), why(KOSONG), why(OWN)) == ([], ["head.vacant"], ["actor.own_plan"])
