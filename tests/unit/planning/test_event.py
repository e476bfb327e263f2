from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.planning.plan.event_kinds import PlanStarted
from services.planning.plan.events import (
    GENESIS,
    SYSTEM,
    ErasableText,
    Event,
    canonical_json,
    hash_event,
    sha256,
)
from services.planning.plan.model import Change
from tests.unit.planning.plans import NOW, new_plan

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def start() -> Event:
    return Change(new_plan(), ()).with_event(PlanStarted(), SYSTEM, NOW).events[0].event


@given(values)
def test_canonical_json_has_one_spelling_and_is_read_back(value: Any) -> None:
    text = canonical_json(value)
    assert json.loads(text) == value
    assert canonical_json(json.loads(text)) == text


def test_canonical_json_is_sorted_short_and_plain_unicode() -> None:
    assert canonical_json({"b": [1, None], "a": "é 漢\n"}) == '{"a":"é 漢\\n","b":[1,null]}'
    assert canonical_json({"a": 1, "b": 2}) == canonical_json({"b": 2, "a": 1})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": object()}, {"a": {1, 2}}])
def test_values_outside_json_are_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical_json(value)


def test_event_holds_only_a_salted_digest_of_a_text() -> None:
    note = ErasableText.of("reason", "Mohon lengkapi RHK.")
    event = hash_event(GENESIS, start(), (note,))
    assert note.value not in event.body
    assert note.salt not in event.body
    event_body = json.loads(event.body)
    assert event_body["digests"] == {"reason": sha256(f"{note.salt}\n{note.value}")}
    assert (event.hash, event_body["format"]) == (sha256(event.body), 1)


def test_changed_text_has_another_digest() -> None:
    note = ErasableText.of("reason", "Ya")
    assert note.digest != replace(note, value="Tidak").digest
    assert note.digest != replace(note, salt="0" * 32).digest


def test_each_text_has_its_own_salt_and_digest() -> None:
    once, again = ErasableText.of("reason", "Ya"), ErasableText.of("reason", "Ya")
    assert (once.salt, once.digest) != (again.salt, again.digest)
    assert len(bytes.fromhex(once.salt)) == 16


def test_hashed_event_holds_the_previous_hash_and_its_digests() -> None:
    event = replace(start(), prev_hash="x", digests={"a": "b"})
    event_body = json.loads(hash_event("f" * 64, event).body)
    assert (event_body["prev_hash"], event_body["digests"]) == ("f" * 64, {})
