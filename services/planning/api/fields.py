"""Decorators and argument types of GraphQL fields.

Strawberry's own decorators return Any, which strict typing cannot follow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar, cast

import strawberry
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
    return cast("Callable[[Resolver], Resolver]", strawberry.field(description=description))


def mutation(description: str) -> Callable[[Resolver], Resolver]:
    """Make the decorated resolver a mutation with this description in the SDL."""
    return cast("Callable[[Resolver], Resolver]", strawberry.mutation(description=description))


def result(name: str) -> StrawberryUnion:
    """Return the union of a mutation's payload and its rejection, with this name in the SDL."""
    return strawberry.union(name, description="The payload, or every reason for the refusal.")
