"""The audit: only ever added to."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.identity.audit import tables
from services.identity.audit.model import AuditEvent, AuditKind
from services.identity.people.columns import from_row, to_columns
from services.kit.database import Connection


async def insert_event(event: AuditEvent, connection: Connection) -> None:
    """Add an event; in a unit of work it stands or falls with what it tells of. One statement."""
    await tables.Audit.create(**to_columns(event), using_db=connection)


async def load_latest(
    limit: int, client_id: UUID | None, account_id: UUID | None, connection: Connection
) -> list[AuditEvent]:
    """The last events, of everybody or about one, the oldest of them first. One query."""
    filters = {name: id for name, id in (("client_id", client_id), ("account_id", account_id)) if id}
    rows = await tables.Audit.filter(**filters).using_db(connection).order_by("-seq").limit(limit)
    return [
        replace(event, kind=AuditKind(event.kind))
        for event in (from_row(row, AuditEvent) for row in reversed(rows))
    ]
