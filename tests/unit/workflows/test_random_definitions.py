"""The linter on random definitions: those that pass never fail, and every finding has a true witness."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.unit.workflows import random_plans
from tests.unit.workflows.random_definitions import definitions, sound_document
from tests.unit.workflows.samples import dump_json
from tests.unit.workflows.witness_checks import WITNESS_CHECKS, check_witness, is_satisfied, plan
from workflows.engine.decide import decide, decide_turn
from workflows.files.loader import load_definition
from workflows.lint.check import build_workflow, lint
from workflows.lint.witness_text import describe_witness
from workflows.model.definition import Definition, Phase
from workflows.model.facts import Facts

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def test_the_base_definition_passes_the_linter() -> None:
    assert lint(load_definition(dump_json(sound_document()))) == []


@settings(suppress_health_check=SLOW)
@given(definitions(), st.data())
def test_a_definition_that_passes_never_fails_in_the_engine(
    definition: Definition, data: st.DataObject
) -> None:
    # The contract concerns the API. The engine is safe without it.
    findings = [finding for finding in lint(definition) if not finding.code.startswith("lint.contract")]
    event("clean" if not findings else "refused")
    assume(not findings)
    workflow, state = build_workflow(definition), definition.initial.name
    facts = data.draw(random_plans.FACTS)
    for _ in range(6):
        following = data.draw(random_plans.FACTS)
        drafting = definition.state(state).phase is Phase.DRAFT
        facts = following if drafting else random_plans.keep_teacher_facts(following, facts)
        actor = data.draw(st.sampled_from(random_plans.ACTORS))
        trigger = data.draw(st.sampled_from(random_plans.list_triggers(workflow, state)))
        decide_turn(workflow, plan(state), facts)
        assert len(random_plans.find_results(workflow, state, trigger, actor, facts)) <= 1
        decision = decide(workflow, plan(state), trigger, actor, facts, random_plans.FULL_INPUT)
        states = [step.to_state for step in decision.steps]
        assert len(set(states)) == len(states)
        state = decision.state
        for head in random_plans.HEADS[:2]:
            settled = random_plans.settle_facts(workflow, state, facts, head)
            assert random_plans.reaches_the_end(workflow, state, settled), (state, head)
            if definition.state(state).phase is not Phase.DRAFT:
                assert random_plans.reaches_the_end(workflow, state, settled, is_late=True), (state, head)


@settings(suppress_health_check=SLOW)
@given(definitions())
def test_every_witness_is_confirmed_by_the_engine_and_has_a_text(definition: Definition) -> None:
    for finding in lint(definition):
        event(finding.code)
        if finding.code not in WITNESS_CHECKS:
            assert finding.witness is None
            continue
        check_witness(definition, finding)
        for sentences in (
            describe_witness(definition, finding, "id"),
            describe_witness(definition, finding, "en"),
        ):
            assert sentences
            assert not any("…" in sentence or "{" in sentence for sentence in sentences)


@settings(suppress_health_check=SLOW)
@given(definitions(), st.lists(random_plans.FACTS, min_size=20, max_size=20))
def test_conflicting_conditions_never_hold_together(definition: Definition, facts: list[Facts]) -> None:
    for finding in lint(definition):
        if finding.witness and finding.witness.conflicts:
            conditions = [part.condition for part in finding.witness.conflicts]
            assert not any(all(is_satisfied(part, plan_facts) for part in conditions) for plan_facts in facts)


@settings(suppress_health_check=SLOW)
@given(definitions(), st.data())
def test_a_stuck_plan_never_reaches_a_final_state(definition: Definition, data: st.DataObject) -> None:
    stuck = [
        finding for finding in lint(definition) if finding.code in ("lint.stuck_definitif", "lint.stuck_plt")
    ]
    workflow = build_workflow(definition)
    for finding in stuck:
        event("stuck")
        assert finding.witness is not None
        assert finding.witness.state is not None
        assert finding.witness.example is not None
        plan_facts = random_plans.rebase_facts(finding.witness.example.facts)
        assert not random_plans.reaches_the_end(workflow, finding.witness.state, plan_facts)
