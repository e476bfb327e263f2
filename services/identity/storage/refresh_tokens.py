"""The refresh tokens of sessions in apps, by their hash."""

from __future__ import annotations

from uuid import UUID

from services.identity.storage import tables


async def add(token_hash: str, session_id: UUID, generation: int) -> None:
    """Write a token of a session."""
    await tables.RefreshToken.create(token_hash=token_hash, session_id=session_id, generation=generation)


async def find(token_hash: str) -> tuple[UUID, int] | None:
    """The session of a token, and the token's generation. One query."""
    row = await tables.RefreshToken.get_or_none(token_hash=token_hash)
    return (row.session_id, row.generation) if row else None


async def forget_before(generation: int, session_id: UUID) -> None:
    """Delete the session's tokens of older generations."""
    await tables.RefreshToken.filter(session_id=session_id, generation__lt=generation).delete()
