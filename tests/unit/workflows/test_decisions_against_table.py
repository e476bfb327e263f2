"""Random decisions of the engine, compared with a plain table of the same rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.workflows.samples import (
    ADMIN,
    DEFINITIF,
    ELSEWHERE,
    KOSONG,
    NOW,
    NPSN,
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
from workflows.engine.decide import decide, list_transitions
from workflows.model.facts import SYSTEM, Actor, CommandInput, Facts, Head, HeadKind, Refusal, WithdrawnChoice

OWNER_AS_PLT = Head(HeadKind.PLT, OWNER)
OWNER_AS_ADMIN = Actor(OWNER, ADMIN.scopes)
WARNING_CODE = "points.below_minimum"
Rule = Callable[[Actor, Facts, CommandInput], bool]


def is_owner(actor: Actor, facts: Facts, command_input: CommandInput) -> bool:
    return actor.ptk_id == OWNER


def is_head(actor: Actor, facts: Facts, command_input: CommandInput) -> bool:
    return (
        actor.ptk_id not in (None, OWNER)
        and actor.ptk_id == facts.head.ptk_id
        and facts.head.kind != "kosong"
    )


def may_decide(actor: Actor, facts: Facts, command_input: CommandInput) -> bool:
    is_dinas = "admin" in actor.scopes and actor.ptk_id != OWNER and facts.head.ptk_id == OWNER
    return (is_head(actor, facts, command_input) or is_dinas) and is_fresh(facts)


def is_fresh(facts: Facts) -> bool:
    return facts.facts_as_of is not None and facts.now - facts.facts_as_of <= timedelta(minutes=60)


def is_submittable(actor: Actor, facts: Facts, command_input: CommandInput) -> bool:
    opens, closes = facts.params["planning_opens"], facts.params["planning_closes"]
    today = facts.now.astimezone(facts.zone).date()
    in_time = str(opens) <= str(today) <= str(closes)
    in_time = in_time or (facts.revision_due is not None and today <= facts.revision_due)
    whole = (
        facts.profile_confirmed
        and not facts.missing_parts
        and not facts.withdrawn_choices
        and facts.sekolah_induk == NPSN
    )
    return (
        in_time
        and whole
        and is_fresh(facts)
        and (facts.points >= 32 or WARNING_CODE in command_input.acknowledged_codes)
    )


def may_begin(facts: Facts) -> bool:
    return facts.head.kind != "plt" or (facts.head == PLT and facts.plt_confirmed)


def is_automatic(actor: Actor, facts: Facts, command_input: CommandInput) -> bool:
    return (
        actor.system
        and is_fresh(facts)
        and (facts.head == PLT or bool(facts.params["approve_automatically"]))
    )


def is_admin(actor: Actor, facts: Facts, command_input: CommandInput) -> bool:
    return "admin" in actor.scopes and actor.ptk_id != OWNER and bool((command_input.reason or "").strip())


def is_movable(actor: Actor, facts: Facts, command_input: CommandInput) -> bool:
    return is_admin(actor, facts, command_input) and is_fresh(facts) and not facts.move_refusals


MOVE = "moveToSekolahInduk"
TABLE: dict[tuple[str, str], tuple[str, Rule]] = {
    ("draft", "submit"): ("submitted", lambda a, f, g: is_owner(a, f, g) and is_submittable(a, f, g)),
    ("submitted", "@entered(submitted)"): ("auto_approved", is_automatic),
    ("submitted", "approve"): ("approved", may_decide),
    ("auto_approved", "approve"): (
        "approved",
        lambda a, f, g: may_decide(a, f, g) and f.head == OWNER_AS_PLT,
    ),
    ("submitted", "return"): (
        "draft",
        lambda a, f, g: may_decide(a, f, g) and bool((g.reason or "").strip()),
    ),
    ("approved", "beginImplementation"): ("in_implementation", is_owner),
    ("auto_approved", "beginImplementation"): (
        "in_implementation",
        lambda a, f, g: (
            is_owner(a, f, g)
            and is_fresh(f)
            and (f.head.kind != "plt" or (f.head == PLT and f.plt_confirmed))
        ),
    ),
    **{
        (state, "reopen"): ("draft", is_admin) for state in ("approved", "auto_approved", "in_implementation")
    },
    **{(state, MOVE): (state, is_movable) for state in ("draft", "submitted", "approved", "auto_approved")},
}


def expected_states(
    state: str, trigger: str, actor: Actor, facts: Facts, command_input: CommandInput
) -> list[str]:
    """The states that a command leads through by the table."""
    to, rule = TABLE.get((state, trigger), ("", lambda a, f, g: False))
    if not rule(actor, facts, command_input):
        return []
    if trigger == MOVE:  # automatic transitions wait for the facts of the new school
        return [to]
    return [to, *expected_states(to, f"@entered({to})", SYSTEM, facts, CommandInput())]


STATES = [state.name for state in workflow().definition.states]
TRIGGERS = sorted(
    {trigger for _, trigger in TABLE} | {"@entered(draft)", "to_approved", "state", "trigger", ""}
)
MOSTLY_TRUE = st.sampled_from([True, True, True, False])


def mostly(good: Any, *bad: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([good] * (2 * len(bad) + 1) + list(bad))


FACTS = st.builds(
    facts,
    now=mostly(NOW, *(NOW + timedelta(days=days) for days in (-20, 16, 17, 30))),
    facts_as_of=mostly(NOW + timedelta(days=60), None, NOW - timedelta(minutes=61), NOW),
    head=st.sampled_from([DEFINITIF, PLT, KOSONG, Head(HeadKind.DEFINITIF, OWNER), OWNER_AS_PLT]),
    params=mostly(params(), params(approve_automatically=True), params(planning_closes="2024-02-10")),
    sekolah_induk=mostly(NPSN, ELSEWHERE, None),
    profile_confirmed=MOSTLY_TRUE,
    move_refusals=mostly((), (Refusal("move.same_school"),)),
    missing_parts=mostly((), (Refusal("tab.missing"),)),
    withdrawn_choices=mostly((), (WithdrawnChoice("x"),)),
    points=st.sampled_from([40, 32, 31]),
    revision_due=st.sampled_from([None, date(2024, 1, 10), date(2024, 2, 20)]),
    plt_confirmed=st.booleans(),
)
ACTORS = st.sampled_from(
    [TEACHER, TEACHER, SUPERIOR, SUPERIOR, STRANGER_ACTOR, ADMIN, OWNER_AS_ADMIN, SYSTEM, Actor()]
)
COMMAND_INPUTS = st.builds(
    CommandInput,
    reason=st.sampled_from([None, "Mohon diperbaiki", " "]),
    acknowledged_codes=st.sampled_from([frozenset[str](), frozenset({WARNING_CODE}), frozenset({"other"})]),
)
COMMANDS = st.tuples(st.sampled_from(TRIGGERS), ACTORS, FACTS, COMMAND_INPUTS)


@settings(max_examples=3 * settings().max_examples)
@given(st.sampled_from(STATES), st.lists(COMMANDS, min_size=1, max_size=12))
def test_the_engine_decides_as_the_table(
    state: str, commands: list[tuple[str, Actor, Facts, CommandInput]]
) -> None:
    for trigger, actor, plan_facts, command_input in commands:
        before = plan(state)
        decision = decide(workflow(), before, trigger, actor, plan_facts, command_input)
        ways = [state, *expected_states(state, trigger, actor, plan_facts, command_input)]
        assert [(step.from_state, step.to_state) for step in decision.steps] == list(pairwise(ways))
        assert decision.allowed is not bool(decision.refusals or decision.warnings)
        assert before == plan(state)
        state = decision.state
        assert state == ways[-1]


@settings(max_examples=3 * settings().max_examples)
@given(st.sampled_from(STATES), ACTORS, FACTS)
def test_a_listed_transition_is_allowed_exactly_if_the_command_is(
    state: str, actor: Actor, plan_facts: Facts
) -> None:
    before = plan(state)
    for evaluation in list_transitions(workflow(), before, actor, plan_facts):
        codes = frozenset(warning.code for warning in evaluation.warnings)
        trigger, command_input = evaluation.transition.trigger, CommandInput("ada alasan", codes)
        decision = decide(workflow(), before, trigger, actor, plan_facts, command_input)
        assert decision.allowed is evaluation.allowed
    assert before == plan(state)


def test_the_machine_has_only_the_declared_transitions() -> None:
    events: Mapping[str, Any] = workflow().machine.events
    ways = {
        (source, trigger): [way.dest for way in ways]
        for trigger in events
        for source, ways in events[trigger].transitions.items()
    }
    assert {key: set(targets) for key, targets in ways.items()} == {
        key: {to} for key, (to, _) in TABLE.items()
    }
    assert workflow().machine.models == []


@pytest.mark.parametrize("name", ["to_approved", "approve", "trigger", "may_approve", "is_draft"])
def test_a_snapshot_gets_no_methods_of_the_machine(name: str) -> None:
    snapshot = plan()
    decide(workflow(), snapshot, "submit", TEACHER, facts())
    assert not hasattr(snapshot, name)
    with pytest.raises(AttributeError):
        setattr(snapshot, name, "submitted")


def test_a_decision_leaves_its_arguments_unchanged() -> None:
    before, plan_facts = plan(), facts(head=PLT)
    plan_copy, values = copy(before), dict(plan_facts.params)
    assert decide(workflow(), before, "submit", TEACHER, plan_facts).state == "auto_approved"
    assert (before, plan_facts.params) == (plan_copy, values)
