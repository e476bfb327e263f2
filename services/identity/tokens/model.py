"""Access tokens: their subjects and claims, signing keys, and OAuth 2 errors."""

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
    """The subject of a token."""

    @property
    def subject(self) -> str:
        """The claim `sub`."""
        ...

    @property
    def scopes(self) -> frozenset[str]:
        """The platform scopes."""
        ...

    @property
    def specific_claims(self) -> Mapping[str, Any]:
        """The audience, and the claims of this kind of subject."""
        ...


@dataclass(frozen=True, slots=True)
class AccountSubject:
    """An account that signed in, with its person, if it has one, its platform scopes, its session and its start."""

    account_id: UUID
    ptk_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    session_id: UUID | None = None
    signed_in_at: datetime | None = None

    @property
    def subject(self) -> str:
        """`ptk:<uuid>`, the same for all accounts of a person, or `account:<uuid>` without a PTK."""
        return f"ptk:{self.ptk_id}" if self.ptk_id else f"account:{self.account_id}"

    @property
    def specific_claims(self) -> Mapping[str, Any]:
        """The account, the session, when the person signed in, and the audience: identity for admins only."""
        session = {"sid": str(self.session_id)} if self.session_id else {}
        sign_in = {"auth_time": int(self.signed_in_at.timestamp())} if self.signed_in_at else {}
        return {
            **session,
            **sign_in,
            "acc": str(self.account_id),
            "aud": [PLANNING_AUDIENCE, IDENTITY_AUDIENCE] if "admin" in self.scopes else PLANNING_AUDIENCE,
        }


@dataclass(frozen=True, slots=True)
class ClientSubject:
    """An authenticated client with the scopes of the token, which all have one audience."""

    client_id: UUID
    scopes: frozenset[str]
    audience: str
    territory: Territory

    @property
    def subject(self) -> str:
        """`client:<uuid>`."""
        return f"client:{self.client_id}"

    @property
    def specific_claims(self) -> Mapping[str, Any]:
        """The client (RFC 9068), the audience and the territory, which the audience enforces."""
        return {"client_id": str(self.client_id), "aud": self.audience, "within": self.territory.as_json()}


def build_claims(subject: TokenSubject, issuer: str, now: datetime) -> Claims:
    """Return the claims of a token that is valid for TOKEN_LIFETIME."""
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
    """Return the claims as a signed compact JWS (RFC 9068 `at+jwt`)."""
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": TOKEN_TYPE}, claims, key, [ALGORITHM])


# A new key is published before it signs, for longer than a verifier may cache the keys (Cache-Control of the JWKS).
PUBLISHED_BEFORE_USE = timedelta(minutes=10)
JWKS_MAX_AGE = timedelta(minutes=5)
# includes the leeway of a verifier
MAX_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A signing key. It signs from `active_from` until the next key does. `private_pem` is encrypted."""

    kid: str
    private_pem: str
    public_jwk: dict[str, str]
    created_at: datetime
    active_from: datetime
    retired_at: datetime | None = None


def choose_signing_key(keys: Iterable[SigningKey], now: datetime) -> SigningKey | None:
    """Return the key that signs now: the latest active one that is published. None if there is none."""
    active = [key for key in list_published_keys(keys, now) if key.active_from <= now]
    return max(active, key=lambda key: (key.active_from, key.kid), default=None)


def list_published_keys(keys: Iterable[SigningKey], now: datetime) -> list[SigningKey]:
    """Return the keys that verifiers need: future keys, the signing key, and keys with unexpired tokens."""
    return [key for key in keys if key.retired_at is None or now < key.retired_at]


def find_retirement(successor_active_from: datetime) -> datetime:
    """Return when a key retires: once its last token has expired, after its successor began to sign."""
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
    """A token request was refused. `client` and `account` are for the audit log, None if unknown."""

    def __init__(
        self, error: OAuthError, *problems: Problem, client: UUID | None = None, account: UUID | None = None
    ) -> None:
        super().__init__(problems)
        self.error, self.client, self.account = error, client, account
