"""An attempt to sign in: what is kept while the person is at the provider, for one browser and one use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.identity.domain.secret import new_secret

# how long a person may take at the provider: a password, a second factor, an account to choose
LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class AppRequest:
    """Where an app waits for its code (RFC 6749, 7636): registered app and redirect, its state and challenge."""

    app: str
    redirect_uri: str
    state: str
    code_challenge: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """`return_to` is the page of the web client to come back to; `app` the app that asked, if it was one."""

    nonce: str
    code_verifier: str
    return_to: str | None = None
    app: AppRequest | None = None


def new_attempt(return_to: str | None = None, app: AppRequest | None = None) -> Attempt:
    """An attempt with secrets of its own."""
    return Attempt(new_secret(), new_secret(), return_to, app)
