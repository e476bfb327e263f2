"""Live numbers as GraphQL shows them: all of one answer is counted at one instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.dataloader import DataLoader

from services.kit.messages import Language
from services.kit.problem import Problem, Refused
from services.planning.api.describe import described
from services.planning.api.ids import cursor, parse_cursor
from services.planning.api.types.page import PageInfo
from services.planning.api.types.state import PlanPhase
from services.planning.api.types.turn import TurnOf
from services.planning.storage.plan_numbers import FIRST, By, Order, Page, Part, Stays
from services.planning.usecases.plan_numbers import Counting, InState, Lines, Numbers, Waits, page_of


@strawberry.enum(description="What plans are counted by.")
class NumbersBy(Enum):
    """Two levels of region, and schools."""

    PROVINSI = strawberry.enum_value("provinsi", description="Provinces.")
    KABUPATEN_KOTA = strawberry.enum_value("kabupaten_kota", description="Kabupaten and kota.")
    SCHOOL = strawberry.enum_value("school", description="Satuan pendidikan.")


@strawberry.enum(description="In which order regions or schools come.")
class NumbersOrder(Enum):
    """By name, or where it is worst first."""

    NAME = strawberry.enum_value("name", description="By region, or by NPSN.")
    MOST_WAITING = strawberry.enum_value(
        "most_waiting", description="Where most plans wait for the head or the dinas."
    )
    LONGEST_WAITING = strawberry.enum_value(
        "longest_waiting", description="Where a plan has waited longest for the head or the dinas."
    )


@strawberry.type(description="How long plans were in a state, or have been: of so many stays.")
class TimeInState:
    """Two percentiles."""

    stays: int = strawberry.field(description="How many.")
    p50_seconds: int = strawberry.field(description="Half of them lasted this long at most, in seconds.")
    p95_seconds: int = strawberry.field(description="95 of 100 lasted this long at most, in seconds.")


@strawberry.type(description="The plans in a state, and how long they stay in it.")
class StateNumbers:
    """A state is known by its name and phase, in whatever version of the workflow."""

    name: str = strawberry.field(description="The name in the workflow definition.")
    label: str = strawberry.field(description="What the screen shows.")
    phase: PlanPhase | None = strawberry.field(
        description="The phase it belongs to; null where only a later release can read its version of the workflow."
    )
    plans: int = strawberry.field(description="How many plans are in it.")
    going_on: TimeInState | None = strawberry.field(
        description="Of the plans in it: since they came. Null where there is none, and where nothing is to follow."
    )
    ended: TimeInState | None = strawberry.field(
        description="Of the stays that ended, of these plans: from coming to leaving. Null where there is none."
    )


@strawberry.type(description="How many plans are in a phase.")
class PhaseNumbers:
    """The sum over its states."""

    phase: PlanPhase = strawberry.field(description="The phase.")
    plans: int = strawberry.field(description="The number of plans.")


@strawberry.type(description="The plans that wait on somebody.")
class WaitingNumbers:
    """As identity last said who leads the schools."""

    who: TurnOf | None = strawberry.field(
        description="On whom; null: not known, as nobody has asked yet who leads their schools."
    )
    plans: int = strawberry.field(description="How many.")
    since: datetime | None = strawberry.field(
        description="Since when the first of them is in its state; null where none knows."
    )


@strawberry.type(description="How many plans of a region or school are in a state.")
class PartState:
    """One state."""

    name: str = strawberry.field(description="The name in the workflow definition.")
    label: str = strawberry.field(description="What the screen shows.")
    phase: PlanPhase | None = strawberry.field(description="As in `StateNumbers`.")
    plans: int = strawberry.field(description="How many plans are in it.")


@strawberry.type(description="The plans of a region or a school.")
class PartNumbers:
    """One line of a table."""

    provinsi: str | None = strawberry.field(
        description="The province; null for plans of which it is not known: they began before plans kept it."
    )
    kabupaten_kota: str | None = strawberry.field(
        description="The kabupaten or kota; null where not known, and where plans are counted by province."
    )
    npsn: str | None = strawberry.field(description="The school; null where plans are counted by region.")
    nama: str | None = strawberry.field(description="Its name, as one of the plans has it.")
    plans: int = strawberry.field(description="How many.")
    states: list[PartState] = strawberry.field(description="The same by state.")
    waiting: int = strawberry.field(description="How many of them wait for the head or the dinas.")
    waiting_since: datetime | None = strawberry.field(
        description="Since when the first of these is in its state."
    )


@strawberry.type(description="A line and its place in the list.")
class PartNumbersEdge:
    """As in Relay's connections."""

    cursor: str = strawberry.field(description="For `after`, to go on from here in the same order.")
    node: PartNumbers = strawberry.field(description="The line.")


@strawberry.type(description="A page of regions or schools.")
class PartNumbersConnection:
    """As in Relay's connections; forward only."""

    edges: list[PartNumbersEdge] = strawberry.field(description="The lines of this page.")
    page_info: PageInfo = strawberry.field(description="Where it ends.")


Loader = DataLoader[Page | None, Numbers]


@strawberry.type(
    description="Where the plans of a period stand: counted at one instant, so that the numbers agree."
)
class PlanNumbers:
    """What an answer asks for is counted together, in one transaction."""

    loader: strawberry.Private[Loader]
    language: strawberry.Private[Language]
    period: strawberry.ID = strawberry.field(description="The code of the period.")
    as_of: datetime = strawberry.field(description="The instant that spans of time are told for.")

    @described("How many plans were counted.")
    async def plans(self) -> int:
        """The sum over the states."""
        return sum(state.plans for state in (await self.loader.load(None)).states)

    @described("By phase; phases without plans are left out.")
    async def phases(self) -> list[PhaseNumbers]:
        """The sums over their states."""
        plans: Counter[PlanPhase] = Counter()
        for state in (await self.loader.load(None)).states:
            if state.plans and (phase := _phase(state)):
                plans[phase] += state.plans
        return [PhaseNumbers(phase=phase, plans=number) for phase, number in plans.items()]

    @described("By state; states that no plan is in, and none has left, are left out.")
    async def states(self) -> list[StateNumbers]:
        """In the order of their phases."""
        numbers = await self.loader.load(None)
        return [_state(state, numbers, self.language) for state in numbers.states]

    @described("By whose turn it is. Plans on which nothing is to be done are in none of them.")
    async def waiting(self) -> list[WaitingNumbers]:
        """By the workflow's own rules."""
        return [_waiting(one) for one in (await self.loader.load(None)).waits]

    @described(
        "The same by region or by school: where it is worst first, if nothing else is asked for. Null, with an error "
        "beside the data, for a page out of bounds."
    )
    async def parts(
        self,
        by: Annotated[NumbersBy, strawberry.argument(description="By what.")] = NumbersBy.SCHOOL,
        order: Annotated[
            NumbersOrder, strawberry.argument(description="In which order.")
        ] = NumbersOrder.MOST_WAITING,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 10,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = None,
    ) -> PartNumbersConnection | None:
        """Each page is counted anew: between two requests plans go on."""
        place = place_of(after) if after else FIRST
        page = page_of(By(str(by.value)), Order(str(order.value)), place, first)
        return _connection((await self.loader.load(page)).lines[page], self.language)


def place_of(after: str) -> tuple[int, str]:
    """The rank and place to go on after; Refused for a cursor of another list."""
    rank, place = parse_cursor(after, ("after",))
    try:
        return _bounded(int(rank)), place
    except ValueError:
        raise Refused(Problem("cursor.invalid", {}, ("after",))) from None


def _bounded(rank: int) -> int:
    if not -(2**63) <= rank < 2**63:
        raise ValueError(rank)
    return rank


def plan_numbers_of(asked: Counting, language: Language) -> PlanNumbers:
    """The numbers, to be counted when it is known what is asked for."""

    async def count(pages: list[Page | None]) -> list[Numbers]:
        return [await asked.numbers([page for page in pages if page])] * len(pages)

    return PlanNumbers(
        loader=DataLoader(load_fn=count),
        language=language,
        period=strawberry.ID(asked.chosen.period),
        as_of=asked.now,
    )


def _connection(lines: Lines, language: Language) -> PartNumbersConnection:
    edges = [
        PartNumbersEdge(
            cursor=cursor(str(part.rank), part.place), node=_part(part, lines.states[part.place], language)
        )
        for part in lines.parts
    ]
    ends = PageInfo(has_next_page=lines.more, end_cursor=edges[-1].cursor if edges else None)
    return PartNumbersConnection(edges=edges, page_info=ends)


def _state(state: InState, numbers: Numbers, language: Language) -> StateNumbers:
    return StateNumbers(
        name=state.name,
        label=_label(state, language),
        phase=_phase(state),
        plans=state.plans,
        going_on=_time(numbers.going_on, state),
        ended=_time(numbers.ended, state),
    )


def _part(part: Part, states: tuple[InState, ...], language: Language) -> PartNumbers:
    return PartNumbers(
        provinsi=part.provinsi,
        kabupaten_kota=part.kabupaten_kota,
        npsn=part.npsn,
        nama=part.nama,
        plans=part.plans,
        states=[
            PartState(name=state.name, label=_label(state, language), phase=_phase(state), plans=state.plans)
            for state in states
        ],
        waiting=part.waiting,
        waiting_since=part.since,
    )


def _waiting(one: Waits) -> WaitingNumbers:
    return WaitingNumbers(who=TurnOf(one.who.value) if one.who else None, plans=one.plans, since=one.since)


def _time(stays: Mapping[str, Stays], state: InState) -> TimeInState | None:
    found = stays.get(state.name)
    return TimeInState(stays=found.stays, p50_seconds=found.p50, p95_seconds=found.p95) if found else None


def _label(state: InState, language: Language) -> str:
    return str(getattr(state.known.label, language)) if state.known else state.name


def _phase(state: InState) -> PlanPhase | None:
    return PlanPhase(state.known.phase.value) if state.known else None
