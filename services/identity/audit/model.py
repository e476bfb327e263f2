"""Events of the audit log. They never contain a token, a secret or an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

OK = "ok"


class AuditKind(StrEnum):
    """The kind of an event. Its outcome is `ok` or the code of the reason for a refusal."""

    SCOPE_GRANTED = "scope.granted"
    SCOPE_REVOKED = "scope.revoked"
    CLIENT_PROPOSED = "client.proposed"
    CLIENT_APPROVED = "client.approved"
    CLIENT_REJECTED = "client.rejected"
    CLIENT_WITHDRAWN = "client.withdrawn"
    CLIENT_REGISTERED = "client.registered"
    CLIENT_LIMITED = "client.limited"
    CLIENT_ROTATED = "client.rotated"
    CLIENT_REVOKED = "client.revoked"
    PUSH = "push"  # with a wrong token; at most one event a minute for each address
    TOKEN = "token"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    SESSIONS_ENDED = "sessions.ended"
    PERSON_FORGOTTEN = "person.forgotten"  # another person of the provider may have the account
    # a second use of a code or refresh token, which ends its session
    REFRESH_REUSED = "refresh.reused"
    CODE_REUSED = "code.reused"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """An event about an account or a client.

    `actor` is the admin, operator or app that acted, if it is not the account or client itself. `scope` is the scope
    that was granted, revoked or issued. `request_id` finds the request in the log.
    """

    at: datetime
    kind: AuditKind
    outcome: str = OK
    account_id: UUID | None = None
    client_id: UUID | None = None
    actor: str | None = None
    scope: str | None = None
    request_id: str | None = None
