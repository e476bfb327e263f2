"""The replay of recorded commands against a draft."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.unit.workflows import random_plans
from tests.unit.workflows.random_definitions import definitions
from tests.unit.workflows.samples import rename_submitted
from tests.unit.workflows.witness_checks import plan
from workflows.diff.replay import Outcome, RecordedCommand, Replay, ReplayResult, read_facts
from workflows.engine.decide import decide
from workflows.engine.machine import Workflow
from workflows.files.loader import load_definition, load_shipped, read_shipped
from workflows.lint.check import build_workflow
from workflows.model.decision import Decision
from workflows.model.definition import Definition
from workflows.model.facts import SYSTEM, Actor, CommandInput, Facts, Head, HeadKind, ParamValue
from workflows.proof.domains import NPSN

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def record(workflow: Workflow, state: str, actor: Actor, facts: Facts, decision: Decision) -> RecordedCommand:
    """The command as its events record it."""
    evidence: dict[str, Any] = {}
    for step in decision.steps:
        evidence |= step.evidence
    reason = next((step.reason for step in decision.steps if step.reason), None)
    codes = {warning.code for step in decision.steps for warning in step.acknowledged_warnings}
    rows = {row.id: row for row in workflow.definition.transitions}
    return RecordedCommand(
        workflow, state, tuple(rows[step.transition] for step in decision.steps), actor,
        CommandInput(reason, frozenset(codes)), random_plans.OWNER, NPSN, facts.now, facts.zone, facts.params,
        read_facts(json.loads(json.dumps(evidence))),
    )  # fmt: skip


def random_history(workflow: Workflow, data: st.DataObject) -> list[tuple[RecordedCommand, Facts]]:
    """A random history of a plan: each command with all facts at that time."""
    state, history = workflow.definition.initial.name, []
    for _ in range(5):
        facts = data.draw(random_plans.FACTS)
        actor = data.draw(st.sampled_from(random_plans.ACTORS))
        trigger = data.draw(st.sampled_from(random_plans.list_triggers(workflow, state)))
        decision = decide(workflow, plan(state), trigger, actor, facts, random_plans.FULL_INPUT)
        if decision.steps:
            history.append((record(workflow, state, actor, facts, decision), facts))
        state = decision.state
    return history


def assemble_unambiguous(definition: Definition) -> Workflow:
    """The workflow of a definition in which one transition fires for a command."""
    workflow = build_workflow(definition)
    rows = [
        (row.trigger, state, row.authority) for row in definition.transitions for state in row.from_states
    ]
    assume(len(rows) == len(set(rows)))
    return workflow


@settings(suppress_health_check=SLOW)
@given(definitions(), st.data())
def test_a_replay_against_the_same_definition_changes_nothing(
    definition: Definition, data: st.DataObject
) -> None:
    workflow = assemble_unambiguous(definition)
    replay = Replay(workflow, {})
    for command, _ in random_history(workflow, data):
        assert replay.run(command).outcome is Outcome.SAME


@settings(suppress_health_check=SLOW)
@given(definitions(), definitions(), st.data())
def test_a_certain_result_equals_the_decision_with_all_facts(
    definition: Definition, draft_definition: Definition, data: st.DataObject
) -> None:
    workflow, draft = assemble_unambiguous(definition), assemble_unambiguous(draft_definition)
    replay = Replay(draft, {})
    for command, facts in random_history(workflow, data):
        result = replay.run(command)
        event(result.outcome.value)
        trigger = command.transitions[0].trigger
        truth = decide(draft, plan(command.from_state), trigger, command.actor, facts, command.command_input)
        if result.outcome is not Outcome.UNKNOWN:
            assert result.state == (truth.state if truth.steps else None)
        else:
            assert result.unknown_facts


@settings(suppress_health_check=SLOW)
@given(definitions(), definitions(), st.data())
def test_no_result_is_unknown_if_every_fact_is_recorded(
    definition: Definition, draft_definition: Definition, data: st.DataObject
) -> None:
    workflow, draft = assemble_unambiguous(definition), assemble_unambiguous(draft_definition)
    for command, facts in random_history(workflow, data):
        every = {name: getattr(facts, name) for name in FACT_NAMES}
        assert Replay(draft, {}).run(replace(command, facts=every)).outcome is not Outcome.UNKNOWN


def change_text(*places: tuple[str, str]) -> Workflow:
    """The shipped definition with changed text."""
    text = read_shipped().decode()
    for old, new in places:
        assert old in text
        text = text.replace(old, new)
    return build_workflow(load_definition(text))


WARNING_LINES = ("    warn:\n      points_at_least: {minimum: {param: minimum_points}}\n", "")
CONFIRMED_LINE = "        - profile_confirmed\n"


SHIPPED_WORKFLOW = build_workflow(load_shipped())
MORE_AUTOMATIC = change_text(
    ("all: [{head_is: {kind: plt}}, {not: head_is_owner}]", "not: {head_is: {kind: kosong}}")
)
MORE_POINTS = change_text(
    WARNING_LINES, (CONFIRMED_LINE, f"{CONFIRMED_LINE}        - points_at_least: {{minimum: 40}}\n")
)
COMPLETE_FACTS: dict[str, Any] = {
    "sekolah_induk": NPSN,
    "profile_confirmed": True,
    "points": 36,
    "facts_as_of": random_plans.NOW,
}
FACT_NAMES = (
    "head", "facts_as_of", "sekolah_induk", "profile_confirmed", "access_refusals", "move_refusals", "missing_parts",
    "withdrawn_choices", "points", "revision_due", "plt_confirmed",
)  # fmt: skip
PARAMS: dict[str, ParamValue] = {
    "approve_automatically": False, "planning_opens": random_plans.TODAY, "planning_closes": random_plans.TODAY,
    "plt_banner_from": random_plans.TODAY, "plt_confirmation_from": random_plans.TODAY, "minimum_points": 32,
    "revision_days": 7, "facts_max_age_minutes": 60,
}  # fmt: skip
DEFINITIF, PLT = (Head(kind, random_plans.HEAD) for kind in (HeadKind.DEFINITIF, HeadKind.PLT))


def submit(head: Head, acknowledge: frozenset[str] = frozenset(), **values: Any) -> RecordedCommand:
    """A submission by the shipped definition, at a school with this head."""
    facts = replace(Facts(random_plans.NOW, UTC, PARAMS, 1, head, None, None), **COMPLETE_FACTS | values)
    owner = Actor(random_plans.OWNER)
    decision = decide(
        SHIPPED_WORKFLOW, plan("draft"), "submit", owner, facts, CommandInput(None, acknowledge)
    )
    return record(SHIPPED_WORKFLOW, "draft", owner, facts, decision)


def test_an_unrecorded_head_makes_the_result_unknown() -> None:
    command = submit(DEFINITIF)

    result = Replay(MORE_AUTOMATIC, {}).run(command)

    assert result == ReplayResult(Outcome.UNKNOWN, "auto_approved", (), ("head",))


def test_a_recorded_head_makes_the_result_certain() -> None:
    command = submit(DEFINITIF)
    command = replace(command, facts={**command.facts, "head": DEFINITIF})

    result = Replay(MORE_AUTOMATIC, {}).run(command)

    assert result == ReplayResult(Outcome.DIFFERENT, "auto_approved")


def test_an_automatic_approval_under_a_plt_is_unchanged() -> None:
    assert Replay(MORE_AUTOMATIC, {}).run(submit(PLT)) == ReplayResult(Outcome.SAME, "auto_approved")


def test_a_refusal_by_the_draft_comes_with_its_reason() -> None:
    result = Replay(MORE_POINTS, {}).run(submit(DEFINITIF))

    assert (result.outcome, result.state) == (Outcome.DIFFERENT, None)
    (refusal,) = result.refusals
    assert (refusal.code, dict(refusal.params)) == ("points.below_minimum", {"points": 36, "minimum": 40})


def test_an_acknowledged_warning_records_its_facts() -> None:
    command = submit(DEFINITIF, frozenset({"points.below_minimum"}), points=8)

    assert command.facts["points"] == 8
    (refusal,) = Replay(MORE_POINTS, {}).run(command).refusals
    assert refusal.params["points"] == 8


def test_an_unchanged_transition_that_was_refused_needs_no_fact() -> None:
    draft = change_text((CONFIRMED_LINE, ""))

    assert Replay(draft, {}).run(submit(DEFINITIF)) == ReplayResult(Outcome.SAME, "submitted")


def test_a_map_of_states_translates_recorded_states() -> None:
    draft = build_workflow(load_definition(rename_submitted()))

    assert Replay(draft, {"submitted": "handed_in"}).run(submit(DEFINITIF)) == ReplayResult(
        Outcome.SAME, "handed_in"
    )
    assert Replay(draft, {}).run(submit(PLT)) == ReplayResult(Outcome.SAME, "auto_approved")


def test_a_decision_by_the_system_is_replayed() -> None:
    facts = replace(Facts(random_plans.NOW, UTC, PARAMS, 1, PLT, None, None), **COMPLETE_FACTS)
    decision = decide(SHIPPED_WORKFLOW, plan("submitted"), "@entered(submitted)", SYSTEM, facts)
    command = record(SHIPPED_WORKFLOW, "submitted", SYSTEM, facts, decision)

    for draft, states in (
        (MORE_AUTOMATIC, {}),
        (MORE_POINTS, {}),
        (build_workflow(load_definition(rename_submitted())), {"submitted": "handed_in"}),
    ):
        assert Replay(draft, states).run(command) == ReplayResult(Outcome.SAME, "auto_approved")


def test_facts_are_read_from_event_json() -> None:
    evidence = {
        "head": {"kind": "plt", "ptk_id": "1"},
        "revision_due": "2024-03-10",
        "params.minimum_points": 32,
        "gone": 1,
    }

    assert read_facts(evidence) == {"head": Head(HeadKind.PLT, "1"), "revision_due": random_plans.TODAY}
