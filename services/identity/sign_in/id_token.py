"""Validation of the claims of an ID token (OpenID Connect Core 1.0, section 3.1.3.7).

The signature is verified before. Libraries leave most of these rules to the caller, so each claim is checked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.accounts.model import matches_domain
from services.identity.registry.own_files import normalize_email
from services.identity.sign_in.model import ATTEMPT_LIFETIME, ProviderIdentity
from services.kit.problems import Problem, RequestRefused

CLOCK_SKEW = timedelta(seconds=60)
GOOGLE = "https://accounts.google.com"

Claims = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ExpectedClaims:
    """The expected claims, and the domains whose accounts may sign in."""

    issuer: str
    client_id: str
    nonce: str
    domains: tuple[str, ...]


def verify_identity(claims: Claims, expected: ExpectedClaims, now: datetime) -> ProviderIdentity:
    """Return the verified person. Raises RequestRefused with the first rule that fails."""
    for rule, holds in _check_rules(claims, expected, now.timestamp()):
        if not holds:
            raise RequestRefused(Problem("signin.id_token", {"rule": rule}))
    if claims.get("email_verified") is not True:
        raise RequestRefused(Problem("signin.email_unverified", path=("email",)))
    email, domain = claims.get("email"), claims.get("hd")
    normalized_email = _normalize_email(email) if isinstance(email, str) else None
    if normalized_email is None:
        raise RequestRefused(Problem("signin.email", path=("email",)))
    if domain != str(email).rpartition("@")[2] or not matches_domain(domain, expected.domains):
        raise RequestRefused(Problem("signin.domain", path=("email",)))
    return ProviderIdentity(expected.issuer, str(claims["sub"]), normalized_email)


def _normalize_email(email: str) -> str | None:
    # lower() turns some letters of other scripts into Latin ones
    return normalize_email(email) if email.isascii() else None


def _check_rules(claims: Claims, expected: ExpectedClaims, now: float) -> Iterable[tuple[str, bool]]:
    skew, oldest = CLOCK_SKEW.total_seconds(), (ATTEMPT_LIFETIME + CLOCK_SKEW).total_seconds()
    audience, party = claims.get("aud"), claims.get("azp")
    audiences = audience if isinstance(audience, list) else [audience]
    expires_at, issued_at = _parse_instant(claims.get("exp")), _parse_instant(claims.get("iat"))
    not_before = _parse_instant(claims["nbf"]) if "nbf" in claims else now
    yield "iss", claims.get("iss") in _list_issuer_names(expected.issuer)
    yield "aud", expected.client_id in audiences
    yield "azp", party == expected.client_id if "azp" in claims else len(audiences) == 1
    yield "exp", expires_at is not None and now < expires_at + skew
    yield "iat", issued_at is not None and now - oldest <= issued_at <= now + skew
    yield "nbf", not_before is not None and not_before <= now + skew
    # at most 255 ASCII characters (OpenID Connect Core 1.0, section 2)
    subject = claims.get("sub")
    yield "sub", isinstance(subject, str) and subject.isascii() and 0 < len(subject) <= 255
    yield "nonce", claims.get("nonce") == expected.nonce


def _list_issuer_names(issuer: str) -> tuple[str, ...]:
    """Google uses two names (developers.google.com/identity/openid-connect/reference), other issuers one."""
    return (GOOGLE, GOOGLE.removeprefix("https://")) if issuer == GOOGLE else (issuer,)


def _parse_instant(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
