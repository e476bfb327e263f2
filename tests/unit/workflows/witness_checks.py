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
    workflow, witness = build_workflow(definition), finding.witness
    assert witness is not None, finding
    state = definition.initial.name
    for move in witness.trace:
        assert move.from_state == state
        decision = decide(workflow, plan(state), move.trigger, move.actor, move.example.facts, FULL_INPUT)
        assert decision.allowed
        assert decision.steps[0].transition == move.transition
        state = decision.state
        assert witness.state in (state, *(step.to_state for step in decision.steps)) or state == move.to_state
        if witness.state != move.to_state and witness.state in [step.to_state for step in decision.steps]:
            state = witness.state  # the plan only passes through it
    WITNESS_CHECKS[finding.code](workflow, witness)


def plan(state: str) -> Snapshot:
    return Snapshot(state, OWNER, NPSN)


def evaluate_in_witness(workflow: Workflow, witness: Witness, row_id: str) -> TransitionEvaluation:
    assert witness.state
    assert witness.actor
    assert witness.example
    row = next(row for row in workflow.definition.transitions if row.id == row_id)
    assert witness.state in row.from_states
    return evaluate_transition(
        row, plan(witness.state), Attempt(witness.actor, witness.example.facts, FULL_INPUT)
    )


def check_fires(workflow: Workflow, witness: Witness) -> None:
    """The transitions fire, or the only one has a contradictory guard."""
    if witness.example is None:
        (row,) = (row for row in workflow.definition.transitions if row.id in witness.transitions)
        assert any(finding.code == "lint.contradiction" for finding in lint(workflow.definition))
        assert row.when is not None
        return
    assert all(evaluate_in_witness(workflow, witness, row).may_fire for row in witness.transitions)


def check_loop(workflow: Workflow, witness: Witness) -> None:
    assert witness.state
    assert witness.example
    steps = decide(
        workflow, plan(witness.state), entry_trigger(witness.state), SYSTEM, witness.example.facts
    ).steps
    assert witness.state in [step.to_state for step in steps]
    assert tuple(step.transition for step in steps[: len(witness.transitions)]) == witness.transitions


def check_conflicts(workflow: Workflow, witness: Witness) -> None:
    """Each condition fails under facts that satisfy all the others."""
    assert witness.conflicts
    for part in witness.conflicts:
        other_conditions = [other.condition for other in witness.conflicts if other is not part]
        assert part.example is not None
        assert not is_satisfied(part.condition, part.example.facts)
        assert all(is_satisfied(other, part.example.facts) for other in other_conditions)


def is_satisfied(guard: Guard, facts: Facts) -> bool:
    return isinstance(evaluate_guard(guard, facts, plan("")), Pass)


def check_no_way_to_final(workflow: Workflow, witness: Witness) -> None:
    normal = [row for row in workflow.definition.transitions if not row.exceptional]
    states, edges = {witness.state}, [(at, row.to_state) for row in normal for at in row.from_states]
    for _ in workflow.definition.states:
        states |= {to for at, to in edges if at in states}
    assert not any(
        state.final
        for state in workflow.definition.states
        if state.name in states and state.phase == "in_implementation"
    )


def check_refusals(workflow: Workflow, witness: Witness) -> None:
    """The witness has every normal transition, with the refusals of the engine."""
    assert witness.state
    assert witness.example
    rows = {row.id: row for row in workflow.definition.transitions}
    assert set(witness.transitions) == {
        row.id for row in rows.values() if witness.state in row.from_states and not row.exceptional
    }
    for lack in witness.checks:
        attempt = Attempt(ACTORS[rows[lack.transition].authority], witness.example.facts, FULL_INPUT)
        assert (
            evaluate_transition(rows[lack.transition], plan(witness.state), attempt).refusals == lack.refusals
        )


def check_turn(workflow: Workflow, witness: Witness) -> None:
    check_refusals(workflow, witness)
    assert witness.state
    assert witness.example
    assert all(
        lack.refusals
        for lack in witness.checks
        if workflow.definition.state(witness.state).name != target_of(workflow, lack.transition)
        and role_of(workflow, lack.transition) != "dinas"
    )
    assert decide_turn(workflow, plan(witness.state), witness.example.facts) is not Turn.DINAS


def role_of(workflow: Workflow, row_id: str) -> str:
    return next(row.authority.role for row in workflow.definition.transitions if row.id == row_id)


def target_of(workflow: Workflow, row_id: str) -> str:
    return next(row.to_state for row in workflow.definition.transitions if row.id == row_id)


def check_unreachable(workflow: Workflow, witness: Witness) -> None:
    assert {row.id for row in workflow.definition.transitions if row.to_state == witness.state} == set(
        witness.transitions
    )


def check_start_day(workflow: Workflow, witness: Witness) -> None:
    """A plan can start under the example, and not 31 days earlier."""
    assert witness.example
    facts, start = witness.example.facts, workflow.definition.start
    assert start is not None
    assert is_satisfied(start, facts)
    assert not is_satisfied(start, replace(facts, now=facts.now - timedelta(days=31)))


def check_start(workflow: Workflow, witness: Witness) -> None:
    assert witness.example
    start = workflow.definition.start
    assert start is None or is_satisfied(start, witness.example.facts)


def check_passed_through(workflow: Workflow, witness: Witness) -> None:
    assert witness.trace[-1].to_state != witness.state


def check_timer_transitions(workflow: Workflow, witness: Witness) -> None:
    assert witness.state
    triggers = {
        timer.action.trigger for timer in workflow.definition.timers if isinstance(timer.action, Fire)
    }
    rows = [row for row in workflow.definition.transitions if witness.state in row.from_states]
    assert witness.transitions == tuple(row.id for row in rows if row.trigger in triggers)
    fits = [row for row in rows if row.id in witness.transitions and row.authority.role == "system"]
    assert all(row.to_state == witness.state or row.require or row.warn or row.effects for row in fits)


WITNESS_CHECKS: Mapping[str, Callable[[Workflow, Witness], None]] = {
    "lint.contradiction": check_conflicts,
    "lint.ambiguous": check_fires,
    "lint.automatic_loop": check_loop,
    "lint.effect_unguarded": check_fires,
    "lint.contract_guard": check_fires,
    "lint.contract_start": check_start,
    "lint.wrong_role": check_fires,
    "lint.own_decision": check_fires,
    "lint.undecided": check_fires,
    "lint.unreachable": check_unreachable,
    "lint.dead_end": check_no_way_to_final,
    "lint.no_way_to_final": check_no_way_to_final,
    "lint.stuck_definitif": check_refusals,
    "lint.stuck_plt": check_refusals,
    "lint.stuck_own_plan": check_refusals,
    "lint.stuck_late": check_refusals,
    "lint.turn_vacant": check_turn,
    "lint.turn_own_plan": check_turn,
    "lint.draft_exit": check_refusals,
    "lint.timer_unwaited": check_passed_through,
    "lint.timer_passed": check_start_day,
    "lint.timer_no_transition": check_timer_transitions,
}
