"""Commands of signing in: begin, come back from the provider, keep and end a browser's session."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from services.identity.accounts import store as accounts_store
from services.identity.accounts.model import admission_problems
from services.identity.audit import store as audit_store
from services.identity.audit.model import Audited, AuditEvent
from services.identity.people import store as people_store
from services.identity.people.model import Account, induk_of
from services.identity.people.queries import day_at
from services.identity.sign_in import store
from services.identity.sign_in.model import APP, ATTEMPT_LIFE, Attempt, Session, is_alive
from services.identity.tokens.commands import IssuedToken, signed_token
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import Bearer
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.rate_limit import RateLimit
from services.kit.secret import generate_secret, hash_secret

if TYPE_CHECKING:
    from services.identity.sign_in.provider import Provider

log = logging.getLogger(__name__)


class NotAdmitted(RequestRefused):
    """Who may not enter, with every rule that failed; `account` where the address is known, for the audit."""

    def __init__(self, problems: Iterable[Problem], account: UUID | None) -> None:
        super().__init__(problems)
        self.account = account


async def admit(email: str, now: datetime, connection: Connection) -> Bearer:
    """Who may have a token, for a proven address in any case; NotAdmitted with every rule that failed."""
    return await _admitted(
        await people_store.find_account(email.strip().lower(), connection), now, connection
    )


async def admit_again(account_id: UUID, now: datetime, connection: Connection) -> Bearer:
    """Who may have another token, for an account that signed in before; NotAdmitted as `admit`."""
    return await _admitted(await people_store.get_account(account_id, connection), now, connection)


async def _admitted(account: Account | None, now: datetime, connection: Connection) -> Bearer:
    scopes = await accounts_store.load_scopes(account.id, connection) if account else frozenset()
    places = await _active_places(account, connection)
    npsn = (account.npsn if account else None) or induk_of(places)
    day = await day_at(npsn, now, connection)
    problems = admission_problems(account, is_active=bool(places), scopes=scopes, day=day)
    if problems or account is None:
        log.info("sign-in refused: %s", ", ".join(problem.code for problem in problems))
        raise NotAdmitted(problems, account.id if account else None)
    return Bearer(account.id, account.ptk_id, scopes)


async def issue_token(
    bearer: Bearer, keyring: Keyring, issuer: str, now: datetime, request: str | None, connection: Connection
) -> IssuedToken:
    """A token for one whom `admit` let in; `request` is the id by which the log knows the request."""
    token = await signed_token(bearer, keyring, issuer, now, connection)
    await audit_store.record(
        AuditEvent(
            now, Audited.TOKEN, account=bearer.account_id, scope=" ".join(sorted(bearer.scopes)),
            request=request,
        ), connection)  # fmt: skip
    log.info("token issued to account %s", bearer.account_id)
    return token


async def _active_places(account: Account | None, connection: Connection) -> people_store.Assignments:
    if account is None or account.ptk_id is None:
        return []
    rows = (await people_store.load_assignments([account.ptk_id], connection)).get(account.ptk_id, [])
    return [row for row in rows if row.left_at is None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider sent the browser back with: a code, or its reason why not."""

    code: str | None
    error: str | None
    issuer: str | None


async def begin(
    provider: Provider, attempt: Attempt, browser: str, now: datetime, connection: Connection
) -> str:
    """Keep the attempt of a browser; where the browser goes now. ProviderAway before anything is kept."""
    state = generate_secret()
    address = await provider.address_for(attempt, state)
    await store.delete_expired_attempts(now, connection)
    await store.insert_attempt(
        hash_secret(state), hash_secret(browser), attempt, now + ATTEMPT_LIFE, connection
    )
    return address


async def taken(state: str, browser: str, now: datetime, request: str, connection: Connection) -> Attempt:
    """The attempt that the provider answers, for this once; Refused where this browser has none such, or no longer."""
    attempt = await store.take_attempt(hash_secret(state), hash_secret(browser), now, connection)
    if attempt is None:
        await audit_store.record(
            AuditEvent(now, Audited.SIGN_IN, "signin.attempt", request=request), connection
        )
        raise RequestRefused(Problem("signin.attempt", path=("state",)))
    return attempt


async def let_in(
    provider: Provider,
    attempt: Attempt,
    answer: Answer,
    now: datetime,
    request: str,
    limit: RateLimit,
    connection: Connection,
) -> Bearer:
    """Whom the provider's answer proves, if they may enter; RequestRefused with the rule that failed, or ProviderAway.

    Either way it is an event of the audit; `request` is the id by which the log knows the request. Raises it over the
    `limit` of the person.
    """
    app = attempt.app.app if attempt.app else None
    try:
        bearer = await admit(await _proven(provider, attempt, answer), now, connection)
    except RequestRefused as refusal:
        account = refusal.account if isinstance(refusal, NotAdmitted) else None
        why = _why(refusal.problems[0])
        await audit_store.record(
            AuditEvent(now, Audited.SIGN_IN, why, account=account, by=app, request=request), connection
        )
        raise
    limit.hit(bearer.subject)
    await audit_store.record(
        AuditEvent(now, Audited.SIGN_IN, account=bearer.account_id, by=app, request=request), connection
    )
    return bearer


async def _proven(provider: Provider, attempt: Attempt, answer: Answer) -> str:
    if answer.issuer not in (None, provider.issuer):  # RFC 9207
        raise RequestRefused(Problem("signin.id_token", {"rule": "iss"}))
    if answer.error or not answer.code:
        raise RequestRefused(
            Problem("signin.cancelled" if answer.error == "access_denied" else "signin.code")
        )
    return await provider.proven_address(answer.code, attempt)


def _why(problem: Problem) -> str:
    return " ".join([problem.code, *(str(rule) for name, rule in problem.params.items() if name == "rule")])


async def open_session(account_id: UUID, now: datetime, connection: Connection) -> str:
    """The secret of a new session, which goes into the browser's cookie."""
    secret = generate_secret()
    await store.delete_sessions_before(now - APP.whole, account_id, connection)
    await store.insert_session(Session(uuid4(), account_id, None, now, now), hash_secret(secret), connection)
    return secret


async def admit_session(secret: str, now: datetime, connection: Connection) -> Bearer:
    """Who is signed in, if they may still enter; RequestRefused without a living session, NotAdmitted as `admit`."""
    session = await store.find_session_by_cookie(hash_secret(secret), connection)
    if session is None or not is_alive(session, now):
        raise RequestRefused(Problem("signin.no_session"))
    bearer = await admit_again(session.account_id, now, connection)
    await store.mark_session_used(session.id, now, connection)
    return bearer


async def end_session(secret: str, now: datetime, request: str, connection: Connection) -> None:
    """Sign out; nothing where nobody is signed in."""
    session = await store.find_session_by_cookie(hash_secret(secret), connection)
    if session and await store.end_session(session.id, now, connection):
        await audit_store.record(
            AuditEvent(now, Audited.SIGN_OUT, account=session.account_id, request=request), connection
        )


async def end_sessions_of(email: str, by: str, now: datetime) -> int:
    """End every session of the account at an address, in browsers and apps; how many. Refused where it is unknown."""

    async def work(connection: Connection) -> int:
        account = await people_store.find_account(email.strip().lower(), connection)
        if account is None:
            raise RequestRefused(Problem("grant.account_unknown"))
        await store.delete_codes_of(account.id, connection)  # an app that is signing in has no session yet
        ended = await store.end_sessions_of(account.id, now, connection)
        await audit_store.record(
            AuditEvent(now, Audited.SESSIONS_ENDED, account=account.id, by=by), connection
        )
        return ended

    return await run_in_transaction(work)
