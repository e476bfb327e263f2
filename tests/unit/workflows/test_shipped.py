"""The shipped definition, by the rules of the guide and DOMAIN.md."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.workflows.samples import (
    ADMIN,
    DEFINITIF,
    DISPUTED,
    ELSEWHERE,
    KOSONG,
    NOW,
    OWNER,
    PLT,
    STRANGER_ACTOR,
    SUPERIOR,
    TEACHER,
    facts,
    params,
    plan,
    workflow,
)
from workflows.engine.decide import check_start, decide, decide_turn, list_transitions
from workflows.files.loader import load_shipped
from workflows.lint.check import lint
from workflows.model.decision import Effect
from workflows.model.definition import Phase, Turn, entry_trigger
from workflows.model.facts import SYSTEM, Actor, CommandInput, Head, HeadKind, Refusal, WithdrawnChoice

OWNER_AS_PLT = Head(HeadKind.PLT, OWNER)
OWNER_AS_ADMIN = replace(TEACHER, scopes=ADMIN.scopes)
SECOND_RECORD = replace(ADMIN, other_records=frozenset({OWNER}))
FEBRUARY = datetime(2024, 2, 20, 3, tzinfo=UTC)
AUTOMATIC = params(approve_automatically=True)
UNDER_PLT = {"head": PLT, "now": FEBRUARY}
REASON = CommandInput(reason="Mohon lengkapi RHK.")


def reason_codes(
    trigger: str, state: str, actor: Actor, command_input: CommandInput = REASON, **changes: Any
) -> list[str]:
    """The codes of the refusals and warnings of a command; empty if it is allowed."""
    decision = decide(workflow(), plan(state), trigger, actor, facts(**changes), command_input)
    assert decision.allowed is (not decision.refusals and not decision.warnings)
    assert decision.allowed or decision.state == state
    return [reason.code for reason in decision.refusals + decision.warnings]


def fired_states(
    trigger: str, state: str, actor: Actor, command_input: CommandInput = REASON, **changes: Any
) -> list[str]:
    """The states that a command leads through."""
    return [
        step.to_state
        for step in decide(workflow(), plan(state), trigger, actor, facts(**changes), command_input).steps
    ]


def test_the_shipped_definition_passes_the_linter() -> None:
    assert lint(load_shipped()) == []


def test_each_state_is_named_after_its_phase() -> None:
    states = workflow().definition.states
    assert [state.name for state in states] == list(Phase)
    assert all(state.name == state.phase for state in states)


@pytest.mark.parametrize(
    ("head", "values", "states"),
    [
        (DEFINITIF, params(), ["submitted"]),
        (PLT, params(), ["submitted", "auto_approved"]),
        (KOSONG, params(), ["submitted"]),
        (DEFINITIF, AUTOMATIC, ["submitted", "auto_approved"]),
        (PLT, AUTOMATIC, ["submitted", "auto_approved"]),
        (KOSONG, AUTOMATIC, ["submitted", "auto_approved"]),
    ],
)
def test_a_submission_is_approved_by_the_kind_of_head_and_the_switch(
    head: Head, values: Any, states: list[str]
) -> None:
    assert fired_states("submit", "draft", TEACHER, head=head, params=values) == states


def test_an_automatic_step_is_by_the_system_and_records_its_fact() -> None:
    submit, automatic = decide(workflow(), plan(), "submit", TEACHER, facts(head=PLT)).steps
    assert (submit.actor, submit.effects) == (TEACHER, (Effect("remember_submission"),))
    assert (automatic.actor, automatic.trigger) == (SYSTEM, "@entered(submitted)")
    assert automatic.evidence["head"] == {"kind": "plt", "ptk_id": SUPERIOR.ptk_id, "is_disputed": False}


def test_the_switch_is_evidence_if_it_approved() -> None:
    _, automatic = decide(workflow(), plan(), "submit", TEACHER, facts(params=AUTOMATIC)).steps
    assert automatic.evidence["params.approve_automatically"] is True


AFTER_CLOSING = datetime(2024, 2, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"profile_confirmed": False}, ["profile.not_confirmed"]),
        ({"missing_parts": (Refusal("tab.a"), Refusal("tab.b"))}, ["tab.a", "tab.b"]),
        ({"withdrawn_choices": (WithdrawnChoice("x"),)}, ["choice.withdrawn"]),
        ({"sekolah_induk": ELSEWHERE}, ["satminkal.other"]),
        ({"now": datetime(2023, 12, 30, tzinfo=UTC)}, ["window.not_open"]),
        ({"now": AFTER_CLOSING}, ["window.closed"]),
        ({"now": AFTER_CLOSING, "revision_due": date(2024, 2, 2)}, []),
        ({"now": AFTER_CLOSING, "revision_due": date(2024, 2, 1)}, ["window.closed", "revision.passed"]),
        ({"revision_due": date(2024, 1, 2)}, []),
        ({"facts_as_of": NOW - timedelta(hours=2)}, ["facts.stale"]),
        ({"points": 31}, ["points.below_minimum"]),
        ({"profile_confirmed": False, "missing_parts": (Refusal("tab.a"),), "points": 0, "now": AFTER_CLOSING},
         ["profile.not_confirmed", "tab.a", "window.closed", "points.below_minimum"]),
    ],
)  # fmt: skip
def test_an_incomplete_submission_is_refused_with_every_reason(
    changes: dict[str, Any], expected: list[str]
) -> None:
    assert reason_codes("submit", "draft", TEACHER, **changes) == expected


def test_too_few_points_pass_once_acknowledged_and_recorded() -> None:
    decision = decide(workflow(), plan(), "submit", TEACHER, facts(points=20))
    assert (decision.refusals, [warning.code for warning in decision.warnings]) == (
        (),
        ["points.below_minimum"],
    )
    input = CommandInput(acknowledged_codes=frozenset({"points.below_minimum"}))
    (step,) = decide(workflow(), plan(), "submit", TEACHER, facts(points=20), input).steps
    assert step.acknowledged_warnings == decision.warnings
    (step,) = decide(workflow(), plan(), "submit", TEACHER, facts(), input).steps
    assert step.acknowledged_warnings == ()


@pytest.mark.parametrize(
    ("trigger", "state", "actor", "changes", "expected"),
    [
        ("submit", "draft", SUPERIOR, {}, ["actor.not_owner"]),
        ("submit", "draft", SYSTEM, {}, ["actor.not_owner"]),
        ("submit", "submitted", TEACHER, {}, ["transition.not_from_here"]),
        ("approve", "submitted", SUPERIOR, {}, []),
        ("approve", "submitted", SUPERIOR, {"head": PLT}, []),
        ("approve", "submitted", STRANGER_ACTOR, {}, ["actor.not_head"]),
        ("approve", "submitted", ADMIN, {}, ["head.is_another"]),
        ("approve", "submitted", TEACHER, {}, ["actor.own_plan"]),
        ("approve", "submitted", TEACHER, {"head": Head(HeadKind.PLT, TEACHER.ptk_id)}, ["actor.own_plan"]),
        ("approve", "submitted", SUPERIOR, {"head": KOSONG}, ["head.vacant"]),
        ("approve", "submitted", ADMIN, {"head": KOSONG}, ["head.vacant"]),
        ("approve", "submitted", SUPERIOR, {"head": DISPUTED}, ["head.disputed"]),
        ("approve", "submitted", ADMIN, {"head": DISPUTED}, ["head.disputed"]),
        ("approve", "submitted", ADMIN, {"head": OWNER_AS_PLT}, []),
        ("approve", "auto_approved", ADMIN, {"head": OWNER_AS_PLT}, []),
        ("approve", "auto_approved", ADMIN, {"head": PLT}, ["head.is_another"]),
        ("approve", "auto_approved", ADMIN, {"head": Head(HeadKind.DEFINITIF, OWNER)}, ["head.is_other"]),
        ("approve", "submitted", ADMIN, {"head": OWNER_AS_PLT, "facts_as_of": None}, ["facts.stale"]),
        ("approve", "submitted", OWNER_AS_ADMIN, {"head": OWNER_AS_PLT}, ["actor.own_plan"]),
        ("approve", "submitted", SECOND_RECORD, {"head": OWNER_AS_PLT}, ["actor.own_plan"]),
        ("approve", "submitted", replace(SUPERIOR, other_records=frozenset({OWNER})), {}, ["actor.own_plan"]),
        ("return", "submitted", ADMIN, {"head": OWNER_AS_PLT}, []),
        ("reopen", "approved", OWNER_AS_ADMIN, {}, ["actor.own_plan"]),
        ("reopen", "approved", SECOND_RECORD, {}, ["actor.own_plan"]),
        ("moveToSekolahInduk", "draft", OWNER_AS_ADMIN, {}, ["actor.own_plan"]),
        ("approve", "submitted", Actor(), {}, ["actor.not_head"]),
        ("approve", "submitted", Actor(), {"head": Head(HeadKind.PLT, None)}, ["head.vacant"]),
        ("approve", "submitted", SUPERIOR, {"facts_as_of": None}, ["facts.stale"]),
        ("approve", "draft", SUPERIOR, {}, ["transition.not_from_here"]),
        ("return", "submitted", SUPERIOR, {}, []),
        ("return", "approved", SUPERIOR, {}, ["transition.not_from_here"]),
        ("beginImplementation", "approved", TEACHER, {}, []),
        ("beginImplementation", "approved", TEACHER, {"head": PLT, "facts_as_of": None}, []),
        ("beginImplementation", "approved", SUPERIOR, {}, ["actor.not_owner"]),
        ("beginImplementation", "submitted", TEACHER, {}, ["transition.not_from_here"]),
        ("beginImplementation", "in_implementation", TEACHER, {}, ["transition.not_from_here"]),
        # approved automatically: the present head decides
        ("beginImplementation", "auto_approved", TEACHER, {"head": DEFINITIF}, []),
        ("beginImplementation", "auto_approved", TEACHER, {"head": KOSONG}, []),
        ("beginImplementation", "auto_approved", TEACHER, {"head": PLT}, ["plt.confirmation_not_open"]),
        ("beginImplementation", "auto_approved", TEACHER, UNDER_PLT, ["plt.not_confirmed"]),
        ("beginImplementation", "auto_approved", TEACHER, {"head": PLT, "plt_confirmed": True}, []),
        ("beginImplementation", "auto_approved", TEACHER, {"facts_as_of": None}, ["facts.stale"]),
        ("nonsense", "draft", TEACHER, {}, ["transition.not_from_here"]),
        ("@entered(submitted)", "submitted", SUPERIOR, {"head": PLT}, ["actor.not_system"]),
        ("submit", "gone", TEACHER, {}, ["state.unknown"]),
    ],
)  # fmt: skip
def test_a_transition_is_allowed_by_actor_state_and_facts(
    trigger: str, state: str, actor: Actor, changes: dict[str, Any], expected: list[str]
) -> None:
    assert reason_codes(trigger, state, actor, **changes) == expected


@pytest.mark.parametrize("reason", [None, "", " \n "])
def test_a_return_without_a_reason_is_refused(reason: str | None) -> None:
    assert reason_codes("return", "submitted", SUPERIOR, CommandInput(reason)) == ["reason.missing"]


def test_a_return_records_its_reason_and_opens_a_revision() -> None:
    decision = decide(
        workflow(), plan("submitted"), "return", SUPERIOR, facts(params=params(revision_days=14)), REASON
    )
    (step,) = decision.steps
    assert (decision.state, step.reason) == ("draft", REASON.reason)
    assert step.effects == (Effect("open_revision", {"days": 14}),)
    assert step.evidence["head"] == {"kind": "definitif", "ptk_id": SUPERIOR.ptk_id, "is_disputed": False}


def test_a_reason_that_is_not_required_is_dropped() -> None:
    (step,) = decide(workflow(), plan("submitted"), "approve", SUPERIOR, facts(), REASON).steps
    assert step.reason is None


@pytest.mark.parametrize(
    ("head", "state"), [(PLT, "auto_approved"), (DEFINITIF, "submitted"), (KOSONG, "submitted")]
)
def test_a_waiting_plan_is_decided_again_by_its_new_head(head: Head, state: str) -> None:
    decision = decide(
        workflow(), plan("submitted"), entry_trigger("submitted"), SYSTEM, facts(head=head, now=FEBRUARY)
    )
    assert decision.state == state


@pytest.mark.parametrize(
    ("state", "changes", "turn"),
    [
        ("draft", {}, Turn.OWNER),
        ("submitted", {}, Turn.HEAD),
        ("submitted", {"head": KOSONG}, Turn.DINAS),
        ("submitted", {"head": OWNER_AS_PLT}, Turn.DINAS),
        ("auto_approved", {"head": OWNER_AS_PLT}, Turn.DINAS),
        ("approved", {}, Turn.OWNER),
        ("auto_approved", {}, Turn.OWNER),
        ("auto_approved", {"head": PLT}, Turn.HEAD),
        ("auto_approved", {"head": PLT, "plt_confirmed": True}, Turn.OWNER),
        ("in_implementation", {}, Turn.NOBODY),
    ],
)
def test_the_turn_depends_on_state_and_head(state: str, changes: dict[str, Any], turn: Turn) -> None:
    assert decide_turn(workflow(), plan(state), facts(**changes)) is turn


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"now": AFTER_CLOSING}, ["window.closed"]),
        ({"now": AFTER_CLOSING, "revision_due": date(2024, 12, 31)}, ["window.closed"]),
        ({"sekolah_induk": ELSEWHERE, "now": AFTER_CLOSING}, ["satminkal.other", "window.closed"]),
    ],
)
def test_mulai_requires_the_school_and_the_window(changes: dict[str, Any], expected: list[str]) -> None:
    assert [refusal.code for refusal in check_start(workflow(), plan(), facts(**changes))] == expected


@pytest.mark.parametrize(
    ("state", "actor", "changes", "buttons"),
    [
        ("draft", TEACHER, {}, {"submit": []}),
        ("draft", TEACHER, {"profile_confirmed": False}, {"submit": ["profile.not_confirmed"]}),
        ("draft", SUPERIOR, {}, {}),
        ("submitted", TEACHER, {}, {}),
        ("submitted", SUPERIOR, {}, {"approve": [], "return": []}),
        ("submitted", STRANGER_ACTOR, {}, {"approve": ["actor.not_head"], "return": ["actor.not_head"]}),
        ("submitted", SUPERIOR, {"head": KOSONG}, {"approve": ["head.vacant"], "return": ["head.vacant"]}),
        ("auto_approved", TEACHER, {"head": PLT}, {"beginImplementation": ["plt.confirmation_not_open"]}),
        ("in_implementation", TEACHER, {}, {}),
        ("submitted", SYSTEM, {"head": PLT}, {}),
        ("gone", TEACHER, {}, {}),
    ],
)
def test_transitions_are_listed_with_their_refusals(
    state: str, actor: Actor, changes: dict[str, Any], buttons: dict[str, list[str]]
) -> None:
    evaluations = list_transitions(workflow(), plan(state), actor, facts(**changes))
    assert {
        evaluation.transition.trigger: [refusal.code for refusal in evaluation.refusals]
        for evaluation in evaluations
    } == buttons


def test_a_listed_transition_names_its_requirements() -> None:
    _, ask_for_revision = list_transitions(workflow(), plan("submitted"), SUPERIOR, facts())
    transition = ask_for_revision.transition
    assert (transition.trigger, transition.require) == ("return", ("reason",))
    assert (transition.label.id, transition.exceptional) == ("Minta perbaikan", False)


def test_a_warning_leaves_a_listed_transition_allowed() -> None:
    (submit,) = list_transitions(workflow(), plan(), TEACHER, facts(points=0))
    assert submit.allowed
    assert [warning.code for warning in submit.warnings] == ["points.below_minimum"]
