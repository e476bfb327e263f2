"""Questions about periods: which one is now, and what its values may be."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from services.kit.clock import Clock
from services.kit.database import Connection
from services.kit.problems import Problem, RequestRefused
from services.planning.period import store
from services.planning.period.model import ParameterDeclarations, PeriodSetup, find_unfit_parameters
from services.planning.versions import store as versions_store
from services.planning.versions.model import find_published, list_unpublished
from services.planning.versions.store import WorkflowCache
from workflows.files.loader import load_shipped
from workflows.model.definition import Definition, Param


class PeriodServices(Protocol):
    """What the questions about periods need: the clock, the published versions, and the database."""

    @property
    def clock(self) -> Clock:
        """The clock of the process."""

    @property
    def workflows(self) -> WorkflowCache:
        """The published versions of workflows."""

    @property
    def connection(self) -> Connection:
        """The connection pool."""


async def load_declarations(
    used: PeriodSetup,
    names: Collection[str],
    workflows: WorkflowCache,
    now: datetime,
    connection: Connection,
) -> ParameterDeclarations:
    """What the published version declares; beside it, where one of `names` is not among it, what is to come.

    Of versions to come that declare the same name the newest counts. One statement, and only where it is needed.
    """
    return await add_upcoming(
        used.workflow.definition.params, used.period.workflow, names, workflows, now, connection
    )


async def load_file_declarations(
    workflow: str, names: Collection[str], workflows: WorkflowCache, now: datetime, connection: Connection
) -> ParameterDeclarations:
    """The same for the file of a period, which need not be there yet; and what this release itself reads of each."""
    acts = await versions_store.list_acts(workflow, connection)
    published = await workflows.get_supported(
        [sha256 for sha256 in [find_published(acts)] if sha256], connection
    )
    own = {param.name: param for version in published for param in version.definition.params}
    own = {param.name: param for param in load_shipped().params} | own
    return await add_upcoming(tuple(own.values()), workflow, names, workflows, now, connection)


async def add_upcoming(
    own: tuple[Param, ...],
    workflow: str,
    names: Collection[str],
    workflows: WorkflowCache,
    now: datetime,
    connection: Connection,
) -> ParameterDeclarations:
    """These parameters and, where one of `names` is not among them, those of the versions to come."""
    known = {param.name for param in own}
    if known.issuperset(names):
        return ParameterDeclarations(own)
    versions = await workflows.get_supported(
        list_unpublished(await versions_store.list_acts(workflow, connection), now), connection
    )
    coming = {param.name: param for version in reversed(versions) for param in version.definition.params}
    return ParameterDeclarations(own, tuple(param for name, param in coming.items() if name not in known))


# A gap in the registry is not the teacher's fault: where the zone is unknown, the day ends where it ends last.
FALLBACK_ZONE = "Asia/Jakarta"


def local_today(services: PeriodServices, zone: str | None) -> date:
    """The day it is where a school stands."""
    return services.clock.now().astimezone(ZoneInfo(zone or FALLBACK_ZONE)).date()


async def get_current_period(services: PeriodServices, zone: str | None) -> PeriodSetup | None:
    """The period that today falls in, where the school stands: in the east a day begins two hours earlier."""
    return await store.load_period_at(local_today(services, zone), services.workflows, services.connection)


async def get_period(
    services: PeriodServices,
    code: str | None,
    path: tuple[str, ...] = ("period",),
    *,
    zone: str | None = None,
) -> PeriodSetup:
    """The period of a code, or the one that today falls in at a zone; RequestRefused where there is none."""
    if code:
        setup = await store.load_period(code, services.workflows, services.connection)
    else:
        setup = await get_current_period(services, zone)
    if setup is None:
        raise RequestRefused(Problem("period.unknown" if code else "period.none_now", {"code": code}, path))
    return setup


async def find_period_problems(
    workflows: WorkflowCache, now: datetime, definition: Definition, connection: Connection
) -> list[Problem]:
    """Return what the periods that have not ended lack for a version. Locks them: no revision comes in between."""
    problems: list[Problem] = []
    yesterday = now.date() - timedelta(days=1)  # a day that is past in every zone
    for code in await store.list_codes_by_workflow(definition.name, yesterday, connection):
        await store.lock_period(code, connection)
        setup = await store.load_period(code, workflows, connection)
        problems += find_unfit_parameters(definition, setup.period, now) if setup else []
    return problems
