"""Sessions of accounts, in browsers and in apps. They are ended, and forgotten when the last could have lived."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.connection import get_connection

from services.identity.domain.session import Session
from services.identity.storage import tables
from services.identity.storage.rows import facts_of

_FORGET = """
WITH old AS (DELETE FROM sessions WHERE account_id = $1 AND created_at < $2 RETURNING id)
DELETE FROM refresh_tokens WHERE session_id IN (SELECT id FROM old)
"""


async def add(session: Session, cookie_hash: str | None = None) -> None:
    """Write a new session; `cookie_hash` where it is a browser's."""
    await tables.Session.create(
        id=session.id,
        account_id=session.account_id,
        app=session.app,
        cookie_hash=cookie_hash,
        created_at=session.created_at,
        used_at=session.used_at,
    )


async def of_cookie(cookie_hash: str) -> Session | None:
    """The browser's session, ended or not. One query."""
    row = await tables.Session.get_or_none(cookie_hash=cookie_hash)
    return facts_of(row, Session) if row else None


async def of_id(session_id: UUID) -> Session | None:
    """The session of this id, ended or not. One query."""
    row = await tables.Session.get_or_none(id=session_id)
    return facts_of(row, Session) if row else None


async def held(session_id: UUID) -> Session | None:
    """The session, which nobody else changes until this transaction ends. One query."""
    row = await tables.Session.filter(id=session_id).select_for_update().get_or_none()
    return facts_of(row, Session) if row else None


async def used(session_id: UUID, at: datetime) -> None:
    """Note that it was used."""
    await tables.Session.filter(id=session_id).update(used_at=at)


async def shown(session_id: UUID, token_hash: str, generation: int, at: datetime) -> None:
    """Note which refresh token was shown last, and when."""
    await tables.Session.filter(id=session_id).update(shown=token_hash, generation=generation, used_at=at)


async def end(session_id: UUID, at: datetime) -> int:
    """End a session; the number that were alive."""
    return await tables.Session.filter(id=session_id, ended_at__isnull=True).update(ended_at=at)


async def end_all_of(account_id: UUID, at: datetime) -> int:
    """End every session of an account; the number that were alive."""
    return await tables.Session.filter(account_id=account_id, ended_at__isnull=True).update(ended_at=at)


async def forget_before(instant: datetime, account_id: UUID) -> None:
    """Delete the account's sessions of before, with their tokens. One statement."""
    await get_connection("default").execute_query(_FORGET, [account_id, instant])
