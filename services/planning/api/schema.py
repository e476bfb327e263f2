"""The schema: roots merged, types listed, refusals made data. `sdl()` is the contract in graphql/planning.graphql."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from services.planning.api.command import RefusalIsData
from services.planning.api.mutations.prepare import Prepare
from services.planning.api.mutations.tabs import Tabs
from services.planning.api.mutations.transitions import Transitions
from services.planning.api.queries import Query
from services.planning.api.types.problem import PROBLEM_TYPES
from services.planning.api.types.scalars import WARNING_CODE, WarningCode


@strawberry.type(
    description="What can be done. Each mutation takes one input and answers with the plan, or with every reason why not."
)
class Mutation(Prepare, Tabs, Transitions):
    """The root of commands."""


def build_schema(extensions: list[type] | None = None, *, sort: bool = False) -> strawberry.Schema:
    """The schema. Only the exported one is sorted: a sorted schema cannot resolve its unions when it runs."""
    config = StrawberryConfig(scalar_map={WarningCode: WARNING_CODE}, disable_field_suggestions=True)
    config.sort_schema = sort
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=PROBLEM_TYPES,
        config=config,
        extensions=extensions or [],
        exception_handlers=[RefusalIsData()],
    )


def sdl() -> str:
    """The schema in SDL, sorted, so that a change of order is no change."""
    return build_schema(sort=True).as_str() + "\n"
