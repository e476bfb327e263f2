"""Importing a catalogue, a period, the shipped workflow: data of a period, never code."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from services.kit.clock import Clock
from services.kit.database import in_unit_of_work
from services.kit.problems import Problem, Refused
from services.planning.callers.model import By, Kind
from services.planning.change_requests import store as requests
from services.planning.change_requests.model import AdminAct
from services.planning.period import catalog_file, period_file
from services.planning.period import store as catalogs
from services.planning.period import store as periods
from services.planning.period.model import Period
from services.planning.period.queries import declared_in_file
from services.planning.period.revision import SUBJECT, made_by
from services.planning.versions import store as stored_acts
from services.planning.versions import store as stored_workflows
from services.planning.versions.commands import propose_version, unfit_periods
from services.planning.versions.model import Status, shipped_act
from services.planning.versions.store import Workflows
from workflows.files.loader import load, shipped
from workflows.lint.build import build
from workflows.model.canonical import sha256 as sha256_of
from workflows.model.definition import Definition

SHIPPED = "Shipped with this release."


async def import_catalog(raw: bytes, clock: Clock) -> tuple[str, bool]:
    """Keep a catalogue; periods that name its code use it at once. Its SHA-256 and whether it is new."""
    return await catalogs.insert_catalog(catalog_file.load(raw), clock.now())


async def import_period(raw: bytes) -> Period:
    """Add a period or the revisions it lacks; Refused where it would rewrite, or names what is not there."""
    file, workflow = period_file.read(raw), load(shipped()).name
    if file.workflow != workflow:
        raise Refused(Problem("period.workflow_unknown", {"workflow": file.workflow}, ("workflow",)))

    async def check_and_store(connection: BaseDBAsyncClient) -> Period:
        await requests.lock_subject(
            stored_acts.subject_of(workflow), connection
        )  # no version is published in between
        await periods.lock_period(file.code, connection)
        workflows = Workflows()
        stored = await periods.load_period(file.code, workflows, connection)
        names = {name for row in file.revisions for name in row.values}
        declared = await declared_in_file(workflow, names, workflows, datetime.now(UTC))
        period = period_file.typed(file, declared, stored.period if stored else None)
        if await catalogs.find_newest_catalog(period.catalog) is None:
            raise Refused(Problem("period.catalog_unknown", {"catalog": period.catalog}, ("catalog",)))
        acts = await requests.list_admin_acts(f"{SUBJECT}{period.code}", connection)
        made_here = set(made_by(acts))
        if stored and (problems := period_file.rewritten(stored.period, period, made_here)):
            raise Refused(problems)
        await periods.insert_period(period, connection)
        return period

    return await in_unit_of_work(check_and_store)


async def keep_shipped_workflow(clock: Clock) -> None:
    """Prove this release's definition and keep it, so that plans started with it live on under later releases.

    It is published by itself before there are plans, if nobody has published a version and every period gives the
    values that it needs. Else it is a draft like another, which admins compare and publish, or leave.
    """
    definition = build(load(shipped())).definition
    name, sha256 = definition.name, sha256_of(definition)
    has_plans = await periods.has_plans(get_connection("default"))
    if shipped_act(await stored_acts.acts_of(name), sha256, has_plans=has_plans) is None:
        return

    async def work(connection: BaseDBAsyncClient) -> None:
        await requests.lock_subject(stored_acts.subject_of(name), connection)
        acts = await stored_acts.acts_of(name, connection)
        wanted = shipped_act(acts, sha256, has_plans=await periods.has_plans(connection))
        if wanted is Status.PUBLISHED and not await _suffices(definition, clock, connection):
            wanted = None if any(act.sha256 == sha256 for act in acts) else Status.DRAFTED
        by, reason, now = By(Kind.RELEASE, f"rencana {version('rencana')}"), SHIPPED, clock.now()
        if wanted is Status.DRAFTED:
            await propose_version(definition, acts, (by, reason, now), connection)
        elif wanted is Status.PUBLISHED:
            await stored_workflows.store(definition, now, connection)
            act = AdminAct(stored_acts.subject_of(name), wanted, by, reason, now, {"sha256": sha256})
            await requests.insert_admin_acts([act], connection)

    await in_unit_of_work(work)


async def _suffices(definition: Definition, clock: Clock, connection: BaseDBAsyncClient) -> bool:
    """Whether every period gives what a definition needs; where nothing else can be read, there is no choice."""
    try:
        return not await unfit_periods(definition, clock, Workflows(), connection)
    except KeyError:
        return True
