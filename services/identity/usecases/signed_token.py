"""Access tokens, signed with the key of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.identity.domain.token import LIFE, Holder, claims_for, sign
from services.identity.login.keys import Keyring


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A signed token and how many seconds it lives."""

    access_token: str
    expires_in: int


async def signed_token(holder: Holder, keyring: Keyring, issuer: str, now: datetime) -> IssuedToken:
    """A token for anybody; whoever calls this has made sure of who it is, and records it."""
    token = sign(claims_for(holder, issuer, now), await keyring.signing_key(now))
    return IssuedToken(token, int(LIFE.total_seconds()))
