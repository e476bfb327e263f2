"""Sign-in commands: admission, the round trip to the provider, and sessions in browsers."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from services.identity.accounts import store as accounts_store
from services.identity.accounts.model import find_admission_problems
from services.identity.audit import store as audit_store
from services.identity.audit.model import AuditEvent, AuditKind
from services.identity.people import store as people_store
from services.identity.people.model import Account, find_induk
from services.identity.people.queries import find_local_day
from services.identity.sign_in import store
from services.identity.sign_in.model import (
    APP_LIFETIME,
    ATTEMPT_LIFETIME,
    Attempt,
    ProviderIdentity,
    Session,
    has_platform_scopes,
    is_session_valid,
)
from services.identity.tokens.commands import IssuedToken, sign_access_token
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import AccountSubject
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.rate_limit import RateLimit
from services.kit.secret import generate_secret, hash_secret

if TYPE_CHECKING:
    from services.identity.sign_in.provider import Provider

log = logging.getLogger(__name__)


class AdmissionRefused(RequestRefused):
    """The account may not sign in. `account_id` is None for an unknown address."""

    def __init__(self, problems: Iterable[Problem], account_id: UUID | None) -> None:
        super().__init__(problems)
        self.account_id = account_id


async def admit(email: str, now: datetime, connection: Connection) -> AccountSubject:
    """Admit the account of a verified address, in any case. Raises AdmissionRefused with every reason."""
    return await _check_admission(
        await people_store.find_account_by_email(email.strip().lower(), connection), now, connection
    )


async def readmit(session: Session, now: datetime, connection: Connection) -> AccountSubject:
    """Admit the account of a session. Raises AdmissionRefused with every reason."""
    account = await people_store.find_account(session.account_id, connection)
    subject = await _check_admission(account, now, connection)
    scopes = subject.scopes if has_platform_scopes(session, now) else frozenset()
    return replace(subject, scopes=scopes, session_id=session.id, signed_in_at=session.created_at)


async def _check_admission(account: Account | None, now: datetime, connection: Connection) -> AccountSubject:
    scopes = await accounts_store.load_scopes(account.id, connection) if account else frozenset()
    ptk_ids = [account.ptk_id] if account and account.ptk_id else []
    by_person = await people_store.load_assignments(ptk_ids, connection) if ptk_ids else {}
    assignments = [row for rows in by_person.values() for row in rows if row.left_at is None]
    npsn = (account.npsn if account else None) or find_induk(assignments)
    day = await find_local_day(npsn, now, connection)
    problems = find_admission_problems(account, is_active=bool(assignments), scopes=scopes, day=day)
    if problems or account is None:
        log.info("sign-in refused: %s", ", ".join(problem.code for problem in problems))
        raise AdmissionRefused(problems, account.id if account else None)
    return AccountSubject(account.id, account.ptk_id, scopes)


async def issue_token(
    subject: AccountSubject,
    keyring: Keyring,
    issuer: str,
    now: datetime,
    request_id: str | None,
    connection: Connection,
) -> IssuedToken:
    """Issue an access token for an admitted account and write the audit event."""
    token = await sign_access_token(subject, keyring, issuer, now, connection)
    scope, account_id = " ".join(sorted(subject.scopes)), subject.account_id
    event = AuditEvent(now, AuditKind.TOKEN, account_id=account_id, scope=scope, request_id=request_id)
    await audit_store.insert_event(event, connection)
    log.info("token issued to account %s", subject.account_id)
    return token


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """The parameters with which the provider redirects the browser back."""

    code: str | None
    error: str | None
    issuer: str | None


async def begin_sign_in(
    provider: Provider, attempt: Attempt, browser: str, now: datetime, connection: Connection
) -> str:
    """Store the attempt of a browser and return the provider's URL. Raises ProviderUnavailable."""
    state = generate_secret()
    url = await provider.build_authorization_url(attempt, state)
    await store.delete_expired_attempts(now, connection)
    expires_at = now + ATTEMPT_LIFETIME
    await store.insert_attempt(hash_secret(state), hash_secret(browser), attempt, expires_at, connection)
    return url


async def take_attempt(
    state: str, browser: str, now: datetime, request_id: str, connection: Connection
) -> Attempt:
    """Take an attempt of this browser, once. Raises RequestRefused `signin.attempt`."""
    attempt = await store.take_attempt(hash_secret(state), hash_secret(browser), now, connection)
    if attempt is None:
        event = AuditEvent(now, AuditKind.SIGN_IN, "signin.attempt", request_id=request_id)
        await audit_store.insert_event(event, connection)
        raise RequestRefused(Problem("signin.attempt", path=("state",)))
    return attempt


async def complete_sign_in(
    provider: Provider,
    attempt: Attempt,
    response: AuthorizationResponse,
    now: datetime,
    request_id: str,
    limit: RateLimit,
    connection: Connection,
) -> AccountSubject:
    """Verify the provider's response and admit the account. Writes the audit event of success or refusal.

    Raises RequestRefused with the rule that failed, ProviderUnavailable, or RateLimitExceeded for the person.
    """
    app = attempt.app.app if attempt.app else None
    event = AuditEvent(now, AuditKind.SIGN_IN, actor=app, request_id=request_id)
    try:
        identity = await _verify_identity(provider, attempt, response)
        subject = await admit(identity.email, now, connection)
        await _check_provider_identity(identity, subject.account_id, now, connection)
    except RequestRefused as refusal:
        account_id = refusal.account_id if isinstance(refusal, AdmissionRefused) else None
        event = replace(event, outcome=_format_outcome(refusal.problems[0]), account_id=account_id)
        await audit_store.insert_event(event, connection)
        raise
    limit.hit(subject.subject)
    await audit_store.insert_event(replace(event, account_id=subject.account_id), connection)
    return subject


async def _verify_identity(
    provider: Provider, attempt: Attempt, response: AuthorizationResponse
) -> ProviderIdentity:
    if response.issuer not in (None, provider.issuer):  # RFC 9207
        raise RequestRefused(Problem("signin.id_token", {"rule": "iss"}))
    if response.error or not response.code:
        code = "signin.cancelled" if response.error == "access_denied" else "signin.code"
        raise RequestRefused(Problem(code))
    return await provider.verify_identity(response.code, attempt)


async def _check_provider_identity(
    identity: ProviderIdentity, account_id: UUID, now: datetime, connection: Connection
) -> None:
    """Store the provider's id of the person at the first sign-in. Raises AdmissionRefused for another id later.

    An address can be given to somebody else. The id cannot (OpenID Connect Core 1.0, section 5.7).
    """
    stored_subject = await store.bind_provider_identity(account_id, identity, now, connection)
    if stored_subject != identity.subject:
        raise AdmissionRefused((Problem("admission.other_person", path=("email",)),), account_id)


async def forget_provider_identity(email: str, actor: str, now: datetime) -> bool:
    """Let another person of the provider sign in with an address. Ends the account's sessions.

    Returns whether an id was stored. Raises RequestRefused `grant.account_unknown`.
    """

    async def work(connection: Connection) -> bool:
        account = await _find_account(email, connection)
        await _end_sessions(account, actor, now, connection)
        was_stored = bool(await store.delete_provider_identity(account.id, connection))
        event = AuditEvent(now, AuditKind.PERSON_FORGOTTEN, account_id=account.id, actor=actor)
        await audit_store.insert_event(event, connection)
        return was_stored

    return await run_in_transaction(work)


def _format_outcome(problem: Problem) -> str:
    return " ".join([problem.code, *(str(rule) for name, rule in problem.params.items() if name == "rule")])


async def open_session(account_id: UUID, now: datetime, connection: Connection) -> str:
    """Open a session and return its secret for the browser's cookie."""
    secret = generate_secret()
    await store.delete_sessions_before(now - APP_LIFETIME.total, account_id, connection)
    await store.insert_session(Session(uuid4(), account_id, None, now, now), hash_secret(secret), connection)
    return secret


async def admit_session(secret: str, now: datetime, connection: Connection) -> AccountSubject:
    """Admit the account of a session. Raises RequestRefused `signin.no_session`, or AdmissionRefused."""
    session = await store.find_session_by_cookie(hash_secret(secret), connection)
    if session is None or not is_session_valid(session, now):
        raise RequestRefused(Problem("signin.no_session"))
    subject = await readmit(session, now, connection)
    await store.mark_session_used(session.id, now, connection)
    return subject


async def is_scope_granted(
    account_id: UUID, session_id: UUID | None, scope: str, connection: Connection
) -> bool:
    """Return whether an account has a platform scope now and its session goes on. An access token outlives both."""
    if scope not in await accounts_store.load_scopes(account_id, connection):
        return False
    session = await store.find_session(session_id, connection) if session_id else None
    return session is None or session.ended_at is None


async def end_session(secret: str, now: datetime, request_id: str, connection: Connection) -> None:
    """End the session of a browser, if it has one."""
    session = await store.find_session_by_cookie(hash_secret(secret), connection)
    if session and await store.end_session(session.id, now, connection):
        event = AuditEvent(now, AuditKind.SIGN_OUT, account_id=session.account_id, request_id=request_id)
        await audit_store.insert_event(event, connection)


async def end_account_sessions(email: str, actor: str, now: datetime) -> int:
    """End every session of an account, in browsers and apps. Returns their number.

    Raises RequestRefused `grant.account_unknown`.
    """

    async def work(connection: Connection) -> int:
        return await _end_sessions(await _find_account(email, connection), actor, now, connection)

    return await run_in_transaction(work)


async def _find_account(email: str, connection: Connection) -> Account:
    account = await people_store.find_account_by_email(email.strip().lower(), connection)
    if account is None:
        raise RequestRefused(Problem("grant.account_unknown"))
    return account


async def _end_sessions(account: Account, actor: str, now: datetime, connection: Connection) -> int:
    await store.delete_account_codes(account.id, connection)  # an app with a code has no session yet
    count = await store.end_account_sessions(account.id, now, connection)
    event = AuditEvent(now, AuditKind.SESSIONS_ENDED, account_id=account.id, actor=actor)
    await audit_store.insert_event(event, connection)
    return count
