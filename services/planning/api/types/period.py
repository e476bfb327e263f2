"""Periods with their dates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import strawberry

from services.planning.api.context import Context, Info
from services.planning.api.fields import After, First, field
from services.planning.api.types.people import Zone
from services.planning.api.types.period_revisions import (
    PeriodRevision,
    RevisionProposals,
    render_revisions,
    resolve_proposals,
)
from services.planning.period import model as period
from services.planning.period.model import PeriodSetup, read_contract_values
from workflows.model.contract import ContractValues


@strawberry.type(
    description="The time in which plans can be started and submitted for the first time. A returned plan has "
    "its own due date."
)
class PlanningWindow:
    opens_on: date = strawberry.field(description="First day, local to the school.")
    closes_on: date = strawberry.field(description="Last day, local to the school; it belongs to the window.")
    opens: datetime = strawberry.field(description="When it opens in the zone.")
    closes: datetime = strawberry.field(description="When it closes in the zone.")
    reason: str = strawberry.field(description="The reason for these dates: the guide, or a decree.")


@strawberry.type(description="A period of Pengelolaan Kinerja: a semester, or later a year.")
class Period:
    setup: strawberry.Private[PeriodSetup]
    revision: strawberry.Private[period.Revision]
    values: strawberry.Private[ContractValues]
    revisions: list[PeriodRevision] = strawberry.field(description="All revisions of the values, in order.")
    code: strawberry.ID = strawberry.field(
        description="Code, for example `2024-1`, the first semester of 2024."
    )
    label: str = strawberry.field(description="Name.")
    starts: date = strawberry.field(description="First day.")
    ends: date = strawberry.field(description="Last day.")
    minimum_points: int | None = strawberry.field(
        description="Fewer points need an acknowledged warning to submit; null if the period has no points."
    )

    @field("Proposals of admins for new values, newest first. Null if you are not an admin.")
    async def proposals(self, info: Info, first: First = 20, after: After = None) -> RevisionProposals | None:
        return await resolve_proposals(self.setup, info.context, first, after)

    @field("The current planning window.")
    def window(
        self, zone: Annotated[Zone, strawberry.argument(description="Time zone of the school.")] = Zone.WIB
    ) -> PlanningWindow:
        window = period.planning_window(self.values, str(zone.value))
        return PlanningWindow(
            opens_on=self.values.opens,
            closes_on=self.values.closes,
            opens=window.opens,
            closes=window.closes,
            reason=self.revision.reason,
        )


def render_period(setup: PeriodSetup, context: Context) -> Period:
    """Render a period with its current values."""
    period = setup.period
    revision = period.parameters_at(context.services.clock.now())
    values = read_contract_values(setup.workflow.definition, revision)
    return Period(
        setup=setup,
        revision=revision,
        values=values,
        revisions=render_revisions(setup, context.services),
        code=strawberry.ID(period.code),
        label=getattr(period.label, context.language),
        starts=period.starts,
        ends=period.ends,
        minimum_points=values.minimum_points,
    )
