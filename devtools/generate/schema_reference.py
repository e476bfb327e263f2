"""docs/reference: the queries, the mutations and the types of the schema, each with its description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    NullValueNode,
    build_schema,
    get_named_type,
    is_introspection_type,
    is_required_argument,
    is_required_input_field,
    is_specified_scalar_type,
    print_ast,
)

from services.planning.api.schema import sdl

Part = GraphQLField | GraphQLNamedType
NOTE = "`make schema` writes this page from the schema."
KINDS: Mapping[str, type[GraphQLNamedType]] = {
    "Objects": GraphQLObjectType,
    "Interfaces": GraphQLInterfaceType,
    "Unions": GraphQLUnionType,
    "Inputs": GraphQLInputObjectType,
    "Enums": GraphQLEnumType,
    "Scalars": GraphQLScalarType,
}


def query_page() -> str:
    """Return the page of the queries."""
    head = (
        f"# Queries\n\n{NOTE} A field that fails is null and never empties the others. [Mutations](mutations.md)"
        " change plans, and the [types](types.md) say what answers hold.\n"
    )
    root = _schema().query_type
    assert root
    return "\n".join([head, *(line for item in root.fields.items() for line in _query(*item))])


def mutation_page() -> str:
    """Return the page of the mutations, each with its input and its payload."""
    head = (
        f"# Mutations\n\n{NOTE} A mutation takes its own `input` and returns its payload, or a rejection"
        " with every reason: [Rejection](types.md#rejection), or [PlanRejection](types.md#planrejection) for a"
        " command on a plan.\n"
    )
    root = _schema().mutation_type
    assert root
    return "\n".join([head, *(line for item in root.fields.items() for line in _mutation(*item))])


def type_page() -> str:
    """Return the page of the types, except those that only one mutation uses."""
    lines = [
        f"# Types\n\n{NOTE} [Queries](queries.md) and [mutations](mutations.md) have pages of their own.\n"
    ]
    types = sorted(_schema().type_map.values(), key=lambda type_: type_.name)
    for title, kind in KINDS.items():
        lines.append(f"## {title}\n")
        for type_ in types:
            if isinstance(type_, kind) and _homes().get(type_.name, "").startswith("types.md"):
                lines += _type(type_)
    return "\n".join(lines)


@cache
def _schema() -> GraphQLSchema:
    return build_schema(sdl())


@cache
def _homes() -> dict[str, str]:
    """Return page and anchor of each type: a type that belongs to one mutation is described with it."""
    schema = _schema()
    homes = {
        name: f"types.md#{name.lower()}"
        for name, type_ in schema.type_map.items()
        if not is_introspection_type(type_)
        and not is_specified_scalar_type(type_)
        and type_ not in (schema.query_type, schema.mutation_type)
    }
    assert schema.mutation_type
    for name, field in schema.mutation_type.fields.items():
        homes |= {type_.name: f"mutations.md#{name.lower()}" for type_ in _own_types(field)}
    return homes


def _own_types(mutation: GraphQLField) -> list[GraphQLNamedType]:
    """Return input, result and payload of a mutation."""
    result = get_named_type(mutation.type)
    assert isinstance(result, GraphQLUnionType)
    return [get_named_type(mutation.args["input"].type), result, _payload(result)]


def _payload(result: GraphQLUnionType) -> GraphQLObjectType:
    payload: GraphQLObjectType = next(type_ for type_ in result.types if not type_.interfaces)
    return payload


def _query(name: str, field: GraphQLField) -> Iterator[str]:
    yield f"## {name}\n\n{_describe(field)}\n\nAnswers {_type_link(field.type)}.\n"
    if field.args:
        yield from _table("argument", field.args)


def _mutation(name: str, field: GraphQLField) -> Iterator[str]:
    given, result, payload = _own_types(field)
    assert isinstance(given, GraphQLInputObjectType)
    assert isinstance(result, GraphQLUnionType)
    assert isinstance(payload, GraphQLObjectType)
    refusals = " or ".join(_type_link(type_) for type_ in result.types if type_ is not payload)
    yield f"## {name}\n\n{_describe(field)}\n\n`{given.name}`: {_text(given.description)}\n"
    yield from _table("input", given.fields)
    yield f"Answers `{payload.name}`, or {refusals}.\n"
    yield from _table("payload", payload.fields)


def _type(type_: GraphQLNamedType) -> Iterator[str]:
    yield f"### {type_.name}\n\n{_describe(type_)}\n"
    match type_:
        case GraphQLObjectType() | GraphQLInterfaceType():
            if type_.interfaces:
                yield f"Implements {', '.join(map(_type_link, type_.interfaces))}.\n"
            yield from _table("field", type_.fields)
        case GraphQLInputObjectType():
            if type_.is_one_of:
                yield "Exactly one of the fields is given.\n"
            yield from _table("field", type_.fields)
        case GraphQLUnionType():
            yield f"One of {', '.join(map(_type_link, type_.types))}.\n"
        case GraphQLEnumType():
            rows = (
                f"| `{name}` | {_text(value.description, value.deprecation_reason)} |"
                for name, value in type_.values.items()
            )
            yield "\n".join(["| value | meaning |", "|---|---|", *rows, ""])
        case GraphQLScalarType() if type_.specified_by_url:
            yield f"Specified by <{type_.specified_by_url}>.\n"


def _table(
    title: str,
    parts: Mapping[str, GraphQLField] | Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField],
) -> Iterator[str]:
    rows = (
        f"| {_signature(name, part)} | {_type_link(part.type)} | {_text(part.description, part.deprecation_reason)} |"
        for name, part in parts.items()
    )
    yield "\n".join([f"| {title} | type | description |", "|---|---|---|", *rows, ""])


def _signature(name: str, part: GraphQLField | GraphQLArgument | GraphQLInputField) -> str:
    """Return a field with its arguments, an argument or input field with its default, or whether it is required."""
    if isinstance(part, GraphQLField):
        arguments = (f"{key}: {value.type}{_default(value)}" for key, value in part.args.items())
        return f"`{name}({', '.join(arguments)})`" if part.args else f"`{name}`"
    is_required = (
        is_required_argument(part) if isinstance(part, GraphQLArgument) else is_required_input_field(part)
    )
    return f"`{name}{_default(part)}`{', required' if is_required else ''}"


def _default(part: GraphQLArgument | GraphQLInputField) -> str:
    value = part.ast_node and part.ast_node.default_value
    return f" = {print_ast(value)}" if value and not isinstance(value, NullValueNode) else ""


def _type_link(type_: object) -> str:
    """Return a type such as `[Plan!]!`, linked to its description."""
    name = get_named_type(type_).name  # type: ignore[call-overload]
    text = str(type_).replace("[", "\\[").replace("]", "\\]")
    return f"[{text}]({_homes()[name]})" if name in _homes() else text


def _describe(part: Part) -> str:
    notes = ["For admins."] if _is_for_admins(part) and "For admins" not in (part.description or "") else []
    if isinstance(part, GraphQLField) and part.deprecation_reason:
        notes.append(f"**Deprecated.** {part.deprecation_reason}")
    return " ".join([_text(part.description), *notes]).strip()


def _is_for_admins(part: Part) -> bool:
    directives: Iterable[object] = part.ast_node.directives or () if part.ast_node else ()
    return any(print_ast(directive) == '@tag(name: "admin")' for directive in directives)  # type: ignore[arg-type]


def _text(description: str | None, deprecation: str | None = None) -> str:
    text = " ".join((description or "").split()).replace("|", "\\|").replace("<", "&lt;")
    return f"{text} **Deprecated.** {deprecation}" if deprecation else text
