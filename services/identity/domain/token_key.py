"""When a signing key signs and when it is shown: a rotation that no verifier and no person notices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.domain.token import LIFE

# how long a verifier may keep what it read of our keys (the Cache-Control of the JWKS)
SHOWN_BEFORE_USE = timedelta(minutes=10)
CACHED = timedelta(minutes=5)
# between two machines' clocks, and for a verifier's own leeway
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`sealed`: the private key under the key secret; it signs from `active_from` to the next's."""

    kid: str
    sealed: str
    public_jwk: dict[str, str]
    created_at: datetime
    active_from: datetime
    retired_at: datetime | None = None


def signing(keys: Iterable[SigningKey], now: datetime) -> SigningKey | None:
    """The key that signs now: the youngest that is active and still shown."""
    active = [key for key in shown(keys, now) if key.active_from <= now]
    return max(active, key=lambda key: (key.active_from, key.kid), default=None)


def shown(keys: Iterable[SigningKey], now: datetime) -> list[SigningKey]:
    """The keys that verifiers must know: those to come, the one that signs, those whose tokens live."""
    return [key for key in keys if key.retired_at is None or now < key.retired_at]


def retirement(successor_active_from: datetime) -> datetime:
    """When a key goes whose successor begins to sign then: once its last token has expired everywhere."""
    return successor_active_from + LIFE + SKEW
