"""Storage of the hashes of push tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from services.identity.registry import tables
from services.kit.database import Connection


async def insert_push_token(npsn: str, token_hash: str, at: datetime, connection: Connection) -> None:
    """Write a push token of a school."""
    await tables.PushCredential.create(
        id=uuid4(), npsn=npsn, token_hash=token_hash, created_at=at, using_db=connection
    )


async def revoke_push_tokens(npsn: str, at: datetime, connection: Connection) -> int:
    """Revoke every push token of a school. Returns the number of tokens that were valid."""
    return (
        await tables.PushCredential.filter(npsn=npsn, revoked_at__isnull=True)
        .using_db(connection)
        .update(revoked_at=at)
    )


async def find_npsn(token_hash: str, connection: Connection) -> str | None:
    """Return the NPSN of a valid push token, or None."""
    tokens = tables.PushCredential.filter(token_hash=token_hash, revoked_at__isnull=True).using_db(connection)
    npsns: list[str] = await tokens.values_list("npsn", flat=True)  # type: ignore[assignment]
    return npsns[0] if npsns else None
