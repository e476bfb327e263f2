from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.planning.domain.event import GENESIS, ErasableText, canonical, link, sha256
from tests.unit.planning.chain import Stored, faults_of_chain

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
histories = st.lists(st.dictionaries(st.text(min_size=1), values, max_size=3), min_size=1, max_size=6)


def chain_of(history: list[dict[str, Any]]) -> list[Stored]:
    chain: list[Stored] = []
    for place, fields in enumerate(history, 1):
        event = link(chain[-1].hash if chain else GENESIS, {**fields, "version": place})
        chain.append(Stored(place, event.hash, event.body))
    return chain


@given(values)
def test_canonical_json_has_one_spelling_and_is_read_back(value: Any) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


def test_canonical_json_is_sorted_short_and_plain_unicode() -> None:
    assert canonical({"b": [1, None], "a": "é 漢\n"}) == '{"a":"é 漢\\n","b":[1,null]}'
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": object()}, {"a": {1, 2}}])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical(value)


@given(histories)
def test_an_untouched_chain_has_no_fault(history: list[dict[str, Any]]) -> None:
    chain = chain_of(history)
    assert faults_of_chain(chain, chain[-1].hash) == []
    assert json.loads(chain[0].body)["prev_hash"] == GENESIS


@given(histories, st.data())
def test_any_changed_byte_of_any_body_is_noticed(history: list[dict[str, Any]], data: st.DataObject) -> None:
    chain = chain_of(history)
    last = chain[-1].hash
    which = data.draw(st.integers(0, len(chain) - 1))
    body = bytearray(chain[which].body.encode())
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= data.draw(st.integers(1, 127))
    spoiled = replace(chain[which], body=body.decode(errors="replace"))
    assert faults_of_chain([*chain[:which], spoiled, *chain[which + 1 :]], last)


@given(histories, st.data())
def test_a_changed_body_with_its_hash_made_anew_is_noticed(
    history: list[dict[str, Any]], data: st.DataObject
) -> None:
    chain = chain_of(history)
    which = data.draw(st.integers(0, len(chain) - 1))
    body = canonical({**json.loads(chain[which].body), "forged": True})
    forged = replace(chain[which], body=body, hash=hashlib.sha256(body.encode()).hexdigest())
    assert faults_of_chain([*chain[:which], forged, *chain[which + 1 :]], chain[-1].hash)


@given(histories, st.data())
def test_a_dropped_doubled_or_moved_event_is_noticed(
    history: list[dict[str, Any]], data: st.DataObject
) -> None:
    chain = chain_of(history)
    which = data.draw(st.integers(0, len(chain) - 1))
    dropped = [*chain[:which], *chain[which + 1 :]]
    assert faults_of_chain(dropped, chain[-1].hash)
    assert faults_of_chain([*chain[: which + 1], *chain[which:]], chain[-1].hash)
    if len(chain) > 1:
        assert faults_of_chain([*chain[1:], chain[0]], chain[-1].hash)


def test_a_text_stands_in_the_event_as_a_salted_digest_only() -> None:
    note = ErasableText.of("reason", "Mohon lengkapi RHK.")
    event = link(GENESIS, {"version": 1}, (note,))
    assert note.value not in event.body
    assert note.salt not in event.body
    told = json.loads(event.body)
    assert told["digests"] == {"reason": sha256(f"{note.salt}\n{note.value}")}
    assert (event.hash, told["format"]) == (sha256(event.body), 1)


def test_erasing_a_text_keeps_the_chain_and_a_changed_text_does_not_fit() -> None:
    note = ErasableText.of("reason", "Ya")
    first = link(GENESIS, {"version": 1}, (note,))
    second = link(first.hash, {"version": 2})
    rows = [Stored(1, first.hash, first.body), Stored(2, second.hash, second.body)]
    assert faults_of_chain(rows, second.hash) == []
    digest = json.loads(first.body)["digests"]["reason"]
    assert digest == note.digest
    assert digest != replace(note, value="Tidak").digest


def test_the_same_text_has_another_salt_and_digest_each_time() -> None:
    once, again = ErasableText.of("reason", "Ya"), ErasableText.of("reason", "Ya")
    assert (once.salt, once.digest) != (again.salt, again.digest)
    assert len(bytes.fromhex(once.salt)) == 16


def test_what_the_format_says_is_not_overruled_by_a_field() -> None:
    event = link(GENESIS, {"format": 9, "prev_hash": "x", "digests": {"a": "b"}})
    assert json.loads(event.body) == {"format": 1, "prev_hash": GENESIS, "digests": {}}
