"""Signing in: attempts, codes of apps, sessions and refresh tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from services.kit.secret import generate_secret

# how long a person may take at the provider: a password, a second factor, an account to choose
ATTEMPT_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
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
    app: AuthorizationRequest | None = None


def new_attempt(return_to: str | None = None, app: AuthorizationRequest | None = None) -> Attempt:
    """An attempt with secrets of its own."""
    return Attempt(generate_secret(), generate_secret(), return_to, app)


CODE_LIFETIME = timedelta(seconds=60)
# a used code is remembered for longer, so that whoever shows a copy of it is noticed
USED_CODE_RETENTION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AppCode:
    """Whose it is, and to which app, redirect and PKCE challenge it is bound; the session it was used for."""

    account_id: UUID
    app: str
    redirect_uri: str
    code_challenge: str
    created_at: datetime
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SessionLifetime:
    """How long a session lives in all, and without being used."""

    total: timedelta
    idle: timedelta


# a browser may stand in a teachers' room; a phone is its owner's, and a semester of lost signals must not end it
BROWSER_LIFETIME = SessionLifetime(total=timedelta(hours=12), idle=timedelta(hours=2))
APP_LIFETIME = SessionLifetime(total=timedelta(days=180), idle=timedelta(days=45))


@dataclass(frozen=True, slots=True)
class Session:
    """`app` is None in a browser. In an app, `shown` hashes the refresh token shown last, of this `generation`."""

    id: UUID
    account_id: UUID
    app: str | None
    created_at: datetime
    used_at: datetime
    ended_at: datetime | None = None
    generation: int = 0
    last_token_hash: str | None = None


def is_session_valid(session: Session, now: datetime) -> bool:
    """Whether it still opens anything."""
    lifetime = APP_LIFETIME if session.app else BROWSER_LIFETIME
    return session.ended_at is None and now < min(
        session.created_at + lifetime.total, session.used_at + lifetime.idle
    )


# how many generations back a copy is recognised; older ones open nothing, and end nothing
KEPT_TOKEN_GENERATIONS = 50


class RefreshUse(Enum):
    """What to do for one who shows a refresh token."""

    NEXT = "next"  # never shown before, and the successor of the one shown last
    RETRY = "again"  # shown last, and no successor was shown since: the answer was lost
    REUSE = "reuse"  # left behind: a copy


def classify_refresh(token_hash: str, generation: int, session: Session) -> RefreshUse:
    """What it means that the token of this generation is shown."""
    if generation == session.generation + 1:
        return RefreshUse.NEXT
    return RefreshUse.RETRY if token_hash == session.last_token_hash else RefreshUse.REUSE


# visible ASCII without `\`, which browsers read as `/`; what begins with `//` would be a host in other hands
_PATH = re.compile(r"/(?!/)[!-\[\]-~]{0,1999}")


def resolve_return_url(location: str, origins: Sequence[str]) -> str | None:
    """The whole address of the page: `asked` is a path at the first origin, or an address at one of them.

    None for everything else: another host, however it is written, is never a place to return to.
    """
    origin = next((one for one in origins if location.startswith(f"{one}/")), origins[0])
    path = location.removeprefix(origin)
    return origin + path if _PATH.fullmatch(path) else None
