"""The code by which an app gets its tokens after a sign-in (RFC 6749, section 4.1): for a minute, for one use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

LIFE = timedelta(seconds=60)
# a used code is remembered for longer, so that whoever shows a copy of it is noticed
REMEMBERED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AppCode:
    """Whose it is, and to which app, redirect and PKCE challenge it is bound; the session it was used for."""

    account_id: UUID
    app: str
    redirect_uri: str
    code_challenge: str
    created_at: datetime
    session_id: UUID | None = None
