"""What a token says: who someone is, with platform scopes. No role, no address, no school."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from services.identity.domain.within import Within
from services.kit.access_token import ALGORITHM, IDENTITY, PLANNING, TYPE

LIFE = timedelta(minutes=15)

Claims = dict[str, Any]


class Holder(Protocol):
    """Whom a token can be for."""

    @property
    def subject(self) -> str:
        """The `sub`."""
        ...

    @property
    def scopes(self) -> frozenset[str]:
        """What it opens beside what facts open."""
        ...

    @property
    def own_claims(self) -> Mapping[str, Any]:
        """What only its kind of token says, the audience among it."""
        ...


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

    @property
    def own_claims(self) -> Mapping[str, Any]:
        """The account. Identity itself serves people only as admins: others have no business there."""
        return {
            "acc": str(self.account_id),
            "aud": [PLANNING, IDENTITY] if "admin" in self.scopes else PLANNING,
        }


@dataclass(frozen=True, slots=True)
class ClientBearer:
    """A client that showed its secret, with the scopes that it asked for now; all of them are of one audience."""

    client_id: UUID
    scopes: frozenset[str]
    audience: str
    within: Within

    @property
    def subject(self) -> str:
        """`client:<uuid>`: a client is no account."""
        return f"client:{self.client_id}"

    @property
    def own_claims(self) -> Mapping[str, Any]:
        """The client (RFC 9068), and the limits that it is held to by whoever answers it."""
        return {"client_id": str(self.client_id), "aud": self.audience, "within": self.within.as_json()}


def claims_for(holder: Holder, issuer: str, now: datetime) -> Claims:
    """The claims of a token that lives `LIFE` from now on."""
    issued = int(now.timestamp())
    return {
        "iss": issuer,
        "sub": holder.subject,
        **holder.own_claims,
        "scope": " ".join(sorted(holder.scopes)),
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(LIFE.total_seconds()),
        "jti": str(uuid4()),
    }


def sign(claims: Claims, key: ECKey) -> str:
    """The claims as a compact JWS (RFC 9068 `at+jwt`), signed by the key that its `kid` names."""
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}, claims, key, [ALGORITHM])
