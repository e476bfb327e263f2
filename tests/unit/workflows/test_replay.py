"""A history held against a definition: its own never differs, and of another nothing is told that is not so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import Phase as Step
from hypothesis import strategies as st

from tests.unit.workflows import walks
from tests.unit.workflows.drafts import drafts
from tests.unit.workflows.renamed import renamed
from tests.unit.workflows.replay import plan
from workflows.diff.replay import Recorded, Replay, Told, Verdict, facts_in
from workflows.engine.decide import decide
from workflows.engine.machine import Workflow
from workflows.files.loader import load, shipped
from workflows.lint.build import assemble
from workflows.model.decision import Decision
from workflows.model.definition import Definition
from workflows.model.facts import SYSTEM, Actor, Facts, Given, Head, HeadKind, ParamValue
from workflows.proof.examples import NPSN

QUICK = (Step.explicit, Step.reuse, Step.generate, Step.shrink)
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def recorded_of(
    workflow: Workflow, state: str, trigger: str, actor: Actor, facts: Facts, decision: Decision
) -> Recorded:
    """What the events of a decision keep of it."""
    evidence: dict[str, Any] = {}
    for step in decision.steps:
        evidence |= step.evidence
    reason = next((step.reason for step in decision.steps if step.reason), None)
    accepted = {warning.code for step in decision.steps for warning in step.acknowledged}
    return Recorded(
        workflow, trigger, state, tuple(step.to_state for step in decision.steps), actor, walks.OWNER, NPSN,
        facts.now, facts.zone, facts.params, facts_in(json.loads(json.dumps(evidence))),
        Given(reason, frozenset(accepted)),
    )  # fmt: skip


def history(workflow: Workflow, data: st.DataObject) -> list[tuple[Recorded, Facts]]:
    """A random walk of a plan, as its events tell it, and all the facts that there were."""
    state, found = workflow.definition.initial.name, []
    for _ in range(5):
        facts = data.draw(walks.FACTS)
        actor = data.draw(st.sampled_from(walks.ACTORS))
        trigger = data.draw(st.sampled_from(walks.triggers(workflow, state)))
        decision = decide(workflow, plan(state), trigger, actor, facts, walks.WILLING)
        if decision.steps:
            found.append((recorded_of(workflow, state, trigger, actor, facts, decision), facts))
        state = decision.state
    return found


def same_states(definition: Definition) -> Mapping[str, str]:
    """A map that changes nothing: with it, each command is worked out, even where both definitions say the same."""
    return {state.name: state.name for state in definition.states}


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW, phases=QUICK)
@given(drafts(), st.data())
def test_a_history_held_against_its_own_definition_never_differs(
    definition: Definition, data: st.DataObject
) -> None:
    workflow = assembled(definition)
    commands = history(workflow, data)
    event(f"{len(commands)} commands")
    for replay in (Replay(workflow, {}), Replay(workflow, same_states(definition))):
        for recorded, _ in commands:
            assert replay.told(recorded).verdict is Verdict.SAME
            assert replay.worked_out(recorded).verdict is Verdict.SAME


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW, phases=QUICK)
@given(drafts(), drafts(), st.data())
def test_what_is_told_of_another_definition_is_what_it_does_with_all_the_facts_there_were(
    definition: Definition, other: Definition, data: st.DataObject
) -> None:
    workflow, draft = assembled(definition), assembled(other)
    replay = Replay(draft, {})
    for recorded, facts in history(workflow, data):
        told = replay.told(recorded)
        event(told.verdict.value)
        assert told.verdict is replay.worked_out(recorded).verdict
        truth = decide(draft, plan(recorded.before), recorded.trigger, recorded.actor, facts, recorded.given)
        states = tuple(step.to_state for step in truth.steps)
        if told.verdict is Verdict.SAME:
            assert states == recorded.states
        if told.verdict is Verdict.OTHERWISE:
            assert states != recorded.states


def assembled(definition: Definition) -> Workflow:
    """A definition that the engine can run, and by which one question is answered by one row."""
    workflow = assemble(definition)
    rows = [(row.trigger, state, row.by) for row in definition.transitions for state in row.from_states]
    assume(len(rows) == len(set(rows)))
    return workflow


SHIPPED = assemble(load(shipped()))
MORE_AUTOMATIC = assemble(
    load(
        shipped()
        .decode()
        .replace("all: [{head_is: {kind: plt}}, {not: head_is_owner}]", "not: {head_is: {kind: kosong}}")
    )
)
MORE_POINTS = assemble(
    load(
        shipped()
        .decode()
        .replace("    warn:\n      points_at_least: {minimum: {param: minimum_points}}\n", "")
        .replace(
            "        - profile_confirmed\n",
            "        - profile_confirmed\n        - points_at_least: {minimum: 40}\n",
        )
    )
)
AT_HOME: dict[str, Any] = {
    "sekolah_induk": NPSN,
    "profile_confirmed": True,
    "points": 36,
    "facts_as_of": walks.NOW,
}
PARAMS: dict[str, ParamValue] = {
    "approve_automatically": False, "planning_opens": walks.TODAY, "planning_closes": walks.TODAY,
    "plt_banner_from": walks.TODAY, "plt_confirmation_from": walks.TODAY, "minimum_points": 32, "revision_days": 7,
    "facts_max_age_minutes": 60,
}  # fmt: skip


def submission(led_by: Head, **known: Any) -> Recorded:
    """A submission under the shipped definition, at a school that is led so; and what its events keep of it."""
    facts = replace(Facts(walks.NOW, UTC, PARAMS, 1, led_by, None, None), **AT_HOME)
    owner, state = Actor(walks.OWNER), "draft"
    decision = decide(SHIPPED, plan(state), "submit", owner, facts)
    recorded = recorded_of(SHIPPED, state, "submit", owner, facts, decision)
    return replace(recorded, known={**recorded.known, **known})


def test_how_the_school_was_led_is_not_kept_with_a_plan_that_waits_so_it_cannot_be_told() -> None:
    definitif = Head(HeadKind.DEFINITIF, walks.HEAD)
    waits = submission(definitif)
    assert waits.states == ("submitted",)
    told = Replay(MORE_AUTOMATIC, {}).told(waits)
    assert (told.verdict, told.unknown) == (Verdict.UNTOLD, ("head",))
    assert Replay(MORE_AUTOMATIC, {}).needs(waits) == {"head", "revision_due"}
    known = submission(definitif, head=definitif)
    assert Replay(MORE_AUTOMATIC, {}).told(known) == Told(Verdict.OTHERWISE, ("submitted", "auto_approved"))


def test_under_a_plt_it_is_kept_and_goes_the_same_way() -> None:
    approved = submission(Head(HeadKind.PLT, walks.HEAD))
    assert approved.states == ("submitted", "auto_approved")
    assert Replay(MORE_AUTOMATIC, {}).told(approved).verdict is Verdict.SAME


def test_a_refusal_of_the_draft_is_told_with_its_reason() -> None:
    told = Replay(MORE_POINTS, {}).worked_out(submission(Head(HeadKind.DEFINITIF, walks.HEAD)))
    assert (told.verdict, told.states) == (Verdict.OTHERWISE, ())
    assert [(refusal.code, dict(refusal.params)) for refusal in told.refusals] == [
        ("points.below_minimum", {"points": 36, "minimum": 40})
    ]


def test_what_the_draft_leaves_as_it_was_needs_no_fact_at_all() -> None:
    bare = replace(submission(Head(HeadKind.DEFINITIF, walks.HEAD)), known={})
    replay = Replay(SHIPPED, {})
    assert (replay.needs(bare), replay.told(bare).verdict) == (frozenset(), Verdict.SAME)


def test_under_a_map_the_states_of_the_draft_stand_for_those_of_then() -> None:
    other, waits = assemble(load(renamed())), submission(Head(HeadKind.DEFINITIF, walks.HEAD))
    assert Replay(other, {"submitted": "handed_in"}).told(waits).verdict is Verdict.SAME
    assert Replay(other, {}).told(waits) == Told(Verdict.OTHERWISE, ("handed_in",))


def test_a_plan_that_the_system_decided_again_is_a_command_of_the_system() -> None:
    head = Head(HeadKind.PLT, walks.HEAD)
    facts = replace(Facts(walks.NOW, UTC, PARAMS, 1, head, None, None), **AT_HOME)
    trigger = "@entered(submitted)"
    decision = decide(SHIPPED, plan("submitted"), trigger, SYSTEM, facts)
    again = recorded_of(SHIPPED, "submitted", trigger, SYSTEM, facts, decision)
    assert Replay(MORE_AUTOMATIC, {}).told(again).verdict is Verdict.SAME
    assert Replay(MORE_POINTS, {}).told(again).verdict is Verdict.SAME
