"""The session of a browser: opened by a sign-in, good for tokens until it ends. Only the hash of its cookie is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from services.identity.domain.audit import Audited, AuditEvent
from services.identity.domain.secret import hash_of, new_secret
from services.identity.domain.session import APP, Session, is_alive
from services.identity.domain.token import Bearer
from services.identity.storage import accounts, app_codes, audit, sessions
from services.identity.usecases.sign_in import admit_again
from services.kit.problem import Problem, Refused
from services.kit.unit_of_work import in_unit_of_work


async def open_session(account_id: UUID, now: datetime) -> str:
    """The secret of a new session, which goes into the browser's cookie."""
    secret = new_secret()
    await sessions.forget_before(now - APP.whole, account_id)
    await sessions.add(Session(uuid4(), account_id, None, now, now), hash_of(secret))
    return secret


async def admit_session(secret: str, now: datetime) -> Bearer:
    """Who is signed in, if they may still enter; Refused without a living session, NotAdmitted as `admit`."""
    session = await sessions.of_cookie(hash_of(secret))
    if session is None or not is_alive(session, now):
        raise Refused(Problem("signin.no_session"))
    bearer = await admit_again(session.account_id, now)
    await sessions.used(session.id, now)
    return bearer


async def end_session(secret: str, now: datetime, request: str) -> None:
    """Sign out; nothing where nobody is signed in."""
    session = await sessions.of_cookie(hash_of(secret))
    if session and await sessions.end(session.id, now):
        await audit.record(AuditEvent(now, Audited.SIGN_OUT, account=session.account_id, request=request))


async def end_sessions_of(email: str, by: str, now: datetime) -> int:
    """End every session of the account at an address, in browsers and apps; how many. Refused where it is unknown."""
    account = await accounts.find(email.strip().lower())
    if account is None:
        raise Refused(Problem("grant.account_unknown"))

    async def work(_: object) -> int:
        await app_codes.forget_all_of(account.id)  # an app that is signing in has no session yet
        ended = await sessions.end_all_of(account.id, now)
        await audit.record(AuditEvent(now, Audited.SESSIONS_ENDED, account=account.id, by=by))
        return ended

    return await in_unit_of_work(work)
