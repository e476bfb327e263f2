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

SHIPPED_REASON = "Shipped with this release."


async def store_shipped_workflow(clock: Clock, connection: Connection) -> None:
    """Check the definition of this release and store it as a version.

    It is published at once if there are no plans, no version is published and every period has the values that it
    needs. Otherwise it becomes a draft, which admins can compare, publish or leave.
    """
    definition = build_proved_workflow(load_shipped()).definition
    name, sha256 = definition.name, sha256_of(definition)
    has_plans = await period_store.has_plans(connection)
    if (
        choose_shipped_status(await versions_store.list_acts(name, connection), sha256, has_plans=has_plans)
        is None
    ):
        return

    async def store(connection: Connection) -> None:
        await change_requests_store.lock_subject(versions_store.format_subject(name), connection)
        acts = await versions_store.list_acts(name, connection)
        status = choose_shipped_status(acts, sha256, has_plans=await period_store.has_plans(connection))
        if status is VersionStatus.PUBLISHED and not await _fits_every_period(definition, clock, connection):
            status = None if any(act.sha256 == sha256 for act in acts) else VersionStatus.PROPOSED
        actor, reason, now = (
            AdminActor(ActorKind.RELEASE, f"rencana {version('rencana')}"),
            SHIPPED_REASON,
            clock.now(),
        )
        if status is VersionStatus.PROPOSED:
            await propose_version(definition, acts, Attribution(actor, reason, now), connection)
        elif status is VersionStatus.PUBLISHED:
            await versions_store.insert_version(definition, now, connection)
            act = AdminAct(
                versions_store.format_subject(name), status, actor, reason, now, {"sha256": sha256}
            )
            await change_requests_store.insert_admin_acts([act], connection)

    await run_in_transaction(store)


async def _fits_every_period(definition: Definition, clock: Clock, connection: Connection) -> bool:
    """Whether every period has the values that a definition needs. True if this release can read no other version."""
    try:
        return not await find_period_problems(WorkflowCache(), clock.now(), definition, connection)
    except KeyError:
        return True
