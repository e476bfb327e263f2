from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.planning.plan.event_kinds import PlanStarted, TabSaved
from services.planning.plan.events import GENESIS, SYSTEM, ErasableText, EventActor, OnBehalfOf
from services.planning.plan.model import Change
from services.planning.plan.tabs import Tab
from tests.unit.planning.chain import build_rows, find_faults
from tests.unit.planning.plans import NOW, fire, new_plan
from workflows.model.facts import HeadKind

TEACHER = EventActor("33333333-3333-4333-8333-000000000001", "66666666-6666-4666-8666-000000000001")
BEHALF = OnBehalfOf("99000001", HeadKind.PLT)
HEAD = EventActor("33333333-3333-4333-8333-000000000009", "66666666-6666-4666-8666-000000000009", BEHALF)


def test_event_updates_version_state_time_and_last_hash() -> None:
    later = NOW + timedelta(hours=1)
    change = Change(new_plan(), ()).with_event(PlanStarted(), TEACHER, NOW)
    next_change = change.with_event(fire(), TEACHER, later, to_state="submitted")
    plan, (first, second) = next_change.plan, next_change.events
    assert (plan.version, plan.state, plan.last_hash, plan.updated_at) == (2, "submitted", second.hash, later)
    assert (first.event.prev_hash, second.event.prev_hash) == (GENESIS, first.hash)
    before = replace(plan, version=0, state="draft", last_hash=GENESIS, updated_at=NOW, state_since=None)
    assert before == new_plan()


def test_first_event_has_no_from_state_and_later_ones_the_previous_state() -> None:
    change = (
        Change(new_plan(), ())
        .with_event(PlanStarted(), TEACHER, NOW)
        .with_event(fire(), TEACHER, NOW, to_state="submitted")
    )
    change = change.with_event(fire(), SYSTEM, NOW, to_state="auto_approved")
    assert [(link.event.from_state, link.event.to_state) for link in change.events] == [
        (None, "draft"),
        ("draft", "submitted"),
        ("submitted", "auto_approved"),
    ]


@pytest.mark.parametrize(
    ("by", "kind", "behalf"),
    [
        (TEACHER, "person", None),
        (HEAD, "person", {"npsn": "99000001", "head": "plt"}),
        (SYSTEM, "system", None),
    ],
)
def test_event_names_actor_and_school(by: EventActor, kind: str, behalf: dict[str, str] | None) -> None:
    event_body = json.loads(Change(new_plan(), ()).with_event(PlanStarted(), by, NOW).events[0].body)
    assert (event_body["actor"]["kind"], event_body["actor"]["ptk_id"], event_body["on_behalf_of"]) == (
        kind,
        by.ptk_id,
        behalf,
    )


def test_event_ids_are_unique() -> None:
    change = (
        Change(new_plan(), ())
        .with_event(PlanStarted(), TEACHER, NOW)
        .with_event(TabSaved(Tab.PRAKTIK_KINERJA), TEACHER, NOW)
    )
    assert len({link.event.id for link in change.events}) == 2


def test_texts_belong_to_their_event() -> None:
    note = ErasableText.of("reason", "Mohon lengkapi.")
    change = (
        Change(new_plan(), ())
        .with_event(PlanStarted(), TEACHER, NOW)
        .with_event(fire("return", "return"), HEAD, NOW, texts=(note,))
    )
    assert [event.texts for event in change.events] == [(), (note,)]


@given(st.lists(st.sampled_from(["draft", "submitted", "approved", None]), min_size=1, max_size=8))
def test_version_counts_events_and_chain_verifies_after_any_transitions(
    states: list[str | None],
) -> None:
    change = Change(new_plan(), ())
    for state in states:
        change = change.with_event(fire(), TEACHER, NOW, to_state=state)
    assert change.plan.version == len(change.events) == len(states)
    assert find_faults(build_rows(change)) == []


def test_state_since_changes_only_with_the_state() -> None:
    later, latest = NOW + timedelta(days=1), NOW + timedelta(days=2)
    start = Change(new_plan(), ()).with_event(PlanStarted(), SYSTEM, NOW)
    tab_save = start.with_event(TabSaved(Tab.PRAKTIK_KINERJA), SYSTEM, later)
    moved_within = tab_save.with_event(fire(), SYSTEM, later, to_state="draft")
    submitted = moved_within.with_event(fire(), SYSTEM, latest, to_state="submitted")
    since = [change.plan.state_since for change in (start, tab_save, moved_within, submitted)]
    assert since == [NOW, NOW, NOW, latest]
