"""Importing a catalogue, a period, the shipped workflow: data of a period, never code."""

from __future__ import annotations

from importlib.metadata import version

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.clock import Clock
from services.kit.problem import Problem, Refused
from services.kit.unit_of_work import in_unit_of_work
from services.planning.domain import catalog_file, period_file
from services.planning.domain.admin import By, Kind
from services.planning.domain.period import Period
from services.planning.domain.workflow_version import Act, shipped_act
from services.planning.storage import catalog as catalogs
from services.planning.storage import period as periods
from services.planning.storage import period_revision as proposals
from services.planning.storage import workflow as stored_workflows
from services.planning.storage import workflow_act as stored_acts
from services.planning.storage.workflow import Workflows
from services.planning.usecases.declared import declared_in_file
from workflows import build, load, shipped
from workflows import sha256 as sha256_of


async def import_catalog(raw: bytes, clock: Clock) -> tuple[str, bool]:
    """Keep a catalogue; periods that name its code use it at once. Its SHA-256 and whether it is new."""
    return await catalogs.store(catalog_file.load(raw), clock.now())


async def import_period(raw: bytes) -> Period:
    """Add a period or the revisions it lacks; Refused where it would rewrite, or names what is not there."""
    file, workflow = period_file.read(raw), load(shipped()).name
    if file.workflow != workflow:
        raise Refused(Problem("period.workflow_unknown", {"workflow": file.workflow}, ("workflow",)))

    async def check_and_store(connection: BaseDBAsyncClient) -> Period:
        await stored_acts.lock(workflow, connection)  # no version is published in between
        await periods.lock(file.code, connection)
        workflows = Workflows()
        stored = await periods.load(file.code, workflows)
        names = {name for row in file.revisions for name in row.values}
        declared = await declared_in_file(workflow, names, workflows)
        period = period_file.typed(file, declared, stored.period if stored else None)
        if await catalogs.newest(period.catalog) is None:
            raise Refused(Problem("period.catalog_unknown", {"catalog": period.catalog}, ("catalog",)))
        made_here = await proposals.made_here(period.code)
        if stored and (problems := period_file.rewritten(stored.period, period, made_here)):
            raise Refused(problems)
        await periods.store(period, connection)
        return period

    return await in_unit_of_work(check_and_store)


async def keep_shipped_workflow(clock: Clock) -> None:
    """Prove this release's definition and keep it, so that plans started with it live on under later releases.

    It is published by itself for as long as nobody has published a version: after that it is a draft like another,
    which admins compare and publish, or leave.
    """
    definition = build(load(shipped())).definition
    name, sha256 = definition.name, sha256_of(definition)
    if shipped_act(await stored_acts.acts_of(name), sha256) is None:
        return
    by = By(Kind.RELEASE, f"rencana {version('rencana')}")

    async def work(connection: BaseDBAsyncClient) -> None:
        await stored_acts.lock(name, connection)
        acts = await stored_acts.acts_of(name, connection)
        if wanted := shipped_act(acts, sha256):
            await stored_workflows.store(definition, clock.now(), connection)
            act = Act(name, len(acts) + 1, sha256, wanted, by, "Shipped with this release.", clock.now())
            await stored_acts.add(act, connection)

    await in_unit_of_work(work)
