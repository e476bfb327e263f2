"""Verification finds every manipulation of the rows of a plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.planning.plan.chain import StoredEvent, StoredPlan, check_chain
from services.planning.plan.event_kinds import PlanStarted, ProfileCorrected, TextsErased
from services.planning.plan.events import SYSTEM, ErasableText, EventActor, canonical_json, sha256
from services.planning.plan.model import Change
from tests.unit.planning.chain import build_rows, find_faults
from tests.unit.planning.plans import NOW, fire, new_plan

OWNER = EventActor(new_plan().ptk_id, "account")
names = st.lists(st.lists(st.text(max_size=4), max_size=3).map(tuple), min_size=3, max_size=6)
History = list[tuple[str, ...]]


def plan_of(history: History) -> StoredPlan:
    """Return a plan with an event for each tuple of text names."""
    change = Change(new_plan(), ())
    for fields in history:
        note = ErasableText.of("reason", "Mohon lengkapi.")
        change = change.with_event(ProfileCorrected(fields), OWNER, NOW, texts=(note,))
    return build_rows(change)


def with_event(plan: StoredPlan, index: int, event: StoredEvent) -> StoredPlan:
    return replace(plan, events=[*plan.events[:index], event, *plan.events[index + 1 :]])


@given(names)
def test_unchanged_plan_has_no_findings(history: History) -> None:
    assert find_faults(plan_of(history)) == []


def test_time_zone_of_the_session_does_not_matter() -> None:
    plan, wib = plan_of([(), ()]), timezone(timedelta(hours=7))
    events_in_wib = [replace(event, at=event.at.astimezone(wib)) for event in plan.events]
    assert find_faults(replace(plan, events=events_in_wib)) == []


@given(names, st.data())
def test_any_changed_byte_of_a_body_is_found(history: History, data: st.DataObject) -> None:
    plan = plan_of(history)
    index = data.draw(st.integers(0, len(history) - 1))
    body = bytearray(plan.events[index].body.encode())
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 127))
    broken_plan = replace(plan.events[index], body=body.decode(errors="replace"))
    assert ("body_changed", index + 1) in find_faults(with_event(plan, index, broken_plan))


@given(names, st.data())
def test_changed_body_with_new_hash_breaks_the_next_link(history: History, data: st.DataObject) -> None:
    plan = plan_of(history)
    index = data.draw(st.integers(0, len(history) - 1))
    body = plan.events[index].body.replace('"exceptional":false', '"exceptional":true')
    forgery = with_event(plan, index, replace(plan.events[index], body=body, hash=sha256(body)))
    last = index == len(history) - 1
    assert find_faults(forgery) == [("last_hash_differs", index + 1) if last else ("link_broken", index + 2)]


@given(names, st.data())
def test_lost_repeated_and_swapped_events_are_found(history: History, data: st.DataObject) -> None:
    plan = plan_of(history)
    index = data.draw(st.integers(0, len(history) - 1))
    shorter = replace(plan, events=[*plan.events[:index], *plan.events[index + 1 :]])
    last = index == len(history) - 1
    assert (("tail_lost", index + 1) if last else ("gap", index + 2)) in find_faults(shorter)
    plan_with_repeated_event = replace(plan, events=[*plan.events[: index + 1], *plan.events[index:]])
    assert ("gap", index + 1) in find_faults(plan_with_repeated_event)
    other_index = (index + 1) % len(history)
    current, next_event = plan.events[index], plan.events[other_index]
    swapped_plan = with_event(plan, index, replace(next_event, version=index + 1))
    swapped_plan = with_event(swapped_plan, other_index, replace(current, version=other_index + 1))
    assert {("columns_differ", index + 1), ("columns_differ", other_index + 1)} <= set(
        find_faults(swapped_plan)
    )


def test_event_of_another_plan_is_found() -> None:
    plan = plan_of([(), ()])
    stranger = replace(new_plan(), ptk_id="33333333-3333-4333-8333-000000000002")
    event = build_rows(Change(stranger, ()).with_event(PlanStarted(), SYSTEM, NOW)).events[0]
    assert ("columns_differ", 1) in find_faults(with_event(plan, 0, event))


@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s))
)
def test_foreign_body_is_a_finding_and_no_exception(value: Any) -> None:
    plan = plan_of([(), ()])
    fields = value if isinstance(value, dict) else {"detail": value, "digests": value}
    for body in (
        canonical_json(value),
        canonical_json(fields),
        canonical_json({"kind": "texts_erased", "detail": {"texts": value}}),
        canonical_json({"kind": value, "detail": {}}),
        "{",
        "[" * 99_999,
    ):
        forgery = with_event(plan, 1, replace(plan.events[1], body=body, hash=sha256(body)))
        assert {code for code, version in find_faults(forgery)} & {"columns_differ", "unreadable"}


def test_each_text_is_compared_with_its_digest() -> None:
    plan = plan_of([(), ()])
    first, second = plan.texts
    assert find_faults(replace(plan, texts=[replace(first, value="Sudah baik."), second])) == [
        ("text_changed", 1)
    ]
    assert find_faults(replace(plan, texts=[replace(first, salt="0" * 32), second])) == [("text_changed", 1)]
    assert find_faults(replace(plan, texts=[first])) == [("text_lost", 2)]
    assert find_faults(replace(plan, texts=[first, second, replace(first, name="profile")])) == [
        ("text_unknown", 1)
    ]
    empty_text = replace(second, value=None, salt=None, erased_at=NOW)
    assert find_faults(replace(plan, texts=[first, empty_text])) == [("text_erased_without_event", 2)]


def test_text_that_an_event_erased_is_empty() -> None:
    note = ErasableText.of("reason", "Mohon lengkapi.")
    change = Change(new_plan(), ()).with_event(fire(), OWNER, NOW, texts=(note,))
    plan = build_rows(change.with_event(TextsErased({1: ("reason",)}, (), "Permintaan", "budi"), SYSTEM, NOW))
    assert find_faults(plan) == [("text_not_erased", 1)]
    assert (
        find_faults(replace(plan, texts=[replace(plan.texts[0], value=None, salt=None, erased_at=NOW)])) == []
    )


def test_row_of_the_plan_is_compared_with_its_last_event() -> None:
    plan = plan_of([(), ()])
    for column in ("state", "npsn", "workflow", "catalog"):
        other_index: dict[str, Any] = {column: "x"}
        finding = next(check_chain(replace(plan, **other_index), NOW))
        assert (finding.code, finding.params["columns"]) == ("verify.row_differs", [column])
    assert find_faults(replace(plan, version=3)) == [("tail_lost", 3)]
    assert find_faults(replace(plan, version=1)) == [("events_added", 2)]
    assert find_faults(replace(plan, events=[], texts=[])) == [("tail_lost", 2)]
