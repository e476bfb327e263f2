"""The SDL file equals the schema of the code, breaks no client, and describes everything."""

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

from devtools.evolution import list_breaking_changes
from tests.contract.sdl import load_contract, load_schema

SMALL = """
type Query { plan(id: ID!, draft: Boolean): Plan! }
type Plan { id: ID! tab: Tab note: String }
enum Tab { SATU DUA }
input Save { id: ID! note: String }
"""


def test_schema_breaks_no_client_of_the_sdl_file() -> None:
    assert list_breaking_changes(load_contract(), load_schema()) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" note: String }\nenum", " }\nenum"),  # a field is removed
        ("tab: Tab note", "tab: String note"),  # a field is of another type
        ("id: ID! tab", "id: ID tab"),  # a field becomes nullable
        ("SATU DUA", "SATU"),  # an enum value is removed
        ("id: ID!, draft: Boolean", "id: ID!"),  # an argument is removed
        ("draft: Boolean", "draft: Boolean!"),  # an argument becomes required
        ("note: String }\n", "note: String baru: Int! }\n"),  # an input gets a required field
        ("type Plan {", "type Rencana {"),  # a type has another name
    ],
)
def test_breaking_change_is_found(old: str, new: str) -> None:
    head, middle, tail = SMALL.rpartition(old)
    assert middle == old
    changed_sdl = (head + new + tail).replace(": Plan!", ": Rencana!" if "Rencana" in new else ": Plan!")
    assert list_breaking_changes(build_schema(SMALL), build_schema(changed_sdl)) != []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("note: String }\nenum", "note: String baru: Int }\nenum"),
        ("SATU DUA", "SATU DUA TIGA"),
        ("draft: Boolean", "draft: Boolean, baru: Int"),
    ],
)
def test_addition_is_no_breaking_change(old: str, new: str) -> None:
    assert old in SMALL
    assert list_breaking_changes(build_schema(SMALL), build_schema(SMALL.replace(old, new))) == []


def list_undescribed(schema: GraphQLSchema) -> Iterator[str]:
    for name, kind in schema.type_map.items():
        if name.startswith("__") or name in {"ID", "String", "Int", "Float", "Boolean"}:
            continue
        if not kind.description:
            yield name
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{name}.{value}" for value, item in kind.values.items() if not item.description)
        if isinstance(kind, GraphQLInputObjectType):
            yield from (f"{name}.{field}" for field, item in kind.fields.items() if not item.description)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, item in kind.fields.items():
                if not item.description:
                    yield f"{name}.{field}"
                yield from (
                    f"{name}.{field}({name_})"
                    for name_, argument in item.args.items()
                    if not argument.description
                )


def test_every_type_field_argument_and_value_has_a_description() -> None:
    assert list(list_undescribed(load_schema())) == []
    assert list(list_undescribed(build_schema("type Query { a(b: Int): Int }"))) == [
        "Query",
        "Query.a",
        "Query.a(b)",
    ]


def test_mutation_has_an_input_a_payload_and_a_result_of_its_own() -> None:
    schema = load_schema()
    assert schema.mutation_type is not None
    for field_name, field in schema.mutation_type.fields.items():
        name = field_name[0].upper() + field_name[1:]
        assert {argument: str(item.type) for argument, item in field.args.items()} == {
            "input": f"{name}Input!"
        }
        assert str(field.type) == f"{name}Result!"
        union = schema.type_map[f"{name}Result"]
        payload, failure = union.types  # type: ignore[attr-defined]
        assert payload.name == f"{name}Payload"
        assert [interface.name for interface in failure.interfaces] == ["Failure"], name


def test_what_is_only_true_of_a_request_is_on_no_entity() -> None:
    for name, kind in load_schema().type_map.items():
        if isinstance(kind, GraphQLObjectType) and "replayed" in kind.fields:
            assert name.endswith("Payload")


def test_mutation_on_a_plan_takes_a_version_and_an_optional_key() -> None:
    mutations = load_schema().mutation_type
    assert mutations is not None
    count = 0
    for name, field in mutations.fields.items():
        input_fields = field.args["input"].type.of_type.fields
        if (
            "planId" in input_fields and name != "commentOnPlan"
        ):  # a comment neither needs nor raises the version
            count += 1
            assert "PlanRejection" in [kind.name for kind in field.type.of_type.types], name
            assert str(input_fields["expectedVersion"].type) == "Int!", name
            assert str(input_fields["idempotencyKey"].type) == "String", name
    assert count > 10
