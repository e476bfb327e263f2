"""Access tokens: what they say, the keys that sign them, and refusals as OAuth 2 tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from services.identity.clients.model import Territory
from services.kit.problems import Problem, RequestRefused
from services.kit.tokens import ALGORITHM, IDENTITY_AUDIENCE, PLANNING_AUDIENCE, TOKEN_TYPE

TOKEN_LIFETIME = timedelta(minutes=15)

Claims = dict[str, Any]


class TokenSubject(Protocol):
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
    def specific_claims(self) -> Mapping[str, Any]:
        """What only its kind of token says, the audience among it."""
        ...


@dataclass(frozen=True, slots=True)
class AccountSubject:
    """Whom a token is for: the account that signed in, its person if it has one, and its platform scopes."""

    account_id: UUID
    ptk_id: UUID | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def subject(self) -> str:
        """`ptk:<uuid>`, the same through every address of a person; `account:<uuid>` without a PTK."""
        return f"ptk:{self.ptk_id}" if self.ptk_id else f"account:{self.account_id}"

    @property
    def specific_claims(self) -> Mapping[str, Any]:
        """The account. Identity itself serves people only as admins: others have no business there."""
        return {
            "acc": str(self.account_id),
            "aud": [PLANNING_AUDIENCE, IDENTITY_AUDIENCE] if "admin" in self.scopes else PLANNING_AUDIENCE,
        }


@dataclass(frozen=True, slots=True)
class ClientSubject:
    """A client that showed its secret, with the scopes that it asked for now; all of them are of one audience."""

    client_id: UUID
    scopes: frozenset[str]
    audience: str
    territory: Territory

    @property
    def subject(self) -> str:
        """`client:<uuid>`: a client is no account."""
        return f"client:{self.client_id}"

    @property
    def specific_claims(self) -> Mapping[str, Any]:
        """The client (RFC 9068), and the limits that it is held to by whoever answers it."""
        return {"client_id": str(self.client_id), "aud": self.audience, "within": self.territory.as_json()}


def build_claims(subject: TokenSubject, issuer: str, now: datetime) -> Claims:
    """The claims of a token that lives `LIFE` from now on."""
    issued_at = int(now.timestamp())
    return {
        "iss": issuer,
        "sub": subject.subject,
        **subject.specific_claims,
        "scope": " ".join(sorted(subject.scopes)),
        "iat": issued_at,
        "nbf": issued_at,
        "exp": issued_at + int(TOKEN_LIFETIME.total_seconds()),
        "jti": str(uuid4()),
    }


def sign_token(claims: Claims, key: ECKey) -> str:
    """The claims as a compact JWS (RFC 9068 `at+jwt`), signed by the key that its `kid` names."""
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": TOKEN_TYPE}, claims, key, [ALGORITHM])


# how long a verifier may keep what it read of our keys (the Cache-Control of the JWKS)
PUBLISHED_BEFORE_USE = timedelta(minutes=10)
JWKS_MAX_AGE = timedelta(minutes=5)
# between two machines' clocks, and for a verifier's own leeway
MAX_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`sealed`: the private key under the key secret; it signs from `active_from` to the next's."""

    kid: str
    private_pem: str
    public_jwk: dict[str, str]
    created_at: datetime
    active_from: datetime
    retired_at: datetime | None = None


def choose_signing_key(keys: Iterable[SigningKey], now: datetime) -> SigningKey | None:
    """The key that signs now: the youngest that is active and still shown."""
    active = [key for key in list_published_keys(keys, now) if key.active_from <= now]
    return max(active, key=lambda key: (key.active_from, key.kid), default=None)


def list_published_keys(keys: Iterable[SigningKey], now: datetime) -> list[SigningKey]:
    """The keys that verifiers must know: those to come, the one that signs, those whose tokens live."""
    return [key for key in keys if key.retired_at is None or now < key.retired_at]


def find_retirement(successor_active_from: datetime) -> datetime:
    """When a key goes whose successor begins to sign then: once its last token has expired everywhere."""
    return successor_active_from + TOKEN_LIFETIME + MAX_CLOCK_SKEW


OAuthError = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
]


class TokenRefused(RequestRefused):
    """No token. `client` and `account`, where they are known, are whom the refusal is about, for the audit."""

    def __init__(
        self,
        error: OAuthError,
        *problems: Problem,
        client: UUID | None = None,
        account: UUID | None = None,
    ) -> None:
        super().__init__(problems)
        self.error, self.client, self.account = error, client, account
