"""How the schema may change: no client of the last release breaks, and what goes was announced with its day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from graphql import (
    BreakingChange,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    find_breaking_changes,
)

# The end of the reason of a deprecation: the first day on which a release may remove the element.
REMOVAL = re.compile(r" Removed after ([0-9]{4}-[0-9]{2}-[0-9]{2})\.$")


def list_breaking_changes(old: GraphQLSchema, new: GraphQLSchema) -> list[str]:
    """Describe what a client of `old` would lose under `new`."""
    changes: list[BreakingChange] = find_breaking_changes(old, new)
    return sorted(change.description for change in changes)


def list_refused_changes(released: GraphQLSchema, current: GraphQLSchema, today: date) -> list[str]:
    """Describe the breaking changes that the policy does not allow: all but removals whose day has come."""
    allowed = {
        description
        for description, day in list_announced_removals(released)
        if day is not None and day < today
    }
    return [change for change in list_breaking_changes(released, current) if change not in allowed]


def list_announced_removals(schema: GraphQLSchema) -> Iterator[tuple[str, date | None]]:
    """Yield the removal of each deprecated element, and its day; None if the reason names no day."""
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in kind.fields.items():
                if field.deprecation_reason:
                    yield f"Field {name}.{field_name} was removed.", _find_day(field.deprecation_reason)
                for argument_name, argument in getattr(field, "args", {}).items():
                    if argument.deprecation_reason:
                        removal = f"Argument {name}.{field_name}({argument_name}:) was removed."
                        yield removal, _find_day(argument.deprecation_reason)
        if isinstance(kind, GraphQLEnumType):
            for value_name, value in kind.values.items():
                if value.deprecation_reason:
                    removal = f"Enum value {name}.{value_name} was removed."
                    yield removal, _find_day(value.deprecation_reason)


def _find_day(reason: str) -> date | None:
    match = REMOVAL.search(reason)
    return date.fromisoformat(match.group(1)) if match else None
