"""The numbers of the plans of a period. All numbers of an answer are counted in one snapshot."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.dataloader import DataLoader

from services.kit.paging import check_page_size
from services.kit.problems import Problem, RequestRefused
from services.planning.api.context import Context, Info
from services.planning.api.fields import After, First, field
from services.planning.api.ids import encode_cursor, parse_cursor
from services.planning.api.scalars import Duration
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.people import SatuanPendidikan, render_school
from services.planning.api.types.period import Period, render_period
from services.planning.api.types.plan_state import PlanPhase
from services.planning.numbers import model
from services.planning.numbers.model import Numbers, PageRequest, RegionOrSchool, Scope, StateCount
from services.planning.numbers.queries import count_numbers
from workflows.model.messages import Language

RANK = re.compile(r"-?[0-9]{1,19}")


@strawberry.enum(description="The kind of area that plans are counted by.")
class AreaLevel(Enum):
    PROVINSI = strawberry.enum_value("provinsi", description="Provinces.")
    KABUPATEN_KOTA = strawberry.enum_value("kabupaten_kota", description="Kabupaten and kota.")
    SATUAN_PENDIDIKAN = strawberry.enum_value("school", description="Schools.")


@strawberry.enum(description="What areas are ordered by.")
class AreaOrderField(Enum):
    NAME = strawberry.enum_value("name", description="Name of the region, or NPSN of the school.")
    WAITING_PLAN_COUNT = strawberry.enum_value("waiting_plan_count", description="`waitingPlanCount`.")
    WAITING_SINCE = strawberry.enum_value(
        "waiting_since", description="`waitingSince`. Areas where no plan waits come last."
    )


@strawberry.enum(description="The direction of an order.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value("asc", description="The smallest or earliest first.")
    DESC = strawberry.enum_value("desc", description="The largest or latest first.")


@strawberry.input(description="The order of areas.")
class AreaOrder:
    field: AreaOrderField = strawberry.field(description="What they are ordered by.")
    direction: OrderDirection = strawberry.field(description="The direction.")


@strawberry.type(description="Completed stays of plans in a state.")
class CompletedStays:
    count: int = strawberry.field(description="Number of stays.")
    median_duration: Duration = strawberry.field(description="Median length of a stay.")


@strawberry.type(description="The plans in a state, over all versions of the workflow.")
class StateStatistics:
    name: str = strawberry.field(description="Name of the state in the definition.")
    label: str = strawberry.field(description="Name of the state for people.")
    phase: PlanPhase | None = strawberry.field(
        description="Phase of the state; null if this release cannot read that version of the workflow."
    )
    plan_count: int = strawberry.field(description="Number of plans in the state.")
    oldest_since: datetime | None = strawberry.field(
        description="When the plan that has been in the state longest entered it; null if no plan is in it."
    )
    completed_stays: CompletedStays | None = strawberry.field(
        description="Stays of plans that have left the state; null if no plan has left it."
    )


@strawberry.type(description="The plans of an area in a state.")
class AreaStateStatistics:
    name: str = strawberry.field(description="Name of the state in the definition.")
    label: str = strawberry.field(description="Name of the state for people.")
    phase: PlanPhase | None = strawberry.field(description="As in `StateStatistics`.")
    plan_count: int = strawberry.field(description="Number of plans in the state.")


@strawberry.type(description="The plans of an area: a region or a school.")
class AreaStatistics:
    provinsi: str | None = strawberry.field(description="The province; null if identity does not know it.")
    kabupaten_kota: str | None = strawberry.field(
        description="The kabupaten or kota; null if it is not known, and for the level `PROVINSI`."
    )
    satuan_pendidikan: SatuanPendidikan | None = strawberry.field(
        description="The school; null unless the level is `SATUAN_PENDIDIKAN`."
    )
    plan_count: int = strawberry.field(description="Number of plans.")
    states: list[AreaStateStatistics] = strawberry.field(description="The number of plans by state.")
    waiting_plan_count: int = strawberry.field(
        description="Number of plans that wait for a decision: those of phase `SUBMITTED`."
    )
    waiting_since: datetime | None = strawberry.field(
        description="When the first of these entered its state; null if no plan waits."
    )


@strawberry.type(
    description="The numbers of the plans of a period. They are from one snapshot, so they agree. For admins."
)
class PlanStatistics:
    loader: strawberry.Private[DataLoader[PageRequest | None, Numbers]]
    language: strawberry.Private[Language]
    period_code: strawberry.Private[str]
    counted_at: datetime = strawberry.field(description="When the plans were counted.")

    @field("The period of the plans.")
    async def period(self, info: Info) -> Period:
        return render_period(await info.context.loaders.periods.load(self.period_code), info.context)

    @field("Number of plans.")
    async def plan_count(self) -> int:
        return sum(state.plans for state in (await self.loader.load(None)).states)

    @field("By state, in the order of the phases, without states that no plan has ever had.")
    async def states(self) -> list[StateStatistics]:
        return [_render_state(state, self.language) for state in (await self.loader.load(None)).states]

    @field(
        "By region or school. Each page counts anew, so an area can move between two pages. Null, with an entry in "
        "`errors`, if `first` or `after` is invalid."
    )
    async def areas(
        self,
        level: Annotated[AreaLevel, strawberry.argument(description="The kind of area.")],
        order_by: Annotated[
            AreaOrder | None,
            strawberry.argument(description="The order. Default: most waiting plans first."),
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[AreaStatistics] | None:
        check_page_size(first)
        order = order_by or AreaOrder(field=AreaOrderField.WAITING_PLAN_COUNT, direction=OrderDirection.DESC)
        page = PageRequest(
            model.AreaLevel(str(level.value)),
            model.AreaOrderField(str(order.field.value)),
            order.direction is OrderDirection.DESC,
            _parse_cursor(after) if after else None,
            first,
        )
        page_of_areas = (await self.loader.load(page)).pages[page]
        edges = [
            Edge(cursor=encode_cursor(str(area.rank), area.key), node=_render_area(area, self.language))
            for area in page_of_areas.areas
        ]
        return Connection.create(edges, page_of_areas.has_more, after)


def create_plan_statistics(scope: Scope, context: Context) -> PlanStatistics:
    """Return the numbers of a scope. They are counted once the fields of the answer are known."""
    services = context.services

    async def count(pages: list[PageRequest | None]) -> list[Numbers]:
        requested_pages = [page for page in pages if page]
        return [await count_numbers(scope, requested_pages, services.workflows, services.connection)] * len(
            pages
        )

    return PlanStatistics(
        loader=DataLoader(load_fn=count),
        language=context.language,
        period_code=scope.period,
        counted_at=services.clock.now(),
    )


def _parse_cursor(after: str) -> tuple[int, str]:
    rank, key = parse_cursor(after, ("after",))
    if not RANK.fullmatch(rank) or not -(2**63) <= int(rank) < 2**63:
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",)))
    return int(rank), key


def _render_state(state: StateCount, language: Language) -> StateStatistics:
    stays = state.stays
    return StateStatistics(
        name=state.name,
        label=_label(state, language),
        phase=_phase(state),
        plan_count=state.plans,
        oldest_since=state.since,
        completed_stays=CompletedStays(
            count=stays.stays, median_duration=Duration(timedelta(seconds=stays.median_seconds))
        )
        if stays
        else None,
    )


def _render_area(area: RegionOrSchool, language: Language) -> AreaStatistics:
    return AreaStatistics(
        provinsi=area.provinsi,
        kabupaten_kota=area.kabupaten_kota,
        satuan_pendidikan=render_school(area.school) if area.school else None,
        plan_count=area.plans,
        states=[
            AreaStateStatistics(
                name=state.name, label=_label(state, language), phase=_phase(state), plan_count=state.plans
            )
            for state in area.states
        ],
        waiting_plan_count=area.waiting,
        waiting_since=area.waiting_since,
    )


def _label(state: StateCount, language: Language) -> str:
    return str(getattr(state.definition.label, language)) if state.definition else state.name


def _phase(state: StateCount) -> PlanPhase | None:
    return PlanPhase(state.definition.phase.value) if state.definition else None
