"""Counts of plans, read from covering indexes (decision 22). The statements are in `store.sql`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.kit.database import Connection
from services.kit.sql import load_statements
from services.planning.numbers.model import (
    PageRequest,
    Region,
    RegionOrSchool,
    RegionPage,
    SchoolFilter,
    SchoolPageRequest,
    SchoolPlans,
    Scope,
    Stays,
    VersionCount,
    add_up_states,
    list_waiting_states,
)
from services.planning.people.model import School
from workflows.engine.machine import Workflow

_SQL = load_statements(Path(__file__).with_suffix(".sql"))
_AREA_COLUMNS = [field.name for field in fields(RegionOrSchool) if field.name not in {"school", "states"}]
_SCHOOL = TypeAdapter(School)


async def take_snapshot(connection: Connection) -> None:
    """Make a transaction read one snapshot. Call it before any other statement of the transaction."""
    await _SQL["start_snapshot"].fetch(connection)
    await _SQL["configure_planner"].fetch(connection)


async def count_states(scope: Scope, connection: Connection) -> list[VersionCount]:
    """Count the plans in each state of each workflow version."""
    return [VersionCount(**row) for row in await _SQL["count_states"].fetch(connection, **asdict(scope))]


async def measure_stays(scope: Scope, connection: Connection) -> dict[str, Stays]:
    """Count the completed stays in each state, by its name, with their median length."""
    rows = await _SQL["measure_stays"].fetch(connection, **asdict(scope))
    return {row.pop("state"): Stays(**row) for row in rows}


async def count_areas(
    scope: Scope, page: PageRequest, versions: Mapping[str, Workflow], connection: Connection
) -> RegionPage:
    """Return a page of regions or schools, each with its plans by state."""
    waiting_states = list_waiting_states(versions)
    after_rank, after = page.after or (None, "")
    rows = await _SQL["count_areas"].fetch(
        connection,
        **asdict(scope),
        level=page.level,
        order_field=page.order_field,
        is_descending=page.is_descending,
        workflows=[workflow for workflow, _ in waiting_states],
        states=[state for _, state in waiting_states],
        after_rank=after_rank,
        after=after,
        size=page.size + 1,
    )
    groups = [list(group) for _, group in groupby(rows, key=lambda row: row["key"])]
    areas = tuple(_read_area(group, versions) for group in groups[: page.size])
    return RegionPage(areas, len(groups) > page.size)


async def list_regions(period: str, connection: Connection) -> list[Region]:
    """Return the provinsi and kabupaten/kota of the plans of a period, as identity writes them."""
    rows = await _SQL["list_regions"].fetch(connection, period=period)
    return [(row["provinsi"], row["kabupaten_kota"]) for row in rows]


async def list_schools(
    period: str,
    filter: SchoolFilter,
    regions: Collection[Region] | None,
    own_npsns: Collection[str],
    own_regions: Collection[Region] | None,
    page: SchoolPageRequest,
    versions: Mapping[str, Workflow],
    connection: Connection,
) -> tuple[list[SchoolPlans], bool]:
    """Return a page of the schools that have plans in a period, and whether more follow.

    `regions` are those of the filter. `own_npsns` and `own_regions` limit the caller. None means every region.
    """
    waiting_states = list_waiting_states(versions)
    after_rank, after = page.after or (None, None)
    rows = await _SQL["list_schools"].fetch(
        connection,
        period=period,
        npsns=list(filter.npsns) if filter.npsns is not None else None,
        regions=_region_keys(regions),
        own_npsns=list(own_npsns),
        own_regions=_region_keys(own_regions),
        has_waiting_plans=filter.has_waiting_plans,
        order_field=page.order_field,
        is_descending=page.is_descending,
        workflows=[workflow for workflow, _ in waiting_states],
        states=[state for _, state in waiting_states],
        after_rank=after_rank,
        after=after,
        size=page.size + 1,
    )
    schools = [
        SchoolPlans(
            _SCHOOL.validate_json(row["school"]),
            row["rank"],
            row["plans"],
            row["waiting"],
            row["waiting_since"],
        )
        for row in rows[: page.size]
    ]
    return schools, len(rows) > page.size


def _region_keys(regions: Collection[Region] | None) -> list[str] | None:
    if regions is None:
        return None
    return [f"{provinsi or ''} / {kabupaten_kota or ''}" for provinsi, kabupaten_kota in regions]


def _read_area(rows: list[dict[str, Any]], versions: Mapping[str, Workflow]) -> RegionOrSchool:
    counts = [VersionCount(row["workflow"], row["state"], row["state_plans"], row["since"]) for row in rows]
    columns = {name: rows[0][name] for name in _AREA_COLUMNS}
    school = _SCHOOL.validate_json(rows[0]["school"]) if rows[0]["school"] else None
    return RegionOrSchool(**columns, school=school, states=add_up_states(counts, versions, {}))
