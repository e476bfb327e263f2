"""Storage of sign-in attempts, codes, sessions and refresh tokens."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from uuid import UUID

from services.identity.people.columns import from_row, to_columns
from services.identity.sign_in import tables
from services.identity.sign_in.model import AppCode, Attempt, AuthorizationRequest, ProviderIdentity, Session
from services.kit.database import Connection
from services.kit.sql import load_statements

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def insert_attempt(
    state_hash: str, browser_hash: str, attempt: Attempt, expires_at: datetime, connection: Connection
) -> None:
    """Write an attempt."""
    columns = to_columns(attempt) | {"app": asdict(attempt.app) if attempt.app else None}
    await tables.SignInAttempt.create(
        **columns,
        state_hash=state_hash,
        browser_hash=browser_hash,
        expires_at=expires_at,
        using_db=connection,
    )


async def take_attempt(
    state_hash: str, browser_hash: str, now: datetime, connection: Connection
) -> Attempt | None:
    """Delete and return the attempt of a state and browser, or None. Of two concurrent calls one gets it."""
    rows = await _SQL["take_attempt"].fetch(
        connection, state_hash=state_hash, browser_hash=browser_hash, now=now
    )
    if not rows:
        return None
    row = rows[0]
    app = AuthorizationRequest(**json.loads(row["app"])) if row["app"] else None
    return Attempt(row["nonce"], row["code_verifier"], row["return_to"], app)


async def delete_expired_attempts(now: datetime, connection: Connection) -> None:
    """Delete expired attempts."""
    await tables.SignInAttempt.filter(expires_at__lte=now).using_db(connection).delete()


async def bind_provider_identity(
    account_id: UUID, identity: ProviderIdentity, at: datetime, connection: Connection
) -> str:
    """Store the provider's id of an account unless one is stored. Returns the stored id.

    Another provider (`issuer`) replaces the id, because ids of two providers cannot be compared.
    """
    rows = await _SQL["bind_provider_identity"].fetch(
        connection, account_id=account_id, issuer=identity.issuer, subject=identity.subject, at=at
    )
    return str(rows[0]["subject"])


async def delete_provider_identity(account_id: UUID, connection: Connection) -> int:
    """Delete the provider's id of an account. Returns the number of ids."""
    return await tables.ProviderIdentity.filter(account_id=account_id).using_db(connection).delete()


async def insert_code(code_hash: str, code: AppCode, connection: Connection) -> None:
    """Write a new code."""
    await tables.AppCode.create(code_hash=code_hash, **to_columns(code), using_db=connection)


async def lock_code(code_hash: str, connection: Connection) -> AppCode | None:
    """Return a code and lock its row until the transaction ends."""
    row = (
        await tables.AppCode.filter(code_hash=code_hash)
        .using_db(connection)
        .select_for_update()
        .get_or_none()
    )
    return from_row(row, AppCode) if row else None


async def mark_code_used(code_hash: str, session_id: UUID, connection: Connection) -> None:
    """Store the session for which a code was used."""
    await tables.AppCode.filter(code_hash=code_hash).using_db(connection).update(session_id=session_id)


async def delete_account_codes(account_id: UUID, connection: Connection) -> None:
    """Delete the codes of an account, used or not."""
    await tables.AppCode.filter(account_id=account_id).using_db(connection).delete()


async def delete_codes_before(instant: datetime, connection: Connection) -> None:
    """Delete the codes that were issued before an instant."""
    await tables.AppCode.filter(created_at__lt=instant).using_db(connection).delete()


async def insert_session(session: Session, cookie_hash: str | None, connection: Connection) -> None:
    """Write a new session. `cookie_hash` is None for an app."""
    await tables.Session.create(**to_columns(session), cookie_hash=cookie_hash, using_db=connection)


async def find_session_by_cookie(cookie_hash: str, connection: Connection) -> Session | None:
    """Return the session of a browser, ended or not, or None."""
    row = await tables.Session.get_or_none(cookie_hash=cookie_hash, using_db=connection)
    return from_row(row, Session) if row else None


async def find_session(session_id: UUID, connection: Connection) -> Session | None:
    """Return the session of an id, ended or not, or None."""
    row = await tables.Session.get_or_none(id=session_id, using_db=connection)
    return from_row(row, Session) if row else None


async def lock_session(session_id: UUID, connection: Connection) -> Session | None:
    """Return a session and lock its row until the transaction ends."""
    row = await tables.Session.filter(id=session_id).using_db(connection).select_for_update().get_or_none()
    return from_row(row, Session) if row else None


async def mark_session_used(session_id: UUID, at: datetime, connection: Connection) -> None:
    """Store the instant of the last use."""
    await tables.Session.filter(id=session_id).using_db(connection).update(used_at=at)


async def mark_token_used(
    session_id: UUID, token_hash: str, generation: int, at: datetime, connection: Connection
) -> None:
    """Store the refresh token that was used last, and when."""
    await (
        tables.Session.filter(id=session_id)
        .using_db(connection)
        .update(last_token_hash=token_hash, generation=generation, used_at=at)
    )


async def end_session(session_id: UUID, at: datetime, connection: Connection) -> int:
    """End a session. Returns the number of sessions that had not ended."""
    return (
        await tables.Session.filter(id=session_id, ended_at__isnull=True)
        .using_db(connection)
        .update(ended_at=at)
    )


async def end_account_sessions(account_id: UUID, at: datetime, connection: Connection) -> int:
    """End every session of an account. Returns the number of sessions that had not ended."""
    return (
        await tables.Session.filter(account_id=account_id, ended_at__isnull=True)
        .using_db(connection)
        .update(ended_at=at)
    )


async def delete_sessions_before(instant: datetime, account_id: UUID, connection: Connection) -> None:
    """Delete the sessions that an account opened before an instant, with their refresh tokens."""
    await _SQL["delete_sessions_before"].fetch(connection, account_id=account_id, instant=instant)


async def insert_refresh_token(
    token_hash: str, session_id: UUID, generation: int, connection: Connection
) -> None:
    """Write a refresh token of a session."""
    await tables.RefreshToken.create(
        token_hash=token_hash, session_id=session_id, generation=generation, using_db=connection
    )


async def find_refresh_token(token_hash: str, connection: Connection) -> tuple[UUID, int] | None:
    """Return the session and the generation of a refresh token, or None."""
    row = await tables.RefreshToken.get_or_none(token_hash=token_hash, using_db=connection)
    return (row.session_id, row.generation) if row else None


async def delete_refresh_tokens_before(generation: int, session_id: UUID, connection: Connection) -> None:
    """Delete the refresh tokens of a session before a generation."""
    await (
        tables.RefreshToken.filter(session_id=session_id, generation__lt=generation)
        .using_db(connection)
        .delete()
    )
