"""Sign-in: attempts, authorization codes of apps, sessions and refresh tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from services.kit.clock import is_ahead
from services.kit.secret import generate_secret

# time at the provider: choose an account, enter a password and a second factor
ATTEMPT_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """A person at the provider: its issuer, its id of the person (`sub`), and the verified address in lower case."""

    issuer: str
    subject: str
    email: str


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """The authorization request of an app (RFC 6749, 7636)."""

    app: str
    redirect_uri: str
    state: str
    code_challenge: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in in progress. `return_to` is a page of the web client; `app` is set if an app began it."""

    nonce: str
    code_verifier: str
    return_to: str | None = None
    app: AuthorizationRequest | None = None


def new_attempt(return_to: str | None = None, app: AuthorizationRequest | None = None) -> Attempt:
    """Create an attempt with new secrets."""
    return Attempt(generate_secret(), generate_secret(), return_to, app)


CODE_LIFETIME = timedelta(seconds=60)
# a used code stays longer, so that its reuse is detected
USED_CODE_RETENTION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AppCode:
    """An authorization code, bound to an app, redirect URI and PKCE challenge. `session_id` is set once it is used."""

    account_id: UUID
    app: str
    redirect_uri: str
    code_challenge: str
    created_at: datetime
    session_id: UUID | None = None

    def is_expired(self, now: datetime) -> bool:
        """Return whether the code is too old, or was issued under a clock that ran ahead."""
        return now >= self.created_at + CODE_LIFETIME or is_ahead(self.created_at, now)


@dataclass(frozen=True, slots=True)
class SessionLifetime:
    """The lifetime of a session in total, and without use (`idle`)."""

    total: timedelta
    idle: timedelta


# A browser may be on a shared computer in a school. A phone has one owner, and may be offline for weeks.
BROWSER_LIFETIME = SessionLifetime(total=timedelta(hours=12), idle=timedelta(hours=2))
APP_LIFETIME = SessionLifetime(total=timedelta(days=180), idle=timedelta(days=45))


@dataclass(frozen=True, slots=True)
class Session:
    """A session in a browser (`app` is None) or in an app.

    In an app, `generation` and `last_token_hash` are those of the refresh token that was used last.
    """

    id: UUID
    account_id: UUID
    app: str | None
    created_at: datetime
    used_at: datetime
    ended_at: datetime | None = None
    generation: int = 0
    last_token_hash: str | None = None


def has_platform_scopes(session: Session, now: datetime) -> bool:
    """Return whether the platform scopes of the account still count: in an app as long as in a browser.

    A phone stays signed in for months. Somebody who finds it must not be an admin for months.
    """
    return now < session.created_at + BROWSER_LIFETIME.total


def is_session_valid(session: Session, now: datetime) -> bool:
    """Return whether a session is valid. One that began or was used under a clock that ran ahead is not."""
    lifetime = APP_LIFETIME if session.app else BROWSER_LIFETIME
    end = min(session.created_at + lifetime.total, session.used_at + lifetime.idle)
    return session.ended_at is None and now < end and not is_ahead(session.used_at, now)


# used refresh tokens that are kept to detect reuse; older ones are invalid and end nothing
KEPT_TOKEN_GENERATIONS = 50


class RefreshUse(Enum):
    """The kind of use of a refresh token."""

    NEXT = "next"  # the latest token, for the first time
    RETRY = "retry"  # the token that was used last: the response was lost
    REUSE = "reuse"  # an older token: a copy


def classify_refresh(token_hash: str, generation: int, session: Session) -> RefreshUse:
    """Return the kind of use of a refresh token of a generation."""
    if generation == session.generation + 1:
        return RefreshUse.NEXT
    return RefreshUse.RETRY if token_hash == session.last_token_hash else RefreshUse.REUSE


# Visible ASCII without `\`, which browsers read as `/`. A path that begins with `//` would name another host.
_PATH = re.compile(r"/(?!/)[!-\[\]-~]{0,1999}")


def resolve_return_url(location: str, origins: Sequence[str]) -> str | None:
    """Return the URL of a page to return to, or None if it is not at one of our origins.

    `location` is a path at the first origin, or a URL at one of them.
    """
    origin = next((one for one in origins if location.startswith(f"{one}/")), origins[0])
    path = location.removeprefix(origin)
    return origin + path if _PATH.fullmatch(path) else None
