"""Access tokens checked by the keys of their issuer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import ECKey

from services.kit.clock import Clock
from services.kit.problems import Refused

log = logging.getLogger(__name__)

ALGORITHM, TYPE = "ES256", "at+jwt"
LEEWAY_SECONDS = 30
# whom a token is for: a token for one service opens nothing at the other
PLANNING, IDENTITY = "rencana-planning", "rencana-identity"

Kind = Literal["ptk", "account", "client"]
KINDS: Mapping[str, Kind] = {"ptk": "ptk", "account": "account", "client": "client"}


class TokenExpired(Exception):
    """The token was good, and has ended: a new one is to be had."""


class TokenInvalid(Exception):
    """Not one good token of identity for this service."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token speaks for: a person, an account without one, or a client; the last has no `account`.

    `within` is what a client's token says of its limits, not looked at yet.
    """

    kind: Kind
    id: str
    account: str | None
    scopes: frozenset[str]
    within: object = None


class AccessTokens:
    """Reads one issuer's access tokens for one `audience`. `key_of`: the key of an id, ValueError for no such key."""

    def __init__(
        self, key_of: Callable[[str], Awaitable[ECKey]], issuer: str, audience: str, clock: Clock
    ) -> None:
        self._key_of, self._issuer, self._audience, self._clock = key_of, issuer, audience, clock

    async def bearer(self, headers: Sequence[str]) -> Bearer | None:
        """Whom the `Authorization` headers of a request speak for; None where there is none.

        TokenExpired, or TokenInvalid for anything else but one good token; what `key_of` raises besides passes.
        """
        if not headers:
            return None
        try:
            return _bearer(await self._claims(headers))
        except ExpiredTokenError:
            raise TokenExpired from None
        except (JoseError, ValueError, TypeError) as error:
            log.info("token refused: %s", type(error).__name__)  # its text may hold what was sent
            raise TokenInvalid from None

    async def _claims(self, headers: Sequence[str]) -> dict[str, Any]:
        (header,) = headers
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise ValueError("scheme")
        told = jws.extract_compact(token.strip().encode()).headers()
        kid = told.get("kid")
        if told.get("alg") != ALGORITHM or told.get("typ") != TYPE or not isinstance(kid, str):
            raise ValueError("header")
        key = await self._key_of(kid)
        claims = jwt.decode(token.strip(), key, algorithms=[ALGORITHM]).claims
        self._registry().validate(claims)
        return claims

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()), leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer}, aud={"essential": True, "value": self._audience},
            exp={"essential": True}, sub={"essential": True},
            scope={"essential": True, "allow_blank": True},
        )  # fmt: skip


def _bearer(claims: Mapping[str, Any]) -> Bearer:
    if not isinstance(claims["scope"], str):
        raise ValueError("scope")
    kind, _, subject = claims["sub"].partition(":")
    if kind not in KINDS:
        raise ValueError("sub")
    account = None if kind == "client" else _uuid(claims.get("acc"))
    if kind == "account" and subject != account:
        raise ValueError("sub")
    scopes = frozenset(claims["scope"].split())
    return Bearer(KINDS[kind], _uuid(subject), account, scopes, claims.get("within"))


def _uuid(text: object) -> str:
    if not isinstance(text, str) or str(UUID(text)) != text:
        raise ValueError("uuid")
    return text


OLD_SECONDS = (
    300.0  # a key that its issuer withdraws is trusted for so long at most, while the issuer answers
)
PAUSE_SECONDS = 5.0  # made-up key ids must not become a stream of questions to the issuer

Key = TypeVar("Key")
Fetch = Callable[[], Awaitable[Mapping[str, Key]]]


class Keys(Generic[Key]):
    """The keys by id. `fetch` raises Refused where the issuer is away; known keys then stay in use.

    `kept` are those of before, for a process that starts meanwhile. `seconds` is the machine's time: a clock that
    stands still must not freeze the keys.
    """

    def __init__(
        self,
        fetch: Fetch[Key],
        seconds: Callable[[], float] = time.monotonic,
        kept: Fetch[Key] | None = None,
    ) -> None:
        self._fetch, self._seconds, self._kept = fetch, seconds, kept
        self._keys: Mapping[str, Key] = {}
        self._asked_at = float("-inf")
        self._away: Refused | None = None
        self._one_at_a_time = asyncio.Lock()

    async def get(self, kid: str) -> Key:
        """The key of this id; ValueError where the issuer has none, what `fetch` raised where it cannot be asked."""
        if self._due(kid):
            async with self._one_at_a_time:
                if self._due(kid):
                    await self._refresh()
        if kid in self._keys:
            return self._keys[kid]
        if self._away:
            raise self._away.with_traceback(None)
        raise ValueError("kid")

    def _due(self, kid: str) -> bool:
        pause = OLD_SECONDS if kid in self._keys and not self._away else PAUSE_SECONDS
        return self._seconds() - self._asked_at >= pause

    async def _refresh(self) -> None:
        try:
            self._keys, self._away = await self._fetch(), None
        except Refused as away:
            self._away = away
            if self._kept and not self._keys:
                with suppress(Refused):
                    self._keys = await self._kept()
            log.warning("an issuer's keys cannot be had; %d known keys stay in use", len(self._keys))
        self._asked_at = self._seconds()
