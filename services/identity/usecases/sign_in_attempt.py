"""Signing in at the provider: an attempt begins here, and ends here with an account that was let in.

A browser carries one secret for its attempts, however many tabs try at once. An attempt is answered in the browser that
began it, within its time, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.identity.domain.attempt import LIFE, Attempt
from services.identity.domain.secret import hash_of, new_secret
from services.identity.domain.token import Bearer
from services.identity.login.provider import Provider
from services.identity.storage import attempts
from services.identity.usecases.sign_in import admit
from services.kit.problem import Problem, Refused


async def begin(provider: Provider, attempt: Attempt, browser: str, now: datetime) -> str:
    """Keep the attempt of a browser; where the browser goes now. ProviderAway before anything is kept."""
    state = new_secret()
    address = await provider.address_for(attempt, state)
    await attempts.forget_expired(now)
    await attempts.add(hash_of(state), hash_of(browser), attempt, now + LIFE)
    return address


async def taken(state: str, browser: str, now: datetime) -> Attempt:
    """The attempt that the provider answers, for this once; Refused where this browser has none such, or no longer."""
    attempt = await attempts.take(hash_of(state), hash_of(browser), now)
    if attempt is None:
        raise Refused(Problem("signin.attempt", path=("state",)))
    return attempt


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider sent the browser back with: a code, or its reason why not."""

    code: str | None
    error: str | None
    issuer: str | None


async def let_in(provider: Provider, attempt: Attempt, answer: Answer, now: datetime) -> Bearer:
    """Whom the provider's answer proves, if they may enter; Refused with the rule that failed, or ProviderAway."""
    if answer.issuer not in (None, provider.issuer):  # RFC 9207
        raise Refused(Problem("signin.id_token", {"rule": "iss"}))
    if answer.error or not answer.code:
        raise Refused(Problem("signin.cancelled" if answer.error == "access_denied" else "signin.code"))
    return await admit(await provider.proven_address(answer.code, attempt), now)
