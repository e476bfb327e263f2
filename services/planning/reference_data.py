"""The definition of the workflow that a release ships."""

from __future__ import annotations

from importlib.metadata import version

from services.kit.clock import Clock
from services.kit.database import Connection, run_in_transaction
from services.planning.callers.model import ActorKind, AdminActor
from services.planning.change_requests import store as change_requests_store
from services.planning.change_requests.model import AdminAct, Attribution
from services.planning.period import store as period_store
from services.planning.period.queries import find_period_problems
from services.planning.versions import store as versions_store
from services.planning.versions.commands import propose_version
from services.planning.versions.model import VersionStatus, choose_shipped_status
from services.planning.versions.store import WorkflowCache
from workflows.files.loader import load_shipped
from workflows.lint.check import build_proved_workflow
from workflows.model.canonical import hash_definition as sha256_of
from workflows.model.definition import Definition

SHIPPED = "Shipped with this release."


async def keep_shipped_workflow(clock: Clock, connection: Connection) -> None:
    """Prove this release's definition and keep it, so that plans started with it live on under later releases.

    It is published by itself before there are plans, if nobody has published a version and every period gives the
    values that it needs. Else it is a draft like another, which admins compare and publish, or leave.
    """
    definition = build_proved_workflow(load_shipped()).definition
    name, sha256 = definition.name, sha256_of(definition)
    has_plans = await period_store.has_plans(connection)
    if (
        choose_shipped_status(await versions_store.list_acts(name, connection), sha256, has_plans=has_plans)
        is None
    ):
        return

    async def work(connection: Connection) -> None:
        await change_requests_store.lock_subject(versions_store.format_subject(name), connection)
        acts = await versions_store.list_acts(name, connection)
        wanted = choose_shipped_status(acts, sha256, has_plans=await period_store.has_plans(connection))
        if wanted is VersionStatus.PUBLISHED and not await _suffices(definition, clock, connection):
            wanted = None if any(act.sha256 == sha256 for act in acts) else VersionStatus.DRAFTED
        by, reason, now = AdminActor(ActorKind.RELEASE, f"rencana {version('rencana')}"), SHIPPED, clock.now()
        if wanted is VersionStatus.DRAFTED:
            await propose_version(definition, acts, Attribution(by, reason, now), connection)
        elif wanted is VersionStatus.PUBLISHED:
            await versions_store.insert_version(definition, now, connection)
            act = AdminAct(versions_store.format_subject(name), wanted, by, reason, now, {"sha256": sha256})
            await change_requests_store.insert_admin_acts([act], connection)

    await run_in_transaction(work)


async def _suffices(definition: Definition, clock: Clock, connection: Connection) -> bool:
    """Whether every period gives what a definition needs; where nothing else can be read, there is no choice."""
    try:
        return not await find_period_problems(WorkflowCache(), clock.now(), definition, connection)
    except KeyError:
        return True
