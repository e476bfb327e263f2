"""The session of a browser: opened by a sign-in, good for tokens until it ends. Only the hash of its cookie is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from services.identity.domain.secret import hash_of, new_secret
from services.identity.domain.session import Session, is_alive
from services.identity.domain.token import Bearer
from services.identity.storage import accounts, sessions
from services.identity.usecases.sign_in import admit_again
from services.kit.problem import Problem, Refused


async def open_session(account_id: UUID, now: datetime) -> str:
    """The secret of a new session, which goes into the browser's cookie."""
    secret = new_secret()
    await sessions.add(Session(uuid4(), account_id, None, now, now), hash_of(secret))
    return secret


async def admit_session(secret: str, now: datetime) -> Bearer:
    """Who is signed in, if they may still enter; Refused without a living session, or as `admit`."""
    session = await sessions.of_cookie(hash_of(secret))
    if session is None or not is_alive(session, now):
        raise Refused(Problem("signin.no_session"))
    bearer = await admit_again(session.account_id, now)
    await sessions.used(session.id, now)
    return bearer


async def end_session(secret: str, now: datetime) -> bool:
    """Sign out; False where there was nothing to end."""
    session = await sessions.of_cookie(hash_of(secret))
    return session is not None and bool(await sessions.end(session.id, now))


async def end_sessions_of(email: str, now: datetime) -> int:
    """End every session of the account at an address, in browsers and apps; how many. Refused where it is unknown."""
    account = await accounts.find(email.strip().lower())
    if account is None:
        raise Refused(Problem("grant.account_unknown"))
    return await sessions.end_all_of(account.id, now)
