"""`Authorization: Bearer …` to the caller: nothing is believed but identity's signature, claim by claim."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import ECKey

from services.kit.clock import Clock
from services.kit.keys import Keys
from services.kit.problem import Problem
from services.planning.api.errors import ApiError
from services.planning.domain.caller import Caller

log = logging.getLogger(__name__)

AUDIENCE = "rencana-planning"
ALGORITHM, TYPE = "ES256", "at+jwt"
LEEWAY_SECONDS = 30


class Tokens:
    """Reads one issuer's access tokens. `clock` is planning's; in development it stands like identity's."""

    def __init__(self, keys: Keys[ECKey], issuer: str, clock: Clock) -> None:
        self._keys, self._issuer, self._clock = keys, issuer, clock

    async def caller(self, headers: Sequence[str]) -> Caller | None:
        """Who the `Authorization` headers of a request speak for; None where there is none.

        ApiError UNAUTHENTICATED for anything but one good token; IdentityAway while its keys cannot be had.
        """
        if not headers:
            return None
        try:
            return await self._trusted(headers)
        except ExpiredTokenError:
            raise _unauthenticated("auth.token_expired") from None
        except (JoseError, ValueError, TypeError) as error:
            log.info("token refused: %s", type(error).__name__)  # its text may hold what was sent
            raise _unauthenticated("auth.token_invalid") from None

    async def _trusted(self, headers: Sequence[str]) -> Caller:
        (header,) = headers
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise ValueError("scheme")
        told = jws.extract_compact(token.strip().encode()).headers()
        kid = told.get("kid")
        if told.get("alg") != ALGORITHM or told.get("typ") != TYPE or not isinstance(kid, str):
            raise ValueError("header")
        key = await self._keys.get(kid)
        claims = jwt.decode(token.strip(), key, algorithms=[ALGORITHM]).claims
        self._registry().validate(claims)
        return _caller(claims)

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()), leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer}, aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True}, sub={"essential": True}, acc={"essential": True},
            scope={"essential": True, "allow_blank": True},
        )  # fmt: skip


def _caller(claims: dict[str, Any]) -> Caller:
    if not isinstance(claims["scope"], str):
        raise ValueError("scope")
    account, scopes = _uuid(claims["acc"]), frozenset(claims["scope"].split())
    kind, _, subject = claims["sub"].partition(":")
    if kind == "ptk":
        return Caller(account, _uuid(subject), scopes)
    if kind != "account" or subject != account:
        raise ValueError("sub")
    return Caller(account, None, scopes)


def _uuid(text: object) -> str:
    if not isinstance(text, str) or str(UUID(text)) != text:
        raise ValueError("uuid")
    return text


def _unauthenticated(code: str) -> ApiError:
    return ApiError("UNAUTHENTICATED", Problem(code), status=401)
