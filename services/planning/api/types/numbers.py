"""The numbers of a period. All numbers of an answer are counted in one snapshot."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.dataloader import DataLoader

from services.kit.paging import check_page_size
from services.kit.problems import Problem, RequestRefused
from services.planning.api.context import Context
from services.planning.api.fields import After, First, field
from services.planning.api.ids import encode_cursor, parse_cursor
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.plan_state import PlanPhase
from services.planning.numbers.model import (
    FIRST,
    Level,
    Numbers,
    Order,
    PageRequest,
    RegionOrSchool,
    Scope,
    StateCount,
)
from services.planning.numbers.queries import count_numbers
from workflows.model.messages import Language


@strawberry.enum(description="The kind of place that plans are counted by.")
class NumbersBy(Enum):
    PROVINSI = strawberry.enum_value("provinsi", description="Provinces.")
    KABUPATEN_KOTA = strawberry.enum_value("kabupaten_kota", description="Kabupaten and kota.")
    SCHOOL = strawberry.enum_value("school", description="Satuan pendidikan.")


@strawberry.enum(description="The order of regions or schools.")
class NumbersOrder(Enum):
    NAME = strawberry.enum_value("name", description="By name of the region, or by NPSN.")
    MOST_WAITING = strawberry.enum_value("most_waiting", description="Most waiting plans first.")
    LONGEST_WAITING = strawberry.enum_value("longest_waiting", description="Longest waiting plan first.")


@strawberry.type(description="The length of completed stays in a state.")
class TimeInState:
    stays: int = strawberry.field(description="Number of completed stays.")
    p50_seconds: int = strawberry.field(description="Median length of a stay, in seconds.")


@strawberry.type(description="The number of plans in a state, over all versions of the workflow.")
class StateNumbers:
    name: str = strawberry.field(description="Name in the workflow definition.")
    label: str = strawberry.field(description="Text of the screen.")
    phase: PlanPhase | None = strawberry.field(
        description="Phase of the state; null if this release cannot read that version of the workflow."
    )
    plans: int = strawberry.field(description="Number of plans in the state.")
    since: datetime | None = strawberry.field(
        description="When the plan that has been in the state longest entered it; null if no plan is in it."
    )
    ended: TimeInState | None = strawberry.field(
        description="Completed stays in the state; null if no plan has left it."
    )


@strawberry.type(description="The number of plans of a region or school in a state.")
class PartState:
    name: str = strawberry.field(description="Name in the workflow definition.")
    label: str = strawberry.field(description="Text of the screen.")
    phase: PlanPhase | None = strawberry.field(description="As in `StateNumbers`.")
    plans: int = strawberry.field(description="Number of plans in the state.")


@strawberry.type(description="The number of plans of a region or school.")
class PartNumbers:
    provinsi: str | None = strawberry.field(description="The province; null if identity does not know it.")
    kabupaten_kota: str | None = strawberry.field(
        description="The kabupaten or kota; null if not known, or if plans are counted by province."
    )
    npsn: str | None = strawberry.field(description="The school; null if plans are counted by region.")
    nama: str | None = strawberry.field(description="Name of the school, as one of its plans has it.")
    plans: int = strawberry.field(description="Number of plans.")
    states: list[PartState] = strawberry.field(description="The number of plans by state.")
    waiting: int = strawberry.field(
        description="Number of plans that wait for a decision: those of phase `SUBMITTED`."
    )
    waiting_since: datetime | None = strawberry.field(
        description="When the first of these entered its state; null if no plan waits."
    )


@strawberry.type(
    description="The number of plans of a period. The numbers of one answer are from one snapshot, so they agree."
)
class PlanNumbers:
    loader: strawberry.Private[DataLoader[PageRequest | None, Numbers]]
    language: strawberry.Private[Language]
    period: strawberry.ID = strawberry.field(description="Code of the period.")
    as_of: datetime = strawberry.field(description="When the plans were counted.")

    @field("Number of plans.")
    async def plans(self) -> int:
        return sum(state.plans for state in (await self.loader.load(None)).states)

    @field("By state, in the order of the phases, without states that no plan has ever had.")
    async def states(self) -> list[StateNumbers]:
        return [_render_state(state, self.language) for state in (await self.loader.load(None)).states]

    @field("By region or by school. Null, with an entry in `errors`, if `first` or `after` is invalid.")
    async def parts(
        self,
        by: Annotated[NumbersBy, strawberry.argument(description="The kind of place.")] = NumbersBy.SCHOOL,
        order: Annotated[
            NumbersOrder, strawberry.argument(description="The order of the places.")
        ] = NumbersOrder.MOST_WAITING,
        first: First = 10,
        after: After = None,
    ) -> Connection[PartNumbers] | None:
        # Each request counts anew, so a row can move between two pages.
        check_page_size(first)
        start = _parse_cursor(after) if after else FIRST
        page = PageRequest(Level(str(by.value)), Order(str(order.value)), start, first)
        page_of_areas = (await self.loader.load(page)).pages[page]
        edges = [
            Edge(cursor=encode_cursor(str(area.rank), area.key), node=_render_part(area, self.language))
            for area in page_of_areas.areas
        ]
        return Connection.create(edges, page_of_areas.has_more, after)


def plan_numbers(scope: Scope, context: Context) -> PlanNumbers:
    """Return the numbers of a scope. They are counted once the fields of the answer are known."""
    services = context.services

    async def count(pages: list[PageRequest | None]) -> list[Numbers]:
        requested_pages = [page for page in pages if page]
        return [await count_numbers(scope, requested_pages, services.workflows, services.connection)] * len(
            pages
        )

    return PlanNumbers(
        loader=DataLoader(load_fn=count),
        language=context.language,
        period=strawberry.ID(scope.period),
        as_of=context.services.clock.now(),
    )


def _parse_cursor(after: str) -> tuple[int, str]:
    rank, key = parse_cursor(after, ("after",))
    if not rank.removeprefix("-").isdecimal() or not -(2**63) <= int(rank) < 2**63:
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",)))
    return int(rank), key


def _render_state(state: StateCount, language: Language) -> StateNumbers:
    stays = state.stays
    return StateNumbers(
        name=state.name,
        label=_label(state, language),
        phase=_phase(state),
        plans=state.plans,
        since=state.since,
        ended=TimeInState(stays=stays.stays, p50_seconds=stays.median_seconds) if stays else None,
    )


def _render_part(area: RegionOrSchool, language: Language) -> PartNumbers:
    return PartNumbers(
        provinsi=area.provinsi,
        kabupaten_kota=area.kabupaten_kota,
        npsn=area.npsn,
        nama=area.nama,
        plans=area.plans,
        states=[
            PartState(name=state.name, label=_label(state, language), phase=_phase(state), plans=state.plans)
            for state in area.states
        ],
        waiting=area.waiting,
        waiting_since=area.waiting_since,
    )


def _label(state: StateCount, language: Language) -> str:
    return str(getattr(state.definition.label, language)) if state.definition else state.name


def _phase(state: StateCount) -> PlanPhase | None:
    return PlanPhase(state.definition.phase.value) if state.definition else None
