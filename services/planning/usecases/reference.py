"""Importing a catalogue, a period, the shipped workflow: data of a period, never code."""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.clock import Clock
from services.kit.problem import Problem, Refused
from services.kit.unit_of_work import in_unit_of_work
from services.planning.domain import catalog_file, period_file
from services.planning.domain.period import Period
from services.planning.storage import catalog as catalogs
from services.planning.storage import period as periods
from services.planning.storage import workflow as stored_workflows
from services.planning.storage.workflow import Workflows
from workflows import build, load, shipped


async def import_catalog(raw: bytes, clock: Clock) -> tuple[str, bool]:
    """Keep a catalogue; periods that name its code use it at once. Its SHA-256 and whether it is new."""
    return await catalogs.store(catalog_file.load(raw), clock.now())


async def import_period(raw: bytes) -> Period:
    """Add a period or the revisions it lacks; Refused where it would rewrite, or names what is not there."""
    definition = load(shipped())
    period = period_file.load(raw, definition.params)
    if await catalogs.newest(period.catalog) is None:
        raise Refused(Problem("period.catalog_unknown", {"catalog": period.catalog}, ("catalog",)))
    if period.workflow != definition.name:
        raise Refused(Problem("period.workflow_unknown", {"workflow": period.workflow}, ("workflow",)))

    async def check_and_store(connection: BaseDBAsyncClient) -> None:
        await periods.lock(period.code, connection)
        stored = await periods.load(period.code, Workflows())
        if stored and (problems := period_file.rewritten(stored.period, period)):
            raise Refused(problems)
        await periods.store(period, connection)

    await in_unit_of_work(check_and_store)
    return period


async def keep_shipped_workflow(clock: Clock) -> None:
    """Prove this release's definition and keep it, so that plans started with it live on under later releases."""
    await stored_workflows.store(build(load(shipped())).definition, clock.now())
