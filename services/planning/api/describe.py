"""Field descriptions, typed: Strawberry's own decorator returns Any, which strict typing cannot follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import strawberry

Resolver = TypeVar("Resolver", bound=Callable[..., object])


def field(text: str) -> Callable[[Resolver], Resolver]:
    """A field whose resolver is decorated, with its description in the SDL."""
    return cast("Callable[[Resolver], Resolver]", strawberry.field(description=text))


def mutation(text: str) -> Callable[[Resolver], Resolver]:
    """A mutation, with its description in the SDL."""
    return cast("Callable[[Resolver], Resolver]", strawberry.mutation(description=text))
