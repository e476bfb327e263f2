"""Verification of access tokens with the cached public keys of their issuer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import ECKey

from services.kit.clock import Clock
from services.kit.problems import RequestRefused

log = logging.getLogger(__name__)

ALGORITHM, TOKEN_TYPE = "ES256", "at+jwt"
LEEWAY_SECONDS = 30
# Claim `aud`: each service accepts only its own tokens.
PLANNING_AUDIENCE, IDENTITY_AUDIENCE = "rencana-planning", "rencana-identity"

FRESH_SIGN_IN = timedelta(minutes=15)


def is_fresh(signed_in_at: datetime | None, now: datetime) -> bool:
    """Return whether a person signed in within FRESH_SIGN_IN, as an act that gives power to others requires."""
    return signed_in_at is not None and now < signed_in_at + FRESH_SIGN_IN


PrincipalKind = Literal["ptk", "account", "client"]
PRINCIPAL_KINDS: Mapping[str, PrincipalKind] = {"ptk": "ptk", "account": "account", "client": "client"}


class TokenExpired(Exception):
    """The token is valid but has expired. The client can get a new one."""


class TokenInvalid(Exception):
    """The request does not have exactly one valid token for this service."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The subject of a verified token: a teacher (`ptk`), an account of somebody else, or an API client.

    A client has no `account`. `territory_claim` is the claim `within` of a client's token, not validated.
    `session` and `signed_in_at` are those of a person's sign-in, None if the token does not tell.
    """

    kind: PrincipalKind
    id: str
    account: str | None
    scopes: frozenset[str]
    territory_claim: object = None
    session: str | None = None
    signed_in_at: datetime | None = None


class AccessTokenVerifier:
    """Verifies the access tokens of an issuer for an audience. `find_key` raises ValueError for an unknown key id."""

    def __init__(
        self, find_key: Callable[[str], Awaitable[ECKey]], issuer: str, audience: str, clock: Clock
    ) -> None:
        self._find_key, self._issuer, self._audience, self._clock = find_key, issuer, audience, clock

    async def verify(self, headers: Sequence[str]) -> Principal | None:
        """Return the principal of the `Authorization` headers of a request, or None without such a header.

        Raises TokenExpired, TokenInvalid, or another error of `find_key`.
        """
        if not headers:
            return None
        try:
            return _read_principal(await self._read_claims(headers))
        except ExpiredTokenError:
            raise TokenExpired from None
        except (JoseError, ValueError, TypeError) as error:
            log.info("token refused: %s", type(error).__name__)  # its message may contain the token
            raise TokenInvalid from None

    async def _read_claims(self, headers: Sequence[str]) -> dict[str, Any]:
        (header,) = headers
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise ValueError("scheme")
        token_header = jws.extract_compact(token.strip().encode()).headers()
        kid = token_header.get("kid")
        if (
            token_header.get("alg") != ALGORITHM
            or token_header.get("typ") != TOKEN_TYPE
            or not isinstance(kid, str)
        ):
            raise ValueError("header")
        key = await self._find_key(kid)
        claims = jwt.decode(token.strip(), key, algorithms=[ALGORITHM]).claims
        self._claims_registry().validate(claims)
        return claims

    def _claims_registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()), leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer}, aud={"essential": True, "value": self._audience},
            exp={"essential": True}, sub={"essential": True},
            scope={"essential": True, "allow_blank": True},
        )  # fmt: skip


def _read_principal(claims: Mapping[str, Any]) -> Principal:
    if not isinstance(claims["scope"], str):
        raise ValueError("scope")
    kind, _, subject = claims["sub"].partition(":")
    if kind not in PRINCIPAL_KINDS:
        raise ValueError("sub")
    account = None if kind == "client" else _check_uuid(claims.get("acc"))
    if kind == "account" and subject != account:
        raise ValueError("sub")
    scopes = frozenset(claims["scope"].split())
    session = _check_uuid(claims["sid"]) if "sid" in claims else None
    signed_in_at = datetime.fromtimestamp(claims["auth_time"], UTC) if "auth_time" in claims else None
    return Principal(
        PRINCIPAL_KINDS[kind],
        _check_uuid(subject),
        account,
        scopes,
        claims.get("within"),
        session,
        signed_in_at,
    )


def _check_uuid(text: object) -> str:
    if not isinstance(text, str) or str(UUID(text)) != text:
        raise ValueError("uuid")
    return text


MAX_KEY_AGE_SECONDS = 300.0  # a withdrawn key is trusted for at most so long, while the issuer answers
MIN_REFRESH_SECONDS = 5.0  # unknown key ids of forged tokens must not flood the issuer with requests

Key = TypeVar("Key")
Fetch = Callable[[], Awaitable[Mapping[str, Key]]]


class KeyCache(Generic[Key]):
    """A cache of an issuer's public keys by id.

    `fetch` raises RequestRefused if the issuer is unavailable. The cached keys then stay in use, and a process that has
    none takes those of `fetch_fallback`. Ages are measured by `monotonic`, because Clock can be frozen.
    """

    def __init__(
        self,
        fetch: Fetch[Key],
        monotonic: Callable[[], float] = time.monotonic,
        fetch_fallback: Fetch[Key] | None = None,
    ) -> None:
        self._fetch, self._monotonic, self._fetch_fallback = fetch, monotonic, fetch_fallback
        self._keys: Mapping[str, Key] = {}
        self._fetched_at = float("-inf")
        self._fetch_error: RequestRefused | None = None
        self._refresh_lock = asyncio.Lock()

    async def get(self, kid: str) -> Key:
        """Return the key of an id. Raises ValueError if the issuer has no such key, or the error of `fetch`."""
        if self._is_refresh_due(kid):
            async with self._refresh_lock:
                if self._is_refresh_due(kid):
                    await self._refresh()
        if kid in self._keys:
            return self._keys[kid]
        if self._fetch_error:
            raise self._fetch_error.with_traceback(None)
        raise ValueError("kid")

    def _is_refresh_due(self, kid: str) -> bool:
        interval = MAX_KEY_AGE_SECONDS if kid in self._keys and not self._fetch_error else MIN_REFRESH_SECONDS
        return self._monotonic() - self._fetched_at >= interval

    async def _refresh(self) -> None:
        try:
            self._keys, self._fetch_error = await self._fetch(), None
        except RequestRefused as error:
            self._fetch_error = error
            if self._fetch_fallback and not self._keys:
                with suppress(RequestRefused):
                    self._keys = await self._fetch_fallback()
            log.warning("cannot fetch the keys of an issuer; %d cached keys stay in use", len(self._keys))
        self._fetched_at = self._monotonic()
