"""The SDL in graphql/ is what runs; every change of it is seen, and one that breaks clients is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from tests.contract.sdl import broken, promised, running

SMALL = """
type Query { plan(id: ID!, draft: Boolean): Plan! }
type Plan { id: ID! tab: Tab note: String }
enum Tab { SATU DUA }
input Save { id: ID! note: String }
"""


def test_no_client_loses_what_the_file_promises() -> None:
    assert broken(promised(), running()) == []


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (" note: String }\nenum", " }\nenum"),  # a field is gone
        ("tab: Tab note", "tab: String note"),  # a field is of another type
        ("id: ID! tab", "id: ID tab"),  # what was sure may be null
        ("SATU DUA", "SATU"),  # a value is gone
        ("id: ID!, draft: Boolean", "id: ID!"),  # an argument is gone
        ("draft: Boolean", "draft: Boolean!"),  # an argument is required
        ("note: String }\n", "note: String baru: Int! }\n"),  # an input asks for more
        ("type Plan {", "type Rencana {"),  # a type has another name
    ],
)
def test_a_change_that_breaks_clients_is_noticed(was: str, becomes: str) -> None:
    head, middle, tail = SMALL.rpartition(was)
    assert middle == was
    changed = (head + becomes + tail).replace(": Plan!", ": Rencana!" if "Rencana" in becomes else ": Plan!")
    assert broken(build_schema(SMALL), build_schema(changed)) != []


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("note: String }\nenum", "note: String baru: Int }\nenum"),
        ("SATU DUA", "SATU DUA TIGA"),
        ("draft: Boolean", "draft: Boolean, baru: Int"),
    ],
)
def test_a_change_that_only_adds_is_no_break(was: str, becomes: str) -> None:
    assert was in SMALL
    assert broken(build_schema(SMALL), build_schema(SMALL.replace(was, becomes))) == []


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    for name, kind in schema.type_map.items():
        if name.startswith("__") or name in {"ID", "String", "Int", "Float", "Boolean"}:
            continue
        if not kind.description:
            yield name
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{name}.{value}" for value, told in kind.values.items() if not told.description)
        if isinstance(kind, GraphQLInputObjectType):
            yield from (f"{name}.{field}" for field, told in kind.fields.items() if not told.description)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, shown in kind.fields.items():
                if not shown.description:
                    yield f"{name}.{field}"
                yield from (f"{name}.{field}({a})" for a, told in shown.args.items() if not told.description)


def test_every_type_field_argument_and_value_is_described() -> None:
    assert list(undescribed(running())) == []
    assert list(undescribed(build_schema("type Query { a(b: Int): Int }"))) == [
        "Query",
        "Query.a",
        "Query.a(b)",
    ]


def test_every_mutation_takes_one_input_and_answers_with_what_it_made_or_refused() -> None:
    schema = running()
    assert schema.mutation_type is not None
    for name, field in schema.mutation_type.fields.items():
        assert list(field.args) == ["input"], name
        union = schema.type_map[str(field.type).rstrip("!")]
        made, refused = [kind.name for kind in union.types]  # type: ignore[attr-defined]
        assert (refused, made != "Refused") == ("Refused", True), name


def test_every_mutation_on_a_plan_takes_a_version_and_may_take_a_key() -> None:
    mutations = running().mutation_type
    assert mutations is not None
    on_plans = 0
    for name, field in mutations.fields.items():
        given = field.args["input"].type.of_type.fields
        if "planId" in given and name != "commentOnPlan":  # a comment neither needs nor raises the version
            on_plans += 1
            assert str(field.type) == "PlanResult!", name
            assert str(given["expectedVersion"].type) == "Int!", name
            assert str(given["idempotencyKey"].type) == "String", name
    assert on_plans > 10
