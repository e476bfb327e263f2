"""Periods with their dates, their revisions and the changes that are proposed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import strawberry

from services.kit.paging import check_page_size
from services.kit.problems import RequestRefused
from services.planning.api.context import Context, Info
from services.planning.api.fields import After, First, field
from services.planning.api.ids import (
    encode_cursor,
    parse_numbered_cursor,
    parse_period_cursor,
    parse_period_id,
    period_id,
)
from services.planning.api.types.change_requests import ChangeRequest, resolve_change_requests
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.node import Node
from services.planning.api.types.people import Zone
from services.planning.api.types.period_revisions import PeriodRevision, render_revisions
from services.planning.period import model as period
from services.planning.period.model import PeriodSetup, read_contract_values
from services.planning.period.queries import list_periods
from services.planning.period.revision import SUBJECT
from services.planning.period.staleness import PERIOD, REVISION
from workflows.model.contract import ContractValues

# A cursor contains the name of its list, so that it is invalid in another list.
PERIOD_LIST, REVISION_LIST = "periods", "period_revisions"


@strawberry.type(
    description="The time in which plans can be started and submitted for the first time. A returned plan has "
    "its own due date."
)
class PlanningWindow:
    opens_on: date = strawberry.field(description="First day, local to the school.")
    closes_on: date | None = strawberry.field(
        description="Last day, local to the school; it belongs to the window. Null if the window has no end."
    )
    opens_at: datetime = strawberry.field(description="When it opens in the zone.")
    closes_at: datetime | None = strawberry.field(
        description="When it closes in the zone; null if the window has no end."
    )
    reason: str = strawberry.field(description="The reason for these dates: the guide, or a decree.")


@strawberry.type(description="A period of Pengelolaan Kinerja: a semester, or later a year.")
class Period(Node):
    setup: strawberry.Private[PeriodSetup]
    current: strawberry.Private[period.Revision]
    code: strawberry.ID = strawberry.field(
        description="Code, for example `2024-1`, the first semester of 2024. Arguments `period` take it."
    )
    label: str = strawberry.field(description="Name.")
    starts_on: date = strawberry.field(description="First day.")
    ends_on: date = strawberry.field(description="Last day.")

    @field("Fewer points need an acknowledged warning to submit; null if the period has no points.")
    def minimum_points(self) -> int | None:
        return self._read_values().minimum_points

    @field("The current planning window. Null, with an entry in `errors`, if the period lacks its dates.")
    def window(
        self, zone: Annotated[Zone, strawberry.argument(description="Time zone of the school.")] = Zone.WIB
    ) -> PlanningWindow | None:
        values = self._read_values()
        window = period.planning_window(values, str(zone.value))
        return PlanningWindow(
            opens_on=values.opens,
            closes_on=values.closes,
            opens_at=window.opens,
            closes_at=window.closes,
            reason=self.current.reason,
        )

    @field(
        "The revisions of the values, newest first. Null, with an entry in `errors`, if `first` or `after` is invalid."
    )
    def revisions(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[PeriodRevision] | None:
        check_page_size(first)
        before = parse_numbered_cursor(after, REVISION_LIST)
        revisions = [
            one for one in self.setup.period.revisions[::-1] if before is None or one.number < before
        ]
        nodes = render_revisions(revisions[:first], self.setup, info.context)
        edges = [Edge(cursor=encode_cursor(REVISION_LIST, str(node.number)), node=node) for node in nodes]
        return Connection.create(edges, len(revisions) > first, after)

    @field(
        "Change requests for the period and its values, newest first. Null if you are not an admin, and, with an entry "
        "in `errors`, if `first` or `after` is invalid. For admins."
    )
    async def change_requests(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[ChangeRequest] | None:
        context = info.context
        if "admin" not in context.require_caller().scopes:
            return None
        subject = f"{SUBJECT}{self.code}"
        return await resolve_change_requests(context, (PERIOD, REVISION), subject, first, after)

    def _read_values(self) -> ContractValues:
        return read_contract_values(self.setup.workflow.definition, self.current)


def render_period(setup: PeriodSetup, context: Context) -> Period:
    """Render a period with its current values."""
    period = setup.period
    return Period(
        setup=setup,
        current=period.parameters_at(context.services.clock.now()),
        id=strawberry.ID(period_id(period.code)),
        code=strawberry.ID(period.code),
        label=getattr(period.label, context.language),
        starts_on=period.starts,
        ends_on=period.ends,
    )


async def resolve_periods(context: Context, first: int, after: str | None) -> Connection[Period]:
    """Resolve a page of all periods, newest first."""
    setups, has_next_page = await list_periods(
        context.services, first, parse_period_cursor(after, PERIOD_LIST)
    )
    edges = [
        Edge(cursor=encode_cursor(PERIOD_LIST, setup.period.code), node=render_period(setup, context))
        for setup in setups
    ]
    return Connection.create(edges, has_next_page, after)


async def load_period_nodes(context: Context, ids: Sequence[str]) -> list[Period | None]:
    """Load periods by their ids, None for one that does not exist."""
    context.require_caller()
    codes = [parse_period_id(id, ("id",)) for id in ids]
    periods = context.loaders.periods
    setups = await asyncio.gather(*map(periods.load, codes), return_exceptions=True)
    return [_render_found(setup, context) for setup in setups]


def _render_found(setup: PeriodSetup | BaseException, context: Context) -> Period | None:
    if isinstance(setup, RequestRefused):
        return None
    if isinstance(setup, BaseException):
        raise setup
    return render_period(setup, context)
