"""Counts of plans by state, and by region or school, and how the states of several workflow versions are added up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kit.region import normalize_province, normalize_regency
from services.planning.callers.model import Territory
from services.planning.people.model import School
from workflows.engine.machine import Workflow
from workflows.model.definition import Phase, State

PHASES = list(Phase)


class AreaLevel(StrEnum):
    """The kind of region, or school, that plans are counted by."""

    PROVINSI = "provinsi"
    KABUPATEN_KOTA = "kabupaten_kota"
    SCHOOL = "school"


class AreaOrderField(StrEnum):
    """What regions or schools are ordered by. Those where nothing waits come last in an order by waiting."""

    NAME = "name"
    WAITING_PLAN_COUNT = "waiting_plan_count"
    WAITING_SINCE = "waiting_since"


@dataclass(frozen=True, slots=True)
class Scope:
    """The plans to count: all of a period, or those of one region or school."""

    period: str
    provinsi: str | None = None
    kabupaten_kota: str | None = None
    npsn: str | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of regions or schools of a level, after the one with this rank and key; None for the first page."""

    level: AreaLevel
    order_field: AreaOrderField
    is_descending: bool
    after: tuple[int, str] | None
    size: int


@dataclass(frozen=True, slots=True)
class VersionCount:
    """Number of plans in a state of one workflow version, and the earliest instant at which one entered it."""

    workflow: str
    state: str
    plans: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stays:
    """Number of completed stays in a state, and their median length."""

    stays: int
    median_seconds: int


@dataclass(frozen=True, slots=True)
class StateCount:
    """The same for a state of any version. `definition` is None if this release cannot read the version."""

    name: str
    definition: State | None
    plans: int
    since: datetime | None
    stays: Stays | None


@dataclass(frozen=True, slots=True)
class RegionOrSchool:
    """A region (None if identity does not know it) or a school, with its plans and those that wait.

    `school` is a school as one of its plans has it; None for a region.
    """

    key: str
    rank: int
    provinsi: str | None
    kabupaten_kota: str | None
    school: School | None
    plans: int
    waiting: int
    waiting_since: datetime | None
    states: tuple[StateCount, ...]


@dataclass(frozen=True, slots=True)
class RegionPage:
    """A page of regions or schools, and whether more follow."""

    areas: tuple[RegionOrSchool, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything that one answer shows, counted in one snapshot."""

    states: tuple[StateCount, ...]
    pages: Mapping[PageRequest, RegionPage]


class SchoolOrderField(StrEnum):
    """What schools are ordered by."""

    NPSN = "npsn"
    WAITING_PLAN_COUNT = "waiting_plan_count"


@dataclass(frozen=True, slots=True)
class SchoolFilter:
    """The schools to list: all of them, or those with one of these NPSNs, in a region, or where plans wait or not."""

    npsns: tuple[str, ...] | None = None
    provinsi: str | None = None
    kabupaten_kota: str | None = None
    has_waiting_plans: bool | None = None


@dataclass(frozen=True, slots=True)
class SchoolPageRequest:
    """A page of schools, after the one with this rank and NPSN; None for the first page."""

    order_field: SchoolOrderField
    is_descending: bool
    after: tuple[int, str] | None
    size: int


@dataclass(frozen=True, slots=True)
class SchoolPlans:
    """A school as one of its plans has it, with the number of its plans and of those that wait."""

    school: School
    rank: int
    plans: int
    waiting: int
    waiting_since: datetime | None


Region = tuple[str | None, str | None]


def find_covered_regions(regions: Iterable[Region], territory: Territory) -> list[Region]:
    """Return the regions of which a territory covers every school."""
    return [region for region in regions if territory.covers("", *region)]


def find_regions(regions: Iterable[Region], filter: SchoolFilter) -> list[Region]:
    """Return the regions that a filter names, in any spelling."""
    provinsi = normalize_province(filter.provinsi or "")
    kabupaten_kota = normalize_regency(filter.kabupaten_kota or "")
    return [
        region
        for region in regions
        if filter.provinsi is None or normalize_province(region[0] or "") == provinsi
        if filter.kabupaten_kota is None or normalize_regency(region[1] or "") == kabupaten_kota
    ]


def list_waiting_states(versions: Mapping[str, Workflow]) -> list[tuple[str, str]]:
    """Return each version and state in which a plan waits for a decision: those of phase SUBMITTED."""
    return [
        (sha256, state.name)
        for sha256, workflow in versions.items()
        for state in workflow.definition.states
        if state.phase is Phase.SUBMITTED
    ]


def list_empty_states(versions: Mapping[str, Workflow], names: Collection[str]) -> list[VersionCount]:
    """Return a count of zero plans for the states of these names in every version."""
    return [
        VersionCount(sha256, state.name, 0)
        for sha256, workflow in versions.items()
        for state in workflow.definition.states
        if state.name in names
    ]


def add_up_states(
    counts: Iterable[VersionCount], versions: Mapping[str, Workflow], stays: Mapping[str, Stays]
) -> tuple[StateCount, ...]:
    """Add up the counts of states with the same name and phase, ordered by phase and name."""
    sums: dict[tuple[int, str], StateCount] = {}
    for count in counts:
        workflow = versions.get(count.workflow)
        state = workflow.definition.state(count.state) if workflow else None
        key = PHASES.index(state.phase) if state else len(PHASES), count.state
        plans, instants = count.plans, {count.since}
        if key in sums:
            plans, instants = plans + sums[key].plans, instants | {sums[key].since}
        since = min(filter(None, instants), default=None)
        sums[key] = StateCount(count.state, state, plans, since, stays.get(count.state))
    return tuple(state for _, state in sorted(sums.items(), key=lambda item: item[0]))
