"""An event of the audit: who got in, with what, by whom, or why not. No token, no secret, no address ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

OK = "ok"


class AuditKind(StrEnum):
    """What is recorded. Each kind comes with the outcome `ok`, or with the code of why not."""

    SCOPE_GRANTED = "scope.granted"
    SCOPE_REVOKED = "scope.revoked"
    CLIENT_PROPOSED = "client.proposed"
    CLIENT_APPROVED = "client.approved"
    CLIENT_REJECTED = "client.rejected"
    CLIENT_WITHDRAWN = "client.withdrawn"
    CLIENT_REGISTERED = "client.registered"
    CLIENT_ROTATED = "client.rotated"
    CLIENT_REVOKED = "client.revoked"
    TOKEN = "token"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    SESSIONS_ENDED = "sessions.ended"
    # a copy was shown, so its session ended
    REFRESH_REUSED = "refresh.reused"
    CODE_REUSED = "code.reused"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event. `account` or `client` (ids) is whom it is about, `by` who did it, where that is somebody else.

    An app through which somebody signs in stands in `by`. `scope` is what was given or taken; `request` the id by
    which the log knows the request.
    """

    at: datetime
    kind: AuditKind
    outcome: str = OK
    account_id: UUID | None = None
    client_id: UUID | None = None
    actor: str | None = None
    scope: str | None = None
    request_id: str | None = None
