"""The session of an app: a code becomes its first tokens, and each refresh token the next ones.

Both decisions hold the session's row, so that of two requests with one token the second sees what the first did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from services.identity.audit import store as audit_store
from services.identity.audit.model import Audited, AuditEvent
from services.identity.sign_in import store
from services.identity.sign_in.apps import answers
from services.identity.sign_in.commands import admit_again
from services.identity.sign_in.model import (
    APP,
    CODE_LIFE,
    REMEMBERED,
    REMEMBERED_GENERATIONS,
    AppCode,
    AppRequest,
    Session,
    Use,
    is_alive,
    use_of,
)
from services.identity.tokens.model import Bearer
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.rate_limit import RateLimit
from services.kit.secret import generate_secret, hash_secret


@dataclass(frozen=True, slots=True)
class Entered:
    """Who has an access token coming, and the refresh token for the next one."""

    bearer: Bearer
    refresh_token: str


async def issue_code(account_id: UUID, request: AppRequest, now: datetime, connection: Connection) -> str:
    """A code for the app that asked, shown to it once through the browser."""
    code = generate_secret()
    await store.delete_codes_before(now - REMEMBERED, connection)
    kept = AppCode(account_id, request.app, request.redirect_uri, request.code_challenge, now)
    await store.insert_code(hash_secret(code), kept, connection)
    return code


async def use_code(
    code: str, app: str, redirect_uri: str, verifier: str, now: datetime, request: str, limit: RateLimit
) -> Entered:
    """The first tokens for a code; RequestRefused unless it is this app's own, young and unused, or as `admit`.

    RateLimitExceeded over the `limit` of the person, who may show the same code again.

    Whoever shows a used code has a copy: what it was used for ends (RFC 6749, section 4.1.2).
    """

    async def work(connection: Connection) -> Entered | None:
        kept = await store.lock_code(hash_secret(code), connection)
        if kept is None or (kept.app, kept.redirect_uri) != (app, redirect_uri):
            return None
        if kept.session_id:
            await _end_copied(
                kept.session_id, kept.account_id, Audited.CODE_REUSED, app, now, request, connection
            )
            return None
        if now >= kept.created_at + CODE_LIFE or not answers(verifier, kept.code_challenge):
            return None
        session = Session(uuid4(), kept.account_id, app, now, now)
        bearer = await admit_again(kept.account_id, now, connection)
        limit.hit(bearer.subject)
        await store.delete_sessions_before(now - APP.whole, kept.account_id, connection)
        await store.insert_session(session, None, connection)
        await store.mark_code_used(hash_secret(code), session.id, connection)
        return Entered(bearer, await _successor(session, 0, connection))

    return _unless_none(await run_in_transaction(work), "signin.app_code")


async def use_refresh_token(token: str, app: str, now: datetime, request: str, limit: RateLimit) -> Entered:
    """The next tokens for a refresh token; RequestRefused where it opens nothing.

    RequestRefused as `admit`, or RateLimitExceeded over the `limit` of the person: then it stays as it was.

    A token that was left behind ends its session (sign_in/model.py).
    """

    async def work(connection: Connection) -> Entered | None:
        token_hash = hash_secret(token)
        session_id, generation = await store.find_refresh_token(token_hash, connection) or (None, 0)
        session = await store.lock_session(session_id, connection) if session_id else None
        if session is None or session.app != app or not is_alive(session, now):
            return None
        if use_of(token_hash, generation, session) is Use.REUSE:
            await _end_copied(
                session.id, session.account_id, Audited.REFRESH_REUSED, app, now, request, connection
            )
            return None
        bearer = await admit_again(session.account_id, now, connection)
        limit.hit(bearer.subject)
        await store.mark_token_shown(session.id, token_hash, generation, now, connection)
        await store.delete_refresh_tokens_before(generation - REMEMBERED_GENERATIONS, session.id, connection)
        return Entered(bearer, await _successor(session, generation, connection))

    return _unless_none(await run_in_transaction(work), "signin.refresh_token")


async def end_app_session(token: str, app: str, now: datetime, request: str, connection: Connection) -> None:
    """Sign out the app whose refresh token this is, used or not; nothing where it is none of its (RFC 7009)."""
    found = await store.find_refresh_token(hash_secret(token), connection)
    session = await store.find_session(found[0], connection) if found else None
    if session and session.app == app and await store.end_session(session.id, now, connection):
        event = AuditEvent(now, Audited.SIGN_OUT, account=session.account_id, by=app, request=request)
        await audit_store.record(event, connection)


async def _end_copied(
    session_id: UUID,
    account_id: UUID,
    what: Audited,
    app: str,
    now: datetime,
    request: str,
    connection: Connection,
) -> None:
    await store.end_session(session_id, now, connection)
    event = AuditEvent(now, what, "session.ended", account=account_id, by=app, request=request)
    await audit_store.record(event, connection)


async def _successor(session: Session, generation: int, connection: Connection) -> str:
    secret = generate_secret()
    await store.insert_refresh_token(hash_secret(secret), session.id, generation + 1, connection)
    return secret


def _unless_none(entered: Entered | None, code: str) -> Entered:
    if entered is None:
        raise RequestRefused(Problem(code))
    return entered
