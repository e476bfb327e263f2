"""What schools show when they push."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from services.identity.registry import tables
from services.kit.database import Connection


async def add(npsn: str, token_hash: str, at: datetime, connection: Connection) -> None:
    """Register a credential of a school."""
    await tables.PushCredential.create(
        id=uuid4(), npsn=npsn, token_hash=token_hash, created_at=at, using_db=connection
    )


async def revoke(npsn: str, at: datetime, connection: Connection) -> int:
    """Revoke every credential of a school; the number that were alive."""
    return (
        await tables.PushCredential.filter(npsn=npsn, revoked_at__isnull=True)
        .using_db(connection)
        .update(revoked_at=at)
    )


async def npsn_of(token_hash: str, connection: Connection) -> str | None:
    """The school that a live credential belongs to."""
    valid = tables.PushCredential.filter(token_hash=token_hash, revoked_at__isnull=True).using_db(connection)
    found: list[str] = await valid.values_list("npsn", flat=True)  # type: ignore[assignment]
    return found[0] if found else None
