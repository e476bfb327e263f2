"""The promise of the linter, tried on definitions at random: what it passes never fails, what it refuses it shows."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import Phase as Step
from hypothesis import strategies as st

from tests.unit.workflows import walks
from tests.unit.workflows.drafts import drafts, sound
from tests.unit.workflows.replay import SHOWN, holds, plan, replay
from tests.unit.workflows.world import written
from workflows.engine.decide import decide, decide_turn
from workflows.files.loader import load_definition
from workflows.lint.check import build_proved_workflow, build_workflow, lint
from workflows.lint.witness_text import describe_witness
from workflows.model.definition import Definition, Phase
from workflows.model.facts import Facts

QUICK = (Step.explicit, Step.reuse, Step.generate, Step.shrink)
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def test_the_start_of_them_all_is_sound() -> None:
    assert lint(load_definition(written(sound()))) == []


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW, phases=QUICK)
@given(drafts(), st.data())
def test_what_the_linter_passes_never_fails_in_the_engine(
    definition: Definition, data: st.DataObject
) -> None:
    findings = lint(definition)
    event("clean" if not findings else "refused")
    assume(not findings)
    workflow, state = build_proved_workflow(definition), definition.initial.name
    facts = data.draw(walks.FACTS)
    for _ in range(6):
        following = data.draw(walks.FACTS)
        drafting = definition.state(state).phase is Phase.DRAFT
        facts = following if drafting else walks.keep_own(following, facts)
        actor = data.draw(st.sampled_from(walks.ACTORS))
        trigger = data.draw(st.sampled_from(walks.triggers(workflow, state)))
        decide_turn(workflow, plan(state), facts)
        assert len(walks.answering(workflow, state, trigger, actor, facts)) <= 1
        decision = decide(workflow, plan(state), trigger, actor, facts, walks.WILLING)
        passed = [step.to_state for step in decision.steps]
        assert len(set(passed)) == len(passed)
        state = decision.state
        for head in walks.HEADS[:2]:
            assert walks.reaches_the_end(workflow, state, walks.settled(workflow, state, facts, head)), (
                state,
                head,
            )


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW, phases=QUICK)
@given(drafts())
def test_what_the_linter_refuses_it_shows_in_the_engine_and_in_words(definition: Definition) -> None:
    for finding in lint(definition):
        event(finding.code)
        if finding.code not in SHOWN:
            assert finding.witness is None
            continue
        replay(definition, finding)
        for sentences in (
            describe_witness(definition, finding, "id"),
            describe_witness(definition, finding, "en"),
        ):
            assert sentences
            assert not any("…" in sentence or "{" in sentence for sentence in sentences)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW, phases=QUICK)
@given(drafts(), st.lists(walks.FACTS, min_size=20, max_size=20))
def test_conditions_that_exclude_each_other_never_hold_together(
    definition: Definition, facts: list[Facts]
) -> None:
    for finding in lint(definition):
        if finding.witness and finding.witness.excluding:
            conditions = [part.condition for part in finding.witness.excluding]
            assert not any(all(holds(part, known) for part in conditions) for known in facts)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW, phases=QUICK)
@given(drafts(), st.data())
def test_a_plan_that_the_linter_calls_stuck_does_not_reach_the_end(
    definition: Definition, data: st.DataObject
) -> None:
    stuck = [
        finding for finding in lint(definition) if finding.code in ("lint.stuck_definitif", "lint.stuck_plt")
    ]
    workflow = build_workflow(definition)
    for finding in stuck:
        event("stuck")
        assert finding.witness is not None
        assert finding.witness.state is not None
        assert finding.witness.example is not None
        known = walks.as_ours(finding.witness.example.facts)
        assert not walks.reaches_the_end(workflow, finding.witness.state, known)
