"""Random plans of a definition: random facts, the real engine, and whether a plan reaches a final state.

Nothing here uses the solver. Facts are drawn from the whole range that planning can load.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

from hypothesis import strategies as st

from tests.unit.workflows.witness_checks import plan
from workflows.engine.decide import decide
from workflows.engine.machine import Attempt, Workflow, evaluate_transition
from workflows.model.decision import Decision
from workflows.model.definition import Fire, Phase, entry_trigger
from workflows.model.facts import SYSTEM, Actor, CommandInput, Facts, Head, HeadKind, Refusal, WithdrawnChoice
from workflows.model.messages import load_messages

OWNER, HEAD = "guru", "kepala"
ACTORS = [Actor(OWNER), Actor(HEAD), Actor("admin", frozenset({"admin"})), SYSTEM]
ACTORS += [Actor(OWNER, frozenset({"admin"})), Actor(HEAD, frozenset({"admin"}))]
FULL_INPUT = CommandInput("Alasan", frozenset(load_messages()) | {"tab.missing", "access.no", "move.no"})
NOW = datetime(2024, 3, 10, 4, tzinfo=UTC)
TODAY, DAY = date(2024, 3, 10), timedelta(days=1)
HEADS = [Head(kind, HEAD) for kind in (HeadKind.DEFINITIF, HeadKind.PLT)] + [Head(HeadKind.KOSONG)]
HEADS += [Head(kind, OWNER) for kind in (HeadKind.DEFINITIF, HeadKind.PLT)]
DAYS = st.integers(-40, 40).map(lambda days: TODAY + days * DAY)


def values(switch: bool, other: bool, opens: date, closes: date, points: int) -> dict[str, Any]:
    return {
        "switch": switch,
        "other": other,
        "opens": min(opens, closes),
        "closes": max(opens, closes),
        "points": points,
        "minutes": 60,
    }


PARAMS = st.builds(values, st.booleans(), st.booleans(), DAYS, DAYS, st.integers(0, 64))
FACTS = st.builds(
    Facts,
    now=st.just(NOW),
    zone=st.just(UTC),
    params=PARAMS,
    params_revision=st.just(1),
    head=st.sampled_from(HEADS),
    facts_as_of=st.one_of(st.none(), st.integers(0, 200).map(lambda age: NOW - timedelta(minutes=age))),
    sekolah_induk=st.sampled_from(["20100001", "20100001", "20100002", None]),
    profile_confirmed=st.booleans(),
    access_refusals=st.sampled_from([(), (), (Refusal("access.no"),)]),
    move_refusals=st.sampled_from([(), (Refusal("move.no"),)]),
    missing_parts=st.sampled_from([(), (), (Refusal("tab.missing"),)]),
    withdrawn_choices=st.sampled_from([(), (), (WithdrawnChoice("x"),)]),
    points=st.integers(0, 80),
    revision_due=st.one_of(st.none(), DAYS),
    plt_confirmed=st.booleans(),
)
TEACHER_FACTS = ("profile_confirmed", "missing_parts", "withdrawn_choices", "points")


def keep_teacher_facts(facts: Facts, before: Facts) -> Facts:
    """Return the facts with those of the teacher as before, since only a draft lets them change."""
    return replace(facts, **{name: getattr(before, name) for name in TEACHER_FACTS})


def list_triggers(workflow: Workflow, state: str) -> list[str]:
    triggers = {row.trigger for row in workflow.definition.transitions if state in row.from_states}
    return sorted(triggers | {entry_trigger(state)})


def find_results(workflow: Workflow, state: str, trigger: str, actor: Actor, facts: Facts) -> set[object]:
    """The results of the transitions that may fire together; more than one is ambiguous."""
    transitions = [
        row for row in workflow.definition.transitions if row.trigger == trigger and state in row.from_states
    ]
    admitting = [
        row
        for row in transitions
        if evaluate_transition(row, plan(state), Attempt(actor, facts, FULL_INPUT)).may_fire
    ]
    by = {row.authority for row in admitting}
    if len(by) == len(admitting):  # a person with two authorities
        return {(row.to_state, row.effects, row.exceptional) for row in admitting}
    return {row.id for row in admitting}


def reaches_the_end(workflow: Workflow, state: str, facts: Facts, *, is_late: bool = False) -> bool:
    """Return whether normal commands take a plan to a final state after all automatic changes.

    `is_late`: every window has closed. A draft can be submitted only in a revision that the plan has just got.
    """
    visits, queue = {(state, facts.points, not facts.missing_parts, facts.revision_due)}, [(state, facts)]
    while queue:
        current_state, current_facts = queue.pop()
        if workflow.definition.state(current_state).final:
            return workflow.definition.state(current_state).phase is Phase.IN_IMPLEMENTATION
        for moment in _possible_facts(workflow, current_state, current_facts, is_late=is_late):
            for decision in _possible_decisions(workflow, current_state, moment):
                if not decision.steps or any(step.exceptional for step in decision.steps):
                    continue
                due = _find_revision(workflow, current_state, decision, moment) if is_late else None
                key = (decision.state, moment.points, not moment.missing_parts, due)
                if key not in visits:
                    visits.add(key)
                    queue.append((decision.state, replace(moment, revision_due=due)))
    return False


def _find_revision(workflow: Workflow, state: str, decision: Decision, facts: Facts) -> date | None:
    """Return the due date after a decision. It passes while the plan waits for somebody else than its owner."""
    if any(effect.name == "open_revision" for step in decision.steps for effect in step.effects):
        return TODAY
    is_immediate = decision.steps[0].trigger.startswith("@")
    keeps = is_immediate or workflow.definition.state(state).phase is Phase.DRAFT
    return facts.revision_due if keeps else None


def _possible_decisions(workflow: Workflow, state: str, facts: Facts) -> Iterator[Decision]:
    """The decisions that a plan may meet: by the system first, and by persons and timers only if it rests."""
    again = decide(workflow, plan(state), entry_trigger(state), SYSTEM, facts, FULL_INPUT)
    if again.steps:
        yield again
        return
    timers = [timer for timer in workflow.definition.timers if state in timer.states]
    fired = [(SYSTEM, timer.action.trigger) for timer in timers if isinstance(timer.action, Fire)]
    for actor, trigger in [*product(ACTORS[:3], list_triggers(workflow, state)), *fired]:
        yield decide(workflow, plan(state), trigger, actor, facts, FULL_INPUT)


def _possible_facts(workflow: Workflow, state: str, facts: Facts, *, is_late: bool) -> Iterator[Facts]:
    """Yield the facts that a plan may wait for: another day, and for a draft another content."""
    calendar = [(TODAY - DAY, TODAY + DAY), (TODAY + DAY, TODAY + DAY), (TODAY - DAY, TODAY - DAY)]
    calendar = calendar[2:] if is_late else calendar
    draft = workflow.definition.state(state).phase is Phase.DRAFT
    contents = (
        product((0, 19, 20, 64), ((), (Refusal("tab.missing"),)))
        if draft
        else [(facts.points, facts.missing_parts)]
    )
    for (opens, closes), (points, missing) in product(calendar, contents):
        params = {**facts.params, "opens": opens, "closes": closes}
        yield replace(facts, params=params, points=points, missing_parts=missing)


def settle_facts(workflow: Workflow, state: str, facts: Facts, head: Head) -> Facts:
    """Return the facts after all automatic changes, with a head who stays."""
    own: dict[str, Any] = {}
    if workflow.definition.state(state).phase is Phase.DRAFT:
        own = {"profile_confirmed": True, "withdrawn_choices": ()}
    return replace(
        facts, head=head, facts_as_of=NOW, sekolah_induk="20100001", access_refusals=(), revision_due=None,
        plt_confirmed=facts.plt_confirmed or head.kind is HeadKind.PLT, **own,
    )  # fmt: skip


def rebase_facts(facts: Facts) -> Facts:
    """Return the facts of a witness, relative to the clock of this module."""
    as_of = NOW - (facts.now - facts.facts_as_of) if facts.facts_as_of else None
    return replace(facts, now=NOW, zone=UTC, facts_as_of=as_of, revision_due=None)
