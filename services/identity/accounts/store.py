"""Storage of the platform scopes of accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from services.identity.accounts import tables
from services.identity.accounts.model import Grant
from services.identity.people import tables as people_tables
from services.kit.database import Connection


async def load_scopes(account_id: UUID, connection: Connection) -> frozenset[str]:
    """Load the platform scopes of an account."""
    grants = tables.Grant.filter(account_id=account_id, revoked_at__isnull=True).using_db(connection)
    return frozenset(await grants.values_list("scope", flat=True))  # type: ignore[arg-type]


async def has_admin(connection: Connection) -> bool:
    """Return whether an account ever had the scope `admin`.

    Revoked grants count: revoking the last admin must not switch the rule of two persons off.
    """
    return await tables.Grant.filter(scope="admin").using_db(connection).exists()


async def insert_grant(account_id: UUID, scope: str, by: str, at: datetime, connection: Connection) -> None:
    """Write a grant."""
    await tables.Grant.create(
        id=uuid4(), account_id=account_id, scope=scope, granted_at=at, granted_by=by, using_db=connection
    )


async def revoke_grant(account_id: UUID, scope: str, at: datetime, connection: Connection) -> int:
    """Revoke a scope of an account. Returns the number of grants that were valid."""
    grants = tables.Grant.filter(account_id=account_id, scope=scope, revoked_at__isnull=True).using_db(
        connection
    )
    return await grants.update(revoked_at=at)


async def load_grants(connection: Connection) -> list[Grant]:
    """Load every grant, revoked ones included, oldest first."""
    rows = await tables.Grant.all(connection).order_by("granted_at", "id")
    pairs = (
        await people_tables.Account.filter(id__in={row.account_id for row in rows})
        .using_db(connection)
        .values_list("id", "email")
    )
    emails: dict[UUID, str] = dict(pairs)
    return [
        Grant(
            row.account_id, emails[row.account_id], row.scope, row.granted_at, row.granted_by, row.revoked_at
        )
        for row in rows
    ]
