"""What a token says: who someone is, with platform scopes. No role, no address, no school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

ALGORITHM = "ES256"
AUDIENCE = "rencana-planning"
LIFE = timedelta(minutes=15)

Claims = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token is for: the account that signed in, its person if it has one, and its platform scopes."""

    account_id: UUID
    ptk_id: UUID | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def subject(self) -> str:
        """`ptk:<uuid>`, the same through every address of a person; `account:<uuid>` without a PTK."""
        return f"ptk:{self.ptk_id}" if self.ptk_id else f"account:{self.account_id}"


def claims_for(bearer: Bearer, issuer: str, now: datetime) -> Claims:
    """The claims of a token that lives `LIFE` from now on."""
    issued = int(now.timestamp())
    return {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": bearer.subject,
        "acc": str(bearer.account_id),
        "scope": " ".join(sorted(bearer.scopes)),
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(LIFE.total_seconds()),
        "jti": str(uuid4()),
    }


def sign(claims: Claims, key: ECKey) -> str:
    """The claims as a compact JWS (RFC 9068 `at+jwt`), signed by the key that its `kid` names."""
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": "at+jwt"}, claims, key, [ALGORITHM])
