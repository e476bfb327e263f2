"""The GraphQL schema, and its SDL: the contract in graphql/planning.graphql."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from services.planning.api.command import PlanRejectionHandler, RejectionHandler
from services.planning.api.documents import PreparedDocument
from services.planning.api.federation import Subgraph, declare_entities, describe_for_clients
from services.planning.api.mutations.period import PeriodMutations
from services.planning.api.mutations.plan import PlanMutations
from services.planning.api.mutations.plan_migration import PlanMigrationMutations
from services.planning.api.mutations.review import ReviewMutations
from services.planning.api.mutations.timers import TimerMutations
from services.planning.api.mutations.versions import WorkflowVersionMutations
from services.planning.api.queries.root import Query
from services.planning.api.scalars import SCALARS
from services.planning.api.types.problems import WARNING_CODE, WarningCode


@strawberry.type(
    description="All mutations. Each takes an input of its own and returns a payload of its own, or a `Failure` with "
    "every reason."
)
class Mutation(
    PlanMutations,
    ReviewMutations,
    TimerMutations,
    WorkflowVersionMutations,
    PlanMigrationMutations,
    PeriodMutations,
):
    """Root of the mutations."""


def build_schema() -> Subgraph:
    """Build the schema. It is not sorted, because a sorted schema cannot resolve its unions."""
    declare_entities()
    return Subgraph(
        query=Query,
        mutation=Mutation,
        config=StrawberryConfig(
            scalar_map={**SCALARS, WarningCode: WARNING_CODE}, disable_field_suggestions=True
        ),
        extensions=[PreparedDocument],
        exception_handlers=[PlanRejectionHandler(), RejectionHandler()],
    )


def sdl() -> str:
    """Return the schema as clients need it, as SDL: types by name, fields in the order of the code."""
    return describe_for_clients(build_schema().as_str())
