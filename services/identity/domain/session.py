"""A session: an account that signed in once, in a browser or in an app, until it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Lives:
    """How long a session lives in all, and without being used."""

    whole: timedelta
    idle: timedelta


# a browser may stand in a teachers' room; a phone is its owner's, and a semester of lost signals must not end it
BROWSER = Lives(whole=timedelta(hours=12), idle=timedelta(hours=2))
APP = Lives(whole=timedelta(days=180), idle=timedelta(days=45))


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
    shown: str | None = None


def is_alive(session: Session, now: datetime) -> bool:
    """Whether it still opens anything."""
    lives = APP if session.app else BROWSER
    return session.ended_at is None and now < min(
        session.created_at + lives.whole, session.used_at + lives.idle
    )
