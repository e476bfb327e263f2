"""Decorators and argument types of GraphQL fields.

Strawberry's own decorators return Any, which strict typing cannot follow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar, cast

import strawberry
from strawberry.federation.schema_directives import Tag
from strawberry.types.union import StrawberryUnion

Resolver = TypeVar("Resolver", bound=Callable[..., object])
Input = TypeVar("Input")

CommandInput = Annotated[Input, strawberry.argument(description="Input of the mutation.")]
First = Annotated[int, strawberry.argument(description="Page size, from 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Cursor of the entry to continue after.")]
PeriodCode = Annotated[
    strawberry.ID | None, strawberry.argument(description="Code of the period. Default: the current one.")
]


def field(description: str) -> Callable[[Resolver], Resolver]:
    """Make the decorated resolver a field with this description in the SDL."""
    decorator = strawberry.field(description=description, directives=_tags(description))
    return cast("Callable[[Resolver], Resolver]", decorator)


def mutation(description: str) -> Callable[[Resolver], Resolver]:
    """Make the decorated resolver a mutation with this description in the SDL."""
    decorator = strawberry.mutation(description=description, directives=_tags(description))
    return cast("Callable[[Resolver], Resolver]", decorator)


def _tags(description: str) -> list[object]:
    """Tag what is for admins, so that the clients of others need not generate it."""
    return [Tag(name="admin")] if description.endswith("For admins.") else []


def result(name: str) -> StrawberryUnion:
    """Return the union of a mutation's payload and its rejection, with this name in the SDL."""
    return strawberry.union(name, description="The payload, or every reason for the refusal.")
