"""Importing a catalogue, a period, the shipped workflow: data of a period, never code."""

from __future__ import annotations

from importlib.metadata import version

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.clock import Clock
from services.kit.database import in_unit_of_work
from services.kit.problems import Problem, Refused
from services.planning.callers.model import By, Kind
from services.planning.period import catalog_file, period_file
from services.planning.period import store as catalogs
from services.planning.period import store as periods
from services.planning.period import store as proposals
from services.planning.period.model import Period
from services.planning.period.queries import declared_in_file
from services.planning.versions import store as stored_acts
from services.planning.versions import store as stored_workflows
from services.planning.versions.commands import unfit_periods
from services.planning.versions.model import Act, Status, shipped_act
from services.planning.versions.store import Workflows
from workflows.files.loader import load, shipped
from workflows.lint.build import build
from workflows.model.canonical import sha256 as sha256_of
from workflows.model.definition import Definition


async def import_catalog(raw: bytes, clock: Clock) -> tuple[str, bool]:
    """Keep a catalogue; periods that name its code use it at once. Its SHA-256 and whether it is new."""
    return await catalogs.insert_catalog(catalog_file.load(raw), clock.now())


async def import_period(raw: bytes) -> Period:
    """Add a period or the revisions it lacks; Refused where it would rewrite, or names what is not there."""
    file, workflow = period_file.read(raw), load(shipped()).name
    if file.workflow != workflow:
        raise Refused(Problem("period.workflow_unknown", {"workflow": file.workflow}, ("workflow",)))

    async def check_and_store(connection: BaseDBAsyncClient) -> Period:
        await stored_acts.lock(workflow, connection)  # no version is published in between
        await periods.lock_period(file.code, connection)
        workflows = Workflows()
        stored = await periods.load_period(file.code, workflows, connection)
        names = {name for row in file.revisions for name in row.values}
        declared = await declared_in_file(workflow, names, workflows)
        period = period_file.typed(file, declared, stored.period if stored else None)
        if await catalogs.find_newest_catalog(period.catalog) is None:
            raise Refused(Problem("period.catalog_unknown", {"catalog": period.catalog}, ("catalog",)))
        made_here = await proposals.select_proposed_revisions(period.code)
        if stored and (problems := period_file.rewritten(stored.period, period, made_here)):
            raise Refused(problems)
        await periods.insert_period(period, connection)
        return period

    return await in_unit_of_work(check_and_store)


async def keep_shipped_workflow(clock: Clock) -> None:
    """Prove this release's definition and keep it, so that plans started with it live on under later releases.

    It is published by itself for as long as nobody has published a version, and where every period gives the values
    that it needs: else it is a draft like another, which admins compare and publish, or leave.
    """
    definition = build(load(shipped())).definition
    name, sha256 = definition.name, sha256_of(definition)
    if shipped_act(await stored_acts.acts_of(name), sha256) is None:
        return
    by = By(Kind.RELEASE, f"rencana {version('rencana')}")

    async def work(connection: BaseDBAsyncClient) -> None:
        await stored_acts.lock(name, connection)
        acts = await stored_acts.acts_of(name, connection)
        wanted = shipped_act(acts, sha256)
        if wanted is Status.PUBLISHED and not await _suffices(definition, clock, connection):
            wanted = None if any(act.sha256 == sha256 for act in acts) else Status.DRAFTED
        if wanted:
            await stored_workflows.store(definition, clock.now(), connection)
            act = Act(name, len(acts) + 1, sha256, wanted, by, "Shipped with this release.", clock.now())
            await stored_acts.add(act, connection)

    await in_unit_of_work(work)


async def _suffices(definition: Definition, clock: Clock, connection: BaseDBAsyncClient) -> bool:
    """Whether every period gives what a definition needs; where nothing else can be read, there is no choice."""
    try:
        return not await unfit_periods(definition, clock, Workflows(), connection)
    except KeyError:
        return True
