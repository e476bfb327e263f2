"""The audit: only ever added to."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.identity.audit import tables
from services.identity.audit.model import Audited, AuditEvent
from services.identity.people.columns import columns_of, facts_of
from services.kit.database import Connection


async def record(event: AuditEvent, connection: Connection) -> None:
    """Add an event; in a unit of work it stands or falls with what it tells of. One statement."""
    await tables.Audit.create(**columns_of(event), using_db=connection)


async def latest(
    limit: int, client: UUID | None, account: UUID | None, connection: Connection
) -> list[AuditEvent]:
    """The last events, of everybody or about one, the oldest of them first. One query."""
    about = {name: id for name, id in (("client", client), ("account", account)) if id}
    rows = await tables.Audit.filter(**about).using_db(connection).order_by("-seq").limit(limit)
    return [
        replace(event, what=Audited(event.what))
        for event in (facts_of(row, AuditEvent) for row in reversed(rows))
    ]
