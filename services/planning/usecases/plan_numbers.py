"""Live numbers of a period: where its plans stand, on whom they wait, and for how long, all of it at one instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.clock import Clock
from services.kit.problem import Problem, Refused
from services.kit.unit_of_work import in_unit_of_work
from services.planning.domain.parameters import read_by
from services.planning.domain.plan_numbers import SUPERIORS, Kind, turns_of
from services.planning.storage import plan_numbers as stored
from services.planning.storage.period import PeriodInUse
from services.planning.storage.plan_numbers import By, Chosen, Counted, Order, Page, Part, Stays
from services.planning.storage.workflow import Workflows, bodies
from services.planning.usecases.page import check_size
from workflows import DefinitionError, Phase, State, Turn, Workflow

PHASES = list(Phase)
Versions = Mapping[str, Workflow]


@dataclass(frozen=True, slots=True)
class InState:
    """The plans in a state; `known` is None where only another release can read its version of the workflow."""

    name: str
    known: State | None
    plans: int


@dataclass(frozen=True, slots=True)
class Waits:
    """The plans that wait on somebody (None: not known on whom), and since when the first one is in its state."""

    who: Turn | None
    plans: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of regions or schools, whether more follow, and by place the states of each one's plans."""

    parts: tuple[Part, ...]
    more: bool
    states: Mapping[str, tuple[InState, ...]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """`going_on` and `ended` are by the name of a state, `lines` by the pages that were asked for."""

    states: tuple[InState, ...]
    going_on: Mapping[str, Stays]
    ended: Mapping[str, Stays]
    waits: tuple[Waits, ...]
    lines: Mapping[Page, Lines]


@dataclass(frozen=True, slots=True)
class Counting:
    """Which plans of a period are counted, and when."""

    used: PeriodInUse
    workflows: Workflows
    chosen: Chosen
    now: datetime

    async def numbers(self, pages: Collection[Page]) -> Numbers:
        """Everything at one instant, with these pages of regions or schools: two statements for each of them."""
        return await in_unit_of_work(lambda connection: self._count(pages, connection))

    async def _count(self, pages: Collection[Page], connection: BaseDBAsyncClient) -> Numbers:
        await stored.at_one_instant(connection)
        counted = await stored.kinds(self.chosen, connection)
        versions = await self._versions({one.kind.workflow for one in counted})
        turns = {one.kind: self._turns(one.kind, versions) for one in counted}
        superiors = [kind for kind, who in turns.items() if who <= SUPERIORS]
        lines = {page: await self._lines(page, superiors, versions, connection) for page in pages}
        here = [(one.kind.workflow, one.kind.state, one.plans) for one in counted]
        lasting = [
            state.name for state in _in_states(versions, here) if not (state.known and state.known.final)
        ]
        going_on = await stored.going_on(self.chosen, lasting, self.now, connection)
        ended = await stored.ended(self.chosen, connection)
        states = await self._with_those_left(versions, here, ended)
        return Numbers(states, going_on, ended, _waits(counted, turns), lines)

    async def _lines(
        self, page: Page, superiors: Collection[Kind], versions: Versions, connection: BaseDBAsyncClient
    ) -> Lines:
        found = await stored.parts(self.chosen, replace(page, size=page.size + 1), superiors, connection)
        parts = tuple(found[: page.size])
        states = await stored.states_of(self.chosen, page.by, [part.place for part in parts], connection)
        told = {place: _in_states(versions, some) for place, some in states.items()}
        return Lines(parts, len(found) > page.size, told)

    async def _with_those_left(
        self, versions: Versions, here: list[tuple[str, str, int]], ended: Collection[str]
    ) -> tuple[InState, ...]:
        """The states that plans are in, or were in: those may be of a version that all plans were moved from."""
        gone = set(ended).difference(state for _, state, _ in here)
        if gone.difference(
            state.name for workflow in versions.values() for state in workflow.definition.states
        ):
            versions = {**versions, **{one.sha256: one for one in await self.workflows.readable()}}
        return _in_states(versions, [*here, *_left(versions, gone)])

    async def _versions(self, sha256s: Collection[str]) -> Versions:
        """Those of these versions that this release can read."""
        found = {}
        for sha256 in sorted(sha256s):
            with suppress(DefinitionError):
                found[sha256] = await self.workflows.get(sha256)
        return found

    def _turns(self, kind: Kind, versions: Versions) -> frozenset[Turn]:
        workflow = versions.get(kind.workflow)
        if workflow is None:
            return frozenset(Turn)
        values = read_by(workflow.definition, self.used.period.parameters_at(self.now))
        return turns_of(workflow, kind, values, self.now)


async def counting(clock: Clock, workflows: Workflows, used: PeriodInUse, chosen: Chosen) -> Counting:
    """What these plans are counted by; Refused for a version of the workflow that there is not."""
    if chosen.workflow and not await bodies([chosen.workflow]):
        raise Refused(Problem("workflow.unknown", {}, ("workflow",)))
    return Counting(used, workflows, chosen, clock.now())


def page_of(by: By, order: Order, after: tuple[int, str], size: int) -> Page:
    """A page of regions or schools; Refused where it is out of bounds."""
    check_size(size)
    return Page(by, order, after, size)


def _left(versions: Versions, states: Collection[str]) -> Iterator[tuple[str, str, int]]:
    """States that plans were in and none is any more: they are told, with the stays that ended."""
    for sha256, workflow in versions.items():
        for state in workflow.definition.states:
            if state.name in states:
                yield sha256, state.name, 0


def _in_states(versions: Versions, counted: Iterable[tuple[str, str, int]]) -> tuple[InState, ...]:
    """The states in the order of their phases; the same name in the same phase is one state, whatever the version."""
    plans, known = Counter[tuple[int, str]](), {}
    for workflow, name, number in counted:
        state = versions[workflow].definition.state(name) if workflow in versions else None
        key = PHASES.index(state.phase) if state else len(PHASES), name
        plans[key] += number
        known[key] = state
    return tuple(InState(key[1], known[key], number) for key, number in sorted(plans.items()))


def _waits(counted: Iterable[Counted], turns: Mapping[Kind, frozenset[Turn]]) -> tuple[Waits, ...]:
    """On whom plans wait, in the order of `Turn`; those of which it is not known come last."""
    found: dict[Turn | None, list[Counted]] = {who: [] for who in (*Turn, None)}
    for one in counted:
        who = next(iter(turns[one.kind])) if len(turns[one.kind]) == 1 else None
        found[who].append(one)
    del found[Turn.NOBODY]
    return tuple(
        Waits(
            who, sum(one.plans for one in some), min((one.since for one in some if one.since), default=None)
        )
        for who, some in found.items()
        if some
    )
