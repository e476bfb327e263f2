"""Sessions of apps: exchange of an authorization code for the first tokens, and of refresh tokens for the next.

Both lock the row of the code or session, so that of two requests with one token the second sees the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from services.identity.audit import store as audit_store
from services.identity.audit.model import AuditEvent, AuditKind
from services.identity.sign_in import store
from services.identity.sign_in.apps import matches_challenge
from services.identity.sign_in.commands import readmit
from services.identity.sign_in.model import (
    APP_LIFETIME,
    KEPT_TOKEN_GENERATIONS,
    USED_CODE_RETENTION,
    AppCode,
    AuthorizationRequest,
    RefreshUse,
    Session,
    classify_refresh,
    is_session_valid,
)
from services.identity.tokens.model import AccountSubject
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.rate_limit import RateLimit
from services.kit.secret import generate_secret, hash_secret


@dataclass(frozen=True, slots=True)
class AppGrant:
    """The subject of the next access token, and the next refresh token."""

    subject: AccountSubject
    refresh_token: str


async def issue_code(
    account_id: UUID, request: AuthorizationRequest, now: datetime, connection: Connection
) -> str:
    """Issue the code of an authorization request."""
    code = generate_secret()
    await store.delete_codes_before(now - USED_CODE_RETENTION, connection)
    app_code = AppCode(account_id, request.app, request.redirect_uri, request.code_challenge, now)
    await store.insert_code(hash_secret(code), app_code, connection)
    return code


async def exchange_code(
    code: str, app: str, redirect_uri: str, verifier: str, now: datetime, request_id: str, limit: RateLimit
) -> AppGrant:
    """Exchange a code for the first tokens of a session.

    Raises RequestRefused `signin.app_code` for a code that is unknown, expired, used or of another app,
    AdmissionRefused, or RateLimitExceeded for the person, who may then retry with the same code. The second use of a
    code ends its session (RFC 6749, section 4.1.2).
    """

    async def work(connection: Connection) -> AppGrant | None:
        app_code = await store.lock_code(hash_secret(code), connection)
        if app_code is None or (app_code.app, app_code.redirect_uri) != (app, redirect_uri):
            return None
        if app_code.session_id:
            event = AuditEvent(
                now, AuditKind.CODE_REUSED, account_id=app_code.account_id, actor=app, request_id=request_id
            )
            await _end_reused_session(app_code.session_id, event, connection)
            return None
        if app_code.is_expired(now) or not matches_challenge(verifier, app_code.code_challenge):
            return None
        session = Session(uuid4(), app_code.account_id, app, now, now)
        subject = await readmit(session, now, connection)
        limit.hit(subject.subject)
        await store.delete_sessions_before(now - APP_LIFETIME.total, app_code.account_id, connection)
        await store.insert_session(session, None, connection)
        await store.mark_code_used(hash_secret(code), session.id, connection)
        return AppGrant(subject, await _issue_refresh_token(session, 0, connection))

    return _require_grant(await run_in_transaction(work), "signin.app_code")


async def exchange_refresh_token(
    token: str, app: str, now: datetime, request_id: str, limit: RateLimit
) -> AppGrant:
    """Exchange a refresh token for the next tokens. The reuse of an older token ends its session.

    Raises RequestRefused `signin.refresh_token`, AdmissionRefused, or RateLimitExceeded for the person. The last two
    leave the token valid.
    """

    async def work(connection: Connection) -> AppGrant | None:
        token_hash = hash_secret(token)
        session_id, generation = await store.find_refresh_token(token_hash, connection) or (None, 0)
        session = await store.lock_session(session_id, connection) if session_id else None
        if session is None or session.app != app or not is_session_valid(session, now):
            return None
        if classify_refresh(token_hash, generation, session) is RefreshUse.REUSE:
            event = AuditEvent(
                now, AuditKind.REFRESH_REUSED, account_id=session.account_id, actor=app, request_id=request_id
            )
            await _end_reused_session(session.id, event, connection)
            return None
        subject = await readmit(session, now, connection)
        limit.hit(subject.subject)
        await store.mark_token_used(session.id, token_hash, generation, now, connection)
        await store.delete_refresh_tokens_before(generation - KEPT_TOKEN_GENERATIONS, session.id, connection)
        return AppGrant(subject, await _issue_refresh_token(session, generation, connection))

    return _require_grant(await run_in_transaction(work), "signin.refresh_token")


async def end_app_session(
    token: str, app: str, now: datetime, request_id: str, connection: Connection
) -> None:
    """End the session of a refresh token of this app, used or not. Another token ends nothing (RFC 7009)."""
    session_id, _ = await store.find_refresh_token(hash_secret(token), connection) or (None, 0)
    session = await store.find_session(session_id, connection) if session_id else None
    if session and session.app == app and await store.end_session(session.id, now, connection):
        event = AuditEvent(
            now, AuditKind.SIGN_OUT, account_id=session.account_id, actor=app, request_id=request_id
        )
        await audit_store.insert_event(event, connection)


async def _end_reused_session(session_id: UUID, event: AuditEvent, connection: Connection) -> None:
    await store.end_session(session_id, event.at, connection)
    await audit_store.insert_event(replace(event, outcome="session.ended"), connection)


async def _issue_refresh_token(session: Session, generation: int, connection: Connection) -> str:
    secret = generate_secret()
    await store.insert_refresh_token(hash_secret(secret), session.id, generation + 1, connection)
    return secret


def _require_grant(grant: AppGrant | None, code: str) -> AppGrant:
    if grant is None:
        raise RequestRefused(Problem(code))
    return grant
