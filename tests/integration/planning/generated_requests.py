"""Requests with generated arguments for the fields of the SDL: forged ids and cursors, extreme instants and numbers."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)  # fmt: skip
from hypothesis import strategies as st

from services.planning.api import ids
from services.planning.api.schema import build_schema
from tests.identity_samples import ptk
from tests.integration.planning.environment import PERIOD_CODE
from tests.integration.planning.root_fields import OTHER_CATALOG, OTHER_PERIOD, OTHER_VERSION, PLAN, REQUESTS
from tests.integration.planning.workflow_versions import OTHER_DEFINITION
from tests.small_registry import PNS, SD

SCHEMA = build_schema()._schema
MAX_DEPTH = 4
NUMBERS = [0, -1, 101, 2**31 - 1, 2**31, -(2**31), 2**63, 10**30]
DAYS = ["0001-01-01", "9999-12-31", "1900-01-01", "2024-02-30", "20240115", "2024-W03-1"]
INSTANTS = [f"{day}T00:00:00{offset}" for day in DAYS for offset in ("+14:00", "-12:00", "Z", "")]
UUIDS = [str(ptk(PNS)), "ffffffff-ffff-ffff-ffff-ffffffffffff"]
TIMER = UUIDS[0], PERIOD_CODE, "escalate"
OBJECTS = [
    PLAN, OTHER_VERSION, ids.plan_migration_id(1), ids.dry_run_id(1), ids.change_request_id(1), ids.timer_id(*TIMER),
    ids.notification_id(UUIDS[1]), ids.comment_id(UUIDS[0], PERIOD_CODE, 1), ids.viewer_id(UUIDS[0]),
    ids.period_id(PERIOD_CODE), ids.catalog_id("0" * 64, "SD", None),
]  # fmt: skip
LISTS = [
    "command_groups", "history", "periods", "period_revisions", "change_requests", "plans", "comment",
    "plan_migrations", "workflow_versions",
]  # fmt: skip
WORDS = [
    "",
    PERIOD_CODE,
    "9999-2",
    *UUIDS,
    " ".join(TIMER),
    SD,
    "SD",
    "٣",
    "approve",
    "X" * 300,
    "null",
    "[[]]",
]


def _mostly(usual: st.SearchStrategy[Any], unusual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 4).flatmap(lambda number: usual if number < 4 else unusual)


def _encode(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _forge_id(id: str, place: int, part: str) -> str:
    parts = urlsafe_b64decode(id + "==").decode().split(":")
    return _encode(":".join([*parts[:place], part, *parts[place + 1 :]]))


def _forge_file(text: str, place: int, value: str) -> str:
    lines = text.splitlines()
    key, colon, _ = lines[place % len(lines)].partition(": ")
    return "\n".join([*lines[: place % len(lines)], f"{key}{colon}{value}", *lines[place % len(lines) + 1 :]])


numbers = _mostly(st.integers(1, 3), st.sampled_from(NUMBERS))
# neither NUL nor half a character reaches a resolver: `test_bad_requests` sends them
texts = st.sampled_from([*WORDS, *INSTANTS, *map(str, NUMBERS)]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30
)
global_ids = _mostly(
    st.sampled_from(OBJECTS), st.builds(_forge_id, st.sampled_from(OBJECTS), st.integers(0, 3), texts) | texts
)
# of a list by time, of a numbered list, and any other
cursor_parts = (
    st.tuples(st.sampled_from(INSTANTS), st.sampled_from([UUIDS[0], " ".join(TIMER)]))
    | st.tuples(st.sampled_from(LISTS), st.sampled_from([*map(str, NUMBERS), PERIOD_CODE]))
    | st.tuples(texts, st.sampled_from(WORDS) | texts)
)
cursors = cursor_parts.map(lambda parts: _encode(json.dumps(parts)))
files = st.builds(
    _forge_file,
    st.sampled_from([OTHER_DEFINITION, OTHER_CATALOG, OTHER_PERIOD]),
    st.integers(0, 2_000),
    texts,
)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "ID": global_ids, "Int": numbers, "Boolean": st.booleans(), "NPSN": _mostly(st.just(SD), texts),
    "Date": _mostly(st.dates().map(str), st.sampled_from(DAYS)),
    "_Any": global_ids.map(lambda id: {"__typename": "Plan", "id": id}),
    "after": _mostly(cursors, texts), "yaml": files, "period": _mostly(st.just(PERIOD_CODE), texts),
}  # fmt: skip


def values(kind: Any, name: str) -> st.SearchStrategy[Any]:
    """Return the values of an input of this type; `after`, `yaml` and `period` have values of their own."""
    match kind:
        case GraphQLNonNull():
            return values(kind.of_type, name)
        case GraphQLList():
            return st.lists(values(kind.of_type, name), max_size=3)
        case GraphQLEnumType():
            return st.sampled_from(list(kind.values))
        case GraphQLInputObjectType():
            fields = {
                key: (is_required_input_field(field), values(field.type, key))
                for key, field in kind.fields.items()
            }
            required = {key: strategy for key, (is_required, strategy) in fields.items() if is_required}
            optional = {key: strategy for key, (is_required, strategy) in fields.items() if not is_required}
            return st.fixed_dictionaries(required, optional=optional)
    return SCALARS.get(name, SCALARS.get(kind.name, texts))


@st.composite
def requests(draw: st.DrawFn, coordinate: str) -> dict[str, Any]:
    """Return a request for a root field, and for some fields below it.

    Most inputs are those of `REQUESTS` with one or two other values, so that they get past the first check.
    """
    variables: dict[str, Any] = {}
    declarations: list[str] = []

    def declare(name: str, argument: GraphQLArgument) -> str:
        value = draw(values(argument.type, name))
        if usual := REQUESTS[coordinate].variables.get(name, {}):
            keys = draw(st.sets(st.sampled_from(sorted(usual)), min_size=max(len(usual) - 2, 0)))
            value |= {key: usual[key] for key in keys}
        declarations.append(f"$v{len(variables)}: {argument.type}")
        variables[f"v{len(variables)}"] = value
        return f"{name}: ${declarations[-1][1:].partition(':')[0]}"

    def select(alias: str, name: str, field: GraphQLField, depth: int) -> str:
        chosen = [
            declare(argument_name, argument)
            for argument_name, argument in field.args.items()
            if is_required_argument(argument) or draw(_mostly(st.just(True), st.just(False)))
        ]
        kind = get_named_type(field.type)
        arguments = f"({', '.join(chosen)})" if chosen else ""
        return f"{alias}: {name}{arguments}{select_below(kind, depth) if is_composite_type(kind) else ''}"

    def select_below(kind: Any, depth: int) -> str:
        if isinstance(kind, GraphQLUnionType) or kind.name == "Node":
            members = draw(st.permutations(SCHEMA.get_possible_types(kind)))[:3]
            fragments = (f"... on {member.name} {select_below(member, depth)}" for member in members)
            return f" {{ __typename {' '.join(fragments)} }}"
        fields = {
            name: field
            for name, field in kind.fields.items()
            if depth or not is_composite_type(get_named_type(field.type))
        }
        lists = sorted(name for name, field in fields.items() if field.args)
        names = draw(st.lists(st.sampled_from(lists * 3 + sorted(fields)), max_size=2)) if fields else []
        below = (select(f"{kind.name}_{name}", name, fields[name], depth - 1) for name in set(names))
        return f" {{ __typename {' '.join(below)} }}"

    operation, _, name = coordinate.partition(".")
    root: Any = SCHEMA.type_map[operation]
    selection = select("answer", name, root.fields[name], MAX_DEPTH)
    head = f"({', '.join(declarations)})" if declarations else ""
    return {"query": f"{operation.lower()} M{head} {{ {selection} }}", "variables": variables}
