"""Storage of the audit log. Events are only added."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.identity.audit import tables
from services.identity.audit.model import AuditEvent, AuditKind
from services.identity.people.columns import from_row, to_columns
from services.kit.database import Connection


async def insert_event(event: AuditEvent, connection: Connection) -> None:
    """Add an event, in the transaction of the act that it records."""
    await tables.Audit.create(**to_columns(event), using_db=connection)


async def load_latest(
    limit: int, client_id: UUID | None, account_id: UUID | None, connection: Connection
) -> list[AuditEvent]:
    """Return the last events, of all or about a client or account, oldest first."""
    filters = {name: id for name, id in (("client_id", client_id), ("account_id", account_id)) if id}
    rows = await tables.Audit.filter(**filters).using_db(connection).order_by("-seq").limit(limit)
    return [
        replace(event, kind=AuditKind(event.kind))
        for event in (from_row(row, AuditEvent) for row in reversed(rows))
    ]
