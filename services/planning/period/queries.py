"""Queries on periods: the current period, parameter declarations, and periods that a workflow version does not fit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from services.kit.clock import Clock
from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.kit.problems import Problem, RequestRefused
from services.planning.period import store
from services.planning.period.catalog import CatalogLevel
from services.planning.period.model import (
    WIB,
    ParameterDeclarations,
    PeriodSetup,
    find_unfit_parameters,
    parse_period_code,
)
from services.planning.versions import store as versions_store
from services.planning.versions.model import find_published, list_unpublished
from services.planning.versions.store import WorkflowCache
from workflows.files.loader import load_shipped
from workflows.model.definition import Definition

# A school without a zone keeps the day that ends last: a gap in Dapodik is not the teacher's fault.
FALLBACK_ZONE = WIB


class PeriodServices(Protocol):
    """The part of `Services` that queries on periods use. `Services` belongs to a feature above this one."""

    @property
    def clock(self) -> Clock:
        """The clock of the process."""

    @property
    def workflows(self) -> WorkflowCache:
        """The cache of workflows."""

    @property
    def catalogs(self) -> store.CatalogCache:
        """The cache of catalogues."""

    @property
    def connection(self) -> Connection:
        """The connection pool."""


async def load_declarations(
    setup: PeriodSetup,
    names: Collection[str],
    workflows: WorkflowCache,
    now: datetime,
    connection: Connection,
) -> ParameterDeclarations:
    """Load the declarations of these parameters, and of all that the period's published version declares."""
    definition = setup.workflow.definition
    published = ParameterDeclarations(definition.params, definition.contract.window.closes)
    return await _add_upcoming(published, setup.period.workflow, names, workflows, now, connection)


async def load_file_declarations(
    workflow: str, names: Collection[str], workflows: WorkflowCache, now: datetime, connection: Connection
) -> ParameterDeclarations:
    """Load the declarations for a period file, whose period and workflow may not be stored yet.

    The published version comes before the definition that this release ships.
    """
    published = find_published(await versions_store.list_acts(workflow, connection))
    versions = await workflows.get_supported([published] if published else [], connection)
    definitions = [load_shipped(), *(version.definition for version in versions)]
    params = {param.name: param for definition in definitions for param in definition.params}
    closes = definitions[-1].contract.window.closes
    declarations = ParameterDeclarations(tuple(params.values()), closes)
    return await _add_upcoming(declarations, workflow, names, workflows, now, connection)


async def _add_upcoming(
    declarations: ParameterDeclarations,
    workflow: str,
    names: Collection[str],
    workflows: WorkflowCache,
    now: datetime,
    connection: Connection,
) -> ParameterDeclarations:
    """Add the parameters of unpublished versions, if one of `names` is not published.

    Of versions that declare the same parameter the newest counts.
    """
    published_names = {param.name for param in declarations.published}
    if published_names.issuperset(names):
        return declarations
    sha256s = list_unpublished(await versions_store.list_acts(workflow, connection), now)
    versions = await workflows.get_supported(sha256s, connection)
    params = {param.name: param for version in reversed(versions) for param in version.definition.params}
    upcoming = tuple(param for param in params.values() if param.name not in published_names)
    return replace(declarations, upcoming=upcoming)


def local_today(services: PeriodServices, zone: str | None) -> date:
    """Return the present day in the zone of a school."""
    return services.clock.now().astimezone(ZoneInfo(zone or FALLBACK_ZONE)).date()


async def get_current_period(services: PeriodServices, zone: str | None) -> PeriodSetup | None:
    """Return the period that includes the present day in a zone."""
    return await store.load_period_at(local_today(services, zone), services.workflows, services.connection)


async def find_period(
    services: PeriodServices, code: str | None, *, zone: str | None = None
) -> PeriodSetup | None:
    """Return the period of a code, or without a code the current one in a zone; None if there is none."""
    if code:
        return await store.load_period(code, services.workflows, services.connection)
    return await get_current_period(services, zone)


async def get_period(
    services: PeriodServices,
    code: str | None,
    path: tuple[str, ...] = ("period",),
    *,
    zone: str | None = None,
) -> PeriodSetup:
    """Return the period of a code, or without a code the current one in a zone.

    Raises RequestRefused `period.unknown` or `period.none_now`.
    """
    setup = await find_period(services, code, zone=zone)
    if setup is None:
        raise RequestRefused(Problem("period.unknown" if code else "period.none_now", {"code": code}, path))
    return setup


async def find_catalog_levels(
    services: PeriodServices, keys: Sequence[tuple[str, str, str | None]]
) -> list[CatalogLevel | None]:
    """Find catalogues by SHA-256, jenjang and jenjang jabatan. None for one that does not exist."""
    catalogs = await services.catalogs.get_stored([sha256 for sha256, *_ in keys], services.connection)
    levels = [CatalogLevel(*key, catalogs[key[0]]) if key[0] in catalogs else None for key in keys]
    return [level if level and level.exists else None for level in levels]


async def load_catalog_level(
    services: PeriodServices, code: str | None, jenjang: str, jenjang_jabatan: str | None
) -> CatalogLevel:
    """Load the catalogue of a period, by default the current one, for a level.

    Raises RequestRefused for an unknown period, level or jenjang jabatan.
    """
    sha256 = (await get_period(services, code)).catalog
    level = CatalogLevel(
        sha256, jenjang, jenjang_jabatan, await services.catalogs.get(sha256, services.connection)
    )
    if level.exists:
        return level
    if not replace(level, jenjang_jabatan=None).exists:
        raise RequestRefused(Problem("jenjang.unknown", {"jenjang": jenjang}, ("jenjang",)))
    raise RequestRefused(Problem("choice.not_offered", {"code": jenjang_jabatan}, ("jenjang_jabatan",)))


async def list_periods(
    services: PeriodServices, first: int, before: str | None
) -> tuple[list[PeriodSetup], bool]:
    """List a page of periods before the one of a code, the one that starts last first, and whether more follow."""
    check_page_size(first)
    days = parse_period_code(before) if before else None
    position = (days[0], before) if days and before else None
    setups = await store.list_periods(position, first + 1, services.workflows, services.connection)
    return setups[:first], len(setups) > first


async def load_periods(services: PeriodServices, codes: Sequence[str]) -> list[PeriodSetup | RequestRefused]:
    """Load the periods of these codes, in one statement. The result for an unknown one is its refusal."""
    setups = await store.load_periods(codes, services.workflows, services.connection)
    return [
        setups.get(code) or RequestRefused(Problem("period.unknown", {"code": code}, ("period",)))
        for code in codes
    ]


async def find_period_problems(
    workflows: WorkflowCache, now: datetime, definition: Definition, connection: Connection
) -> list[Problem]:
    """Find the values that a workflow version needs and the periods that have not ended lack.

    Locks these periods, so that nobody revises them before the version is published.
    """
    problems: list[Problem] = []
    yesterday = now.date() - timedelta(days=1)  # a day that has ended in every zone
    for code in await store.list_codes_by_workflow(definition.name, yesterday, connection):
        await store.lock_period(code, connection)
        setup = await store.load_period(code, workflows, connection)
        problems += find_unfit_parameters(definition, setup.period, now) if setup else []
    return problems
