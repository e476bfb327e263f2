"""Facts in the JSON of events are read back unchanged, nested records included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.diff.replay import read_facts
from workflows.engine.guards import value_to_json
from workflows.model.facts import FACT_TYPES

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
# The parameters of a refusal in event JSON.
SCALARS = st.none() | st.booleans() | st.integers() | TEXTS


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """A strategy for values of a type, with every field of nested records."""
    if kind is datetime:
        return st.datetimes(timezones=st.just(UTC))
    if kind is str:
        return TEXTS
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return st.builds(kind, **{part.name: values_of(hints[part.name]) for part in fields(kind)})
    if isinstance(kind, UnionType):
        return st.one_of([values_of(item) for item in get_args(kind)])
    if get_origin(kind) is tuple:
        return st.lists(values_of(get_args(kind)[0]), max_size=3).map(tuple)
    if get_origin(kind) is Mapping:
        return st.dictionaries(TEXTS, SCALARS, max_size=3)
    return st.from_type(kind)


def types_of(value: Any) -> Any:
    """The classes of records and words, which equality does not distinguish from JSON values."""
    if is_dataclass(value):
        return type(value), [types_of(getattr(value, part.name)) for part in fields(value)]
    if isinstance(value, tuple):
        return tuple, [types_of(item) for item in value]
    return type(value) if isinstance(value, Enum | bool) else None


@pytest.mark.parametrize("name", FACT_TYPES)
@given(data=st.data())
def test_a_fact_survives_event_json(name: str, data: st.DataObject) -> None:
    value = data.draw(values_of(FACT_TYPES[name]))
    read = read_facts(json.loads(json.dumps({name: value_to_json(value)})))
    assert read == {name: value}
    assert types_of(read[name]) == types_of(value)
