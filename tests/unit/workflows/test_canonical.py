"""The hash of a version ignores spelling and depends on every value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.workflows.samples import change_shipped, dump_json, shipped_document
from workflows.files.loader import load_definition, load_shipped
from workflows.model.canonical import canonical_json, hash_definition

SHIPPED_HASH = hash_definition(load_shipped())


def test_the_shipped_version_keeps_its_hash() -> None:
    assert SHIPPED_HASH == "5e61f33f61354afcdf8f52f1c4cd4fcbc8282ad5dfd737a95e4f1958aa5a1506"


def shuffle_keys(data: Any, random: Any) -> Any:
    if isinstance(data, dict):
        keys = list(data)
        random.shuffle(keys)
        return {key: shuffle_keys(data[key], random) for key in keys}
    return [shuffle_keys(item, random) for item in data] if isinstance(data, list) else data


@settings(max_examples=settings().max_examples // 4)
@given(st.randoms(use_true_random=False))
def test_key_order_comments_and_style_do_not_matter(random: Any) -> None:
    text = b"# another comment\n" + dump_json(shuffle_keys(shipped_document(), random))
    assert hash_definition(load_definition(text)) == SHIPPED_HASH


def write_defaults(data: dict[str, Any]) -> None:
    for row in data["transitions"]:
        row["by"].setdefault("relation", "any")
        row.setdefault("exceptional", False)
        row.setdefault("effects", [])
        row["from"] = [row["from"]] if isinstance(row["from"], str) else row["from"]
    for state in data["states"].values():
        state.setdefault("initial", False)
        state.setdefault("final", False)


def test_defaults_may_be_written_out() -> None:
    data = shipped_document()
    write_defaults(data)
    assert hash_definition(load_definition(dump_json(data))) == SHIPPED_HASH


def test_the_order_of_source_states_does_not_matter() -> None:
    first = change_shipped(("transitions.4.from", ["approved", "submitted"]))
    second = change_shipped(("transitions.4.from", ["submitted", "approved"]))
    assert hash_definition(load_definition(first)) == hash_definition(load_definition(second)) != SHIPPED_HASH


def list_leaves(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(data, dict | list):
        pairs = data.items() if isinstance(data, dict) else enumerate(data)
        return [leaf for key, value in pairs for leaf in list_leaves(value, (*path, key))]
    return [path]


OTHER_VALUES: dict[type, Any] = {
    str: lambda text: f"{text}x",
    int: lambda n: n + 1,
    bool: lambda flag: not flag,
}


@pytest.mark.parametrize(
    "path", [leaf for leaf in list_leaves(shipped_document()) if leaf != ("format",)], ids=str
)
def test_every_value_changes_the_hash(path: tuple[Any, ...]) -> None:
    data = shipped_document()
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    value = inner[path[-1]]
    choices = {"type": ["bool", "int", "date"], "phase": ["draft", "approved"], "turn": ["owner", "head"]}
    choices |= {"who": ["dinas", "owner"]}
    if path[-1] in choices:
        inner[path[-1]] = next(word for word in choices[path[-1]] if word != value)
        if path[-1] == "type":
            inner.pop("default", None)
    elif path[-1] == "trigger" and value.startswith("@"):
        inner[path[-1]] = "@entered(draft)"
    else:
        inner[path[-1]] = (
            "other" if value in ("perencanaan-kinerja", "submit") else OTHER_VALUES[type(value)](value)
        )
    assert hash_definition(load_definition(dump_json(data))) != SHIPPED_HASH


def test_canonical_json_has_sorted_keys_and_no_absent_values() -> None:
    raw = canonical_json(load_shipped())
    data = json.loads(raw)
    assert raw == json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert data["states"]["draft"] == {
        "label": {"id": "Draf", "en": "Draft"},
        "phase": "draft",
        "turn": [{"who": "owner"}],
        "initial": True,
        "final": False,
    }


def test_canonical_json_loads_as_the_same_version() -> None:
    definition = load_shipped()
    assert canonical_json(load_definition(canonical_json(definition))) == canonical_json(definition)
