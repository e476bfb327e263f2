"""What a mutation on a plan answers: the changed plan, or why not."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.types.plan import Plan
from services.planning.api.types.problems import Problem


@strawberry.type(description="Not done; nothing was changed.")
class Refused:
    problems: list[Problem] = strawberry.field(description="Every reason, each with its way out.")
    plan: Plan | None = strawberry.field(description="The plan as it stands, where you may see it.")


PlanResult = Annotated[
    Plan | Refused,
    strawberry.union("PlanResult", description="The changed plan, or every reason why not."),
]
