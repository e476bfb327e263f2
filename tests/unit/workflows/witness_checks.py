"""Checks that the engine confirms the witness of a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from workflows.engine.decide import decide, decide_turn
from workflows.engine.guards import evaluate_guard
from workflows.engine.machine import Attempt, TransitionEvaluation, Workflow, evaluate_transition
from workflows.lint.check import build_workflow, lint
from workflows.model.definition import Definition, Fire, Guard, Turn, entry_trigger
from workflows.model.facts import SYSTEM, Facts, Pass, Snapshot
from workflows.model.findings import Finding, Witness
from workflows.proof.domains import ACTORS, NPSN, OWNER
from workflows.proof.proof import FULL_INPUT


def check_witness(definition: Definition, finding: Finding) -> None:
    """Fail if the engine does not confirm the witness."""
    workflow, shown = build_workflow(definition), finding.witness
    assert shown is not None, finding
    state = definition.initial.name
    for move in shown.trace:
        assert move.from_state == state
        decision = decide(workflow, plan(state), move.trigger, move.actor, move.example.facts, FULL_INPUT)
        assert decision.allowed
        assert decision.steps[0].transition == move.transition
        state = decision.state
        assert shown.state in (state, *(step.to_state for step in decision.steps)) or state == move.to_state
        if shown.state != move.to_state and shown.state in [step.to_state for step in decision.steps]:
            state = shown.state  # the plan only passes through it
    WITNESS_CHECKS[finding.code](workflow, shown)


def plan(state: str) -> Snapshot:
    return Snapshot(state, OWNER, NPSN)


def evaluate_in_witness(workflow: Workflow, shown: Witness, row_id: str) -> TransitionEvaluation:
    assert shown.state
    assert shown.actor
    assert shown.example
    row = next(row for row in workflow.definition.transitions if row.id == row_id)
    assert shown.state in row.from_states
    return evaluate_transition(row, plan(shown.state), Attempt(shown.actor, shown.example.facts, FULL_INPUT))


def check_fires(workflow: Workflow, shown: Witness) -> None:
    """The transitions fire, or the only one has a contradictory guard."""
    if shown.example is None:
        (row,) = (row for row in workflow.definition.transitions if row.id in shown.transitions)
        assert any(found.code == "lint.contradiction" for found in lint(workflow.definition))
        assert row.when is not None
        return
    assert all(evaluate_in_witness(workflow, shown, row).may_fire for row in shown.transitions)


def check_loop(workflow: Workflow, shown: Witness) -> None:
    assert shown.state
    assert shown.example
    steps = decide(workflow, plan(shown.state), entry_trigger(shown.state), SYSTEM, shown.example.facts).steps
    assert shown.state in [step.to_state for step in steps]
    assert tuple(step.transition for step in steps[: len(shown.transitions)]) == shown.transitions


def check_conflicts(workflow: Workflow, shown: Witness) -> None:
    """Each condition fails under facts that satisfy all the others."""
    assert shown.conflicts
    for part in shown.conflicts:
        others = [other.condition for other in shown.conflicts if other is not part]
        assert part.example is not None
        assert not is_satisfied(part.condition, part.example.facts)
        assert all(is_satisfied(other, part.example.facts) for other in others)


def is_satisfied(guard: Guard, facts: Facts) -> bool:
    return isinstance(evaluate_guard(guard, facts, plan("")), Pass)


def check_no_way_to_final(workflow: Workflow, shown: Witness) -> None:
    normal = [row for row in workflow.definition.transitions if not row.exceptional]
    reached, ways = {shown.state}, [(at, row.to_state) for row in normal for at in row.from_states]
    for _ in workflow.definition.states:
        reached |= {to for at, to in ways if at in reached}
    assert not any(
        state.final
        for state in workflow.definition.states
        if state.name in reached and state.phase == "in_implementation"
    )


def check_refusals(workflow: Workflow, shown: Witness) -> None:
    """The witness has every normal transition, with the refusals of the engine."""
    assert shown.state
    assert shown.example
    rows = {row.id: row for row in workflow.definition.transitions}
    assert set(shown.transitions) == {
        row.id for row in rows.values() if shown.state in row.from_states and not row.exceptional
    }
    for lack in shown.checks:
        attempt = Attempt(ACTORS[rows[lack.transition].authority], shown.example.facts, FULL_INPUT)
        assert (
            evaluate_transition(rows[lack.transition], plan(shown.state), attempt).refusals == lack.refusals
        )


def check_turn(workflow: Workflow, shown: Witness) -> None:
    check_refusals(workflow, shown)
    assert shown.state
    assert shown.example
    assert all(
        lack.refusals
        for lack in shown.checks
        if workflow.definition.state(shown.state).name != target_of(workflow, lack.transition)
    )
    assert decide_turn(workflow, plan(shown.state), shown.example.facts) is not Turn.DINAS


def target_of(workflow: Workflow, row_id: str) -> str:
    return next(row.to_state for row in workflow.definition.transitions if row.id == row_id)


def check_unreachable(workflow: Workflow, shown: Witness) -> None:
    assert {row.id for row in workflow.definition.transitions if row.to_state == shown.state} == set(
        shown.transitions
    )


def check_start_day(workflow: Workflow, shown: Witness) -> None:
    """A plan can start under the example, and not 31 days earlier."""
    assert shown.example
    facts, start = shown.example.facts, workflow.definition.start
    assert start is not None
    assert is_satisfied(start, facts)
    assert not is_satisfied(start, replace(facts, now=facts.now - timedelta(days=31)))


def check_passed_through(workflow: Workflow, shown: Witness) -> None:
    assert shown.trace[-1].to_state != shown.state


def check_timer_transitions(workflow: Workflow, shown: Witness) -> None:
    assert shown.state
    fired = {timer.action.trigger for timer in workflow.definition.timers if isinstance(timer.action, Fire)}
    rows = [row for row in workflow.definition.transitions if shown.state in row.from_states]
    assert shown.transitions == tuple(row.id for row in rows if row.trigger in fired)
    fits = [row for row in rows if row.id in shown.transitions and row.authority.role == "system"]
    assert all(row.to_state == shown.state or row.require or row.warn or row.effects for row in fits)


WITNESS_CHECKS: Mapping[str, Callable[[Workflow, Witness], None]] = {
    "lint.contradiction": check_conflicts,
    "lint.ambiguous": check_fires,
    "lint.automatic_loop": check_loop,
    "lint.effect_unguarded": check_fires,
    "lint.not_theirs": check_fires,
    "lint.undecided": check_fires,
    "lint.unreachable": check_unreachable,
    "lint.dead_end": check_no_way_to_final,
    "lint.no_way_to_final": check_no_way_to_final,
    "lint.stuck_definitif": check_refusals,
    "lint.stuck_plt": check_refusals,
    "lint.unnamed_vacant": check_turn,
    "lint.unnamed_own": check_turn,
    "lint.draft_exit": check_refusals,
    "lint.timer_unwaited": check_passed_through,
    "lint.timer_passed": check_start_day,
    "lint.timer_unanswered": check_timer_transitions,
}
