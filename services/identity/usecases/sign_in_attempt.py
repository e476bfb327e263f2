"""Signing in at the provider: an attempt begins here, and ends here with an account that was let in.

A browser carries one secret for its attempts, however many tabs try at once. An attempt is answered in the browser that
began it, within its time, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.identity.domain.attempt import LIFE, Attempt
from services.identity.domain.audit import Audited, AuditEvent
from services.identity.domain.secret import hash_of, new_secret
from services.identity.domain.token import Bearer
from services.identity.login.provider import Provider
from services.identity.storage import attempts, audit
from services.identity.usecases.sign_in import NotAdmitted, admit
from services.kit.problem import Problem, Refused
from services.kit.rate_limit import RateLimit


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider sent the browser back with: a code, or its reason why not."""

    code: str | None
    error: str | None
    issuer: str | None


async def begin(provider: Provider, attempt: Attempt, browser: str, now: datetime) -> str:
    """Keep the attempt of a browser; where the browser goes now. ProviderAway before anything is kept."""
    state = new_secret()
    address = await provider.address_for(attempt, state)
    await attempts.forget_expired(now)
    await attempts.add(hash_of(state), hash_of(browser), attempt, now + LIFE)
    return address


async def taken(state: str, browser: str, now: datetime, request: str) -> Attempt:
    """The attempt that the provider answers, for this once; Refused where this browser has none such, or no longer."""
    attempt = await attempts.take(hash_of(state), hash_of(browser), now)
    if attempt is None:
        await audit.record(AuditEvent(now, Audited.SIGN_IN, "signin.attempt", request=request))
        raise Refused(Problem("signin.attempt", path=("state",)))
    return attempt


async def let_in(
    provider: Provider, attempt: Attempt, answer: Answer, now: datetime, request: str, limit: RateLimit
) -> Bearer:
    """Whom the provider's answer proves, if they may enter; Refused with the rule that failed, or ProviderAway.

    Either way it is an event of the audit; `request` is the id by which the log knows the request. TooMany over the
    `limit` of the person.
    """
    app = attempt.app.app if attempt.app else None
    try:
        bearer = await admit(await _proven(provider, attempt, answer), now)
    except Refused as refusal:
        account = refusal.account if isinstance(refusal, NotAdmitted) else None
        why = _why(refusal.problems[0])
        await audit.record(AuditEvent(now, Audited.SIGN_IN, why, account=account, by=app, request=request))
        raise
    limit.take(bearer.subject)
    await audit.record(AuditEvent(now, Audited.SIGN_IN, account=bearer.account_id, by=app, request=request))
    return bearer


async def _proven(provider: Provider, attempt: Attempt, answer: Answer) -> str:
    if answer.issuer not in (None, provider.issuer):  # RFC 9207
        raise Refused(Problem("signin.id_token", {"rule": "iss"}))
    if answer.error or not answer.code:
        raise Refused(Problem("signin.cancelled" if answer.error == "access_denied" else "signin.code"))
    return await provider.proven_address(answer.code, attempt)


def _why(problem: Problem) -> str:
    return " ".join([problem.code, *(str(rule) for name, rule in problem.params.items() if name == "rule")])
