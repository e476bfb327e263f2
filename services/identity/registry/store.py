"""What schools show when they push."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from services.identity.registry import tables
from services.kit.database import Connection


async def insert_push_token(npsn: str, token_hash: str, at: datetime, connection: Connection) -> None:
    """Register a credential of a school."""
    await tables.PushCredential.create(
        id=uuid4(), npsn=npsn, token_hash=token_hash, created_at=at, using_db=connection
    )


async def revoke_push_tokens(npsn: str, at: datetime, connection: Connection) -> int:
    """Revoke every credential of a school; the number that were alive."""
    return (
        await tables.PushCredential.filter(npsn=npsn, revoked_at__isnull=True)
        .using_db(connection)
        .update(revoked_at=at)
    )


async def find_npsn(token_hash: str, connection: Connection) -> str | None:
    """The school that a live credential belongs to."""
    tokens = tables.PushCredential.filter(token_hash=token_hash, revoked_at__isnull=True).using_db(connection)
    npsns: list[str] = await tokens.values_list("npsn", flat=True)  # type: ignore[assignment]
    return npsns[0] if npsns else None
