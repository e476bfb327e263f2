"""The engine walks at random beside a plain table of the same rules; they must never part."""

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
    MID_JANUARY,
    NPSN,
    OWNER,
    PLT,
    SUPERIOR,
    TEACHER,
    UNRELATED,
    facts,
    params,
    plan,
    workflow,
)
from workflows.engine.decide import decide, list_transitions
from workflows.model.facts import SYSTEM, Actor, CommandInput, Facts, Head, HeadKind, Refusal, WithdrawnChoice

ACCEPTED = "points.below_minimum"
Rule = Callable[[Actor, Facts, CommandInput], bool]


def owner(actor: Actor, facts: Facts, given: CommandInput) -> bool:
    return actor.ptk_id == OWNER


def head(actor: Actor, facts: Facts, given: CommandInput) -> bool:
    return (
        actor.ptk_id not in (None, OWNER)
        and actor.ptk_id == facts.head.ptk_id
        and facts.head.kind != "kosong"
    )


def fresh(facts: Facts) -> bool:
    return facts.facts_as_of is not None and facts.now - facts.facts_as_of <= timedelta(minutes=60)


def complete(actor: Actor, facts: Facts, given: CommandInput) -> bool:
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
    return in_time and whole and fresh(facts) and (facts.points >= 32 or ACCEPTED in given.acknowledged_codes)


def automatically(actor: Actor, facts: Facts, given: CommandInput) -> bool:
    return (
        actor.system
        and fresh(facts)
        and (facts.head.kind == "plt" or bool(facts.params["approve_automatically"]))
    )


def admin(actor: Actor, facts: Facts, given: CommandInput) -> bool:
    return "admin" in actor.scopes and bool((given.reason or "").strip())


def moves(actor: Actor, facts: Facts, given: CommandInput) -> bool:
    return admin(actor, facts, given) and fresh(facts) and not facts.move_refusals


MOVE = "moveToSekolahInduk"
TABLE: dict[tuple[str, str], tuple[str, Rule]] = {
    ("draft", "submit"): ("submitted", lambda a, f, g: owner(a, f, g) and complete(a, f, g)),
    ("submitted", "@entered(submitted)"): ("auto_approved", automatically),
    ("submitted", "approve"): ("approved", lambda a, f, g: head(a, f, g) and fresh(f)),
    ("submitted", "return"): (
        "draft",
        lambda a, f, g: head(a, f, g) and fresh(f) and bool((g.reason or "").strip()),
    ),
    ("approved", "beginImplementation"): ("in_implementation", owner),
    ("auto_approved", "beginImplementation"): (
        "in_implementation",
        lambda a, f, g: owner(a, f, g) and fresh(f) and (f.head.kind != "plt" or f.plt_confirmed),
    ),
    **{(state, "reopen"): ("draft", admin) for state in ("approved", "auto_approved", "in_implementation")},
    **{(state, MOVE): (state, moves) for state in ("draft", "submitted", "approved", "auto_approved")},
}


def by_table(state: str, trigger: str, actor: Actor, facts: Facts, given: CommandInput) -> list[str]:
    """The states that the table leads through."""
    to, rule = TABLE.get((state, trigger), ("", lambda a, f, g: False))
    if not rule(actor, facts, given):
        return []
    if trigger == MOVE:  # another school decides: by facts that nobody has loaded yet
        return [to]
    return [to, *by_table(to, f"@entered({to})", SYSTEM, facts, CommandInput())]


STATES = [state.name for state in workflow().definition.states]
TRIGGERS = sorted(
    {trigger for _, trigger in TABLE} | {"@entered(draft)", "to_approved", "state", "trigger", ""}
)
MOSTLY_TRUE = st.sampled_from([True, True, True, False])


def mostly(good: Any, *bad: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([good] * (2 * len(bad) + 1) + list(bad))


FACTS = st.builds(
    facts,
    now=mostly(MID_JANUARY, *(MID_JANUARY + timedelta(days=days) for days in (-20, 16, 17, 30))),
    facts_as_of=mostly(
        MID_JANUARY + timedelta(days=60), None, MID_JANUARY - timedelta(minutes=61), MID_JANUARY
    ),
    head=st.sampled_from([DEFINITIF, PLT, KOSONG, Head(HeadKind.DEFINITIF, OWNER)]),
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
ACTORS = st.sampled_from([TEACHER, TEACHER, SUPERIOR, SUPERIOR, UNRELATED, ADMIN, SYSTEM, Actor()])
GIVEN = st.builds(
    CommandInput,
    reason=st.sampled_from([None, "Mohon diperbaiki", " "]),
    acknowledged_codes=st.sampled_from([frozenset[str](), frozenset({ACCEPTED}), frozenset({"other"})]),
)
COMMANDS = st.tuples(st.sampled_from(TRIGGERS), ACTORS, FACTS, GIVEN)


@settings(max_examples=300)
@given(st.sampled_from(STATES), st.lists(COMMANDS, min_size=1, max_size=12))
def test_the_engine_and_the_table_walk_the_same_way(
    state: str, commands: list[tuple[str, Actor, Facts, CommandInput]]
) -> None:
    for trigger, actor, known, given_ in commands:
        before = plan(state)
        decision = decide(workflow(), before, trigger, actor, known, given_)
        ways = [state, *by_table(state, trigger, actor, known, given_)]
        assert [(step.from_state, step.to_state) for step in decision.steps] == list(pairwise(ways))
        assert decision.allowed is not bool(decision.refusals or decision.warnings)
        assert before == plan(state)
        state = decision.state
        assert state == ways[-1]


@settings(max_examples=300)
@given(st.sampled_from(STATES), ACTORS, FACTS)
def test_a_button_is_allowed_exactly_when_the_command_would_be(
    state: str, actor: Actor, known: Facts
) -> None:
    before = plan(state)
    for button in list_transitions(workflow(), before, actor, known):
        given_ = CommandInput("ada alasan", frozenset(warning.code for warning in button.warnings))
        assert decide(workflow(), before, button.trigger, actor, known, given_).allowed is button.allowed
    assert before == plan(state)


def test_the_machine_knows_the_declared_triggers_and_ways_and_no_other() -> None:
    events: Mapping[str, Any] = workflow().machine.events
    ways = {
        (source, trigger): [way.dest for way in ways]
        for trigger in events
        for source, ways in events[trigger].transitions.items()
    }
    assert ways == {key: [to] for key, (to, _) in TABLE.items()}
    assert workflow().machine.models == []


@pytest.mark.parametrize("name", ["to_approved", "approve", "trigger", "may_approve", "is_draft"])
def test_a_plan_gets_no_methods_that_move_it(name: str) -> None:
    moved = plan()
    decide(workflow(), moved, "submit", TEACHER, facts())
    assert not hasattr(moved, name)
    with pytest.raises(AttributeError):
        setattr(moved, name, "submitted")


def test_deciding_changes_nothing_of_the_callers() -> None:
    before, known = plan(), facts(head=PLT)
    kept, values = copy(before), dict(known.params)
    assert decide(workflow(), before, "submit", TEACHER, known).state == "auto_approved"
    assert (before, known.params) == (kept, values)
