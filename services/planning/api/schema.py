"""The schema: roots merged, types listed, refusals made data. `sdl()` is the contract in graphql/planning.graphql."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from services.planning.api.command import RefusalHandler
from services.planning.api.mutations.change_requests import ChangeRequestMutations
from services.planning.api.mutations.notifications import NotificationMutations
from services.planning.api.mutations.people import PltMutations
from services.planning.api.mutations.period import PeriodMutations
from services.planning.api.mutations.plan import ProfileMutations, TabMutations
from services.planning.api.mutations.plan_migration import DryRunMutations, MigrationMutations
from services.planning.api.mutations.review import ReviewMutations
from services.planning.api.mutations.timers import TimerMutations
from services.planning.api.mutations.transitions import PlanAdminMutations, TransitionMutations
from services.planning.api.mutations.versions import WorkflowMutations
from services.planning.api.queries.root import Query
from services.planning.api.types.problems import PROBLEM_TYPES
from services.planning.api.types.shared import WARNING_CODE, WarningCode


@strawberry.type(
    description="What can be done. Each mutation takes one input and answers with the plan, or every reason why not."
)
class Mutation(
    ProfileMutations,
    TabMutations,
    TransitionMutations,
    PltMutations,
    PlanAdminMutations,
    ReviewMutations,
    WorkflowMutations,
    MigrationMutations,
    DryRunMutations,
    PeriodMutations,
    ChangeRequestMutations,
    TimerMutations,
    NotificationMutations,
):
    """Root of the mutations."""


def build_schema(extensions: Sequence[Callable[[], SchemaExtension]] = ()) -> strawberry.Schema:
    """The schema as it runs. It is not sorted: a sorted one cannot resolve its unions."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=PROBLEM_TYPES,
        config=StrawberryConfig(scalar_map={WarningCode: WARNING_CODE}, disable_field_suggestions=True),
        extensions=list(extensions),
        exception_handlers=[RefusalHandler()],
    )


def sdl() -> str:
    """The contract in SDL: types by name, fields in the order a reader wants."""
    return build_schema().as_str() + "\n"
