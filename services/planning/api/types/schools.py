"""The schools of a period, with the number of their plans, for admins and partners."""

from __future__ import annotations

import re
from datetime import datetime
from enum import Enum

import strawberry

from services.kit.paging import check_page_size
from services.kit.problems import Problem, RequestRefused
from services.planning.api.context import Context
from services.planning.api.ids import encode_cursor, parse_cursor
from services.planning.api.scalars import NPSN
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.people import SatuanPendidikan, render_school
from services.planning.api.types.plan_statistics import OrderDirection
from services.planning.numbers import model
from services.planning.numbers.model import SchoolPageRequest
from services.planning.numbers.queries import list_schools
from services.planning.period.queries import get_period

MAX_NPSNS = 100
RANK = re.compile(r"-?[0-9]{1,9}")


@strawberry.input(description="Which schools to list. A field that you omit does not filter.")
class SchoolFilter:
    period: strawberry.ID | None = strawberry.field(
        description="Code of the period whose plans count. Default: the current one.", default=None
    )
    npsns: list[NPSN] | None = strawberry.field(
        description="Only the schools with these NPSNs, at most 100.", default=None
    )
    provinsi: str | None = strawberry.field(
        description="Only schools in this province, in any common spelling.", default=None
    )
    kabupaten_kota: str | None = strawberry.field(
        description="Only schools in this kabupaten or kota, in any common spelling.", default=None
    )
    has_waiting_plans: bool | None = strawberry.field(
        description="Whether plans of the school wait for a decision.", default=None
    )


@strawberry.enum(description="What schools are ordered by.")
class SchoolOrderField(Enum):
    NPSN = strawberry.enum_value("npsn", description="NPSN.")
    WAITING_PLAN_COUNT = strawberry.enum_value(
        "waiting_plan_count", description="`waitingPlanCount`, then NPSN."
    )


@strawberry.input(description="The order of schools.")
class SchoolOrder:
    field: SchoolOrderField = strawberry.field(description="What they are ordered by.")
    direction: OrderDirection = strawberry.field(description="The direction.")


@strawberry.type(description="A school with its cursor, and the plans of the period that you may know of.")
class SchoolEdge(Edge[SatuanPendidikan]):
    plan_count: int = strawberry.field(description="Number of plans.")
    waiting_plan_count: int = strawberry.field(
        description="Number of plans that wait for a decision: those of phase `SUBMITTED`."
    )
    waiting_since: datetime | None = strawberry.field(
        description="When the first of these entered its state; null if no plan waits."
    )


@strawberry.type(description="A page of schools.")
class SchoolConnection(Connection[SatuanPendidikan]):
    edges: list[SchoolEdge] = strawberry.field(  # type: ignore[assignment]
        description="The schools of this page, with values of this list."
    )


async def resolve_schools(
    context: Context, filter: SchoolFilter, order: SchoolOrder | None, first: int, after: str | None
) -> SchoolConnection:
    """List schools within the limits of the caller. Raises RequestRefused for a bad page, filter or period."""
    territory, services = context.require_school_scope(), context.services
    check_page_size(first)
    if len(filter.npsns or ()) > MAX_NPSNS:
        raise RequestRefused(Problem("ids.too_many", {"most": MAX_NPSNS}, ("filter", "npsns")))
    order = order or SchoolOrder(field=SchoolOrderField.NPSN, direction=OrderDirection.ASC)
    page = SchoolPageRequest(
        model.SchoolOrderField(str(order.field.value)),
        order.direction is OrderDirection.DESC,
        _parse_cursor(after) if after else None,
        first,
    )
    setup = await get_period(services, filter.period, ("filter", "period"))
    schools, has_next_page = await list_schools(
        setup.period.code,
        model.SchoolFilter(
            tuple(filter.npsns) if filter.npsns is not None else None,
            filter.provinsi,
            filter.kabupaten_kota,
            filter.has_waiting_plans,
        ),
        territory,
        page,
        services.workflows,
        services.connection,
    )
    edges: list[Edge[SatuanPendidikan]] = [
        SchoolEdge(
            cursor=encode_cursor(str(entry.rank), entry.school.npsn),
            node=render_school(entry.school),
            plan_count=entry.plans,
            waiting_plan_count=entry.waiting,
            waiting_since=entry.waiting_since,
        )
        for entry in schools
    ]
    return SchoolConnection.create(edges, has_next_page, after)


def _parse_cursor(after: str) -> tuple[int, str]:
    rank, npsn = parse_cursor(after, ("after",))
    if not RANK.fullmatch(rank):
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",)))
    return int(rank), npsn
