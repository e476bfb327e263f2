"""`Authorization: Bearer …` to the caller: what a token of identity says, in planning's words."""

from __future__ import annotations

from collections.abc import Sequence

from joserfc.jwk import ECKey

from services.kit.clock import Clock
from services.kit.problems import Problem
from services.kit.tokens import (
    PLANNING_AUDIENCE,
    AccessTokenVerifier,
    KeyCache,
    Principal,
    TokenExpired,
    TokenInvalid,
)
from services.planning.api.errors import ApiError
from services.planning.callers.model import Caller, Partner, parse_territory


class Authenticator:
    """Reads one issuer's access tokens. `clock` is planning's; in development it stands like identity's."""

    def __init__(self, keys: KeyCache[ECKey], issuer: str, clock: Clock) -> None:
        self._tokens = AccessTokenVerifier(keys.get, issuer, PLANNING_AUDIENCE, clock)

    async def authenticate(self, headers: Sequence[str]) -> Caller | Partner | None:
        """Who the `Authorization` headers of a request speak for; None where there is none.

        ApiError UNAUTHENTICATED for anything but one good token; IdentityAway while its keys cannot be had.
        """
        try:
            bearer = await self._tokens.verify(headers)
            return _read_caller(bearer) if bearer else None
        except TokenExpired:
            raise _unauthenticated_error("auth.token_expired") from None
        except (TokenInvalid, ValueError):
            raise _unauthenticated_error("auth.token_invalid") from None


def _read_caller(bearer: Principal) -> Caller | Partner:
    if bearer.account is None:
        return Partner(bearer.id, bearer.scopes, parse_territory(bearer.territory_claim))
    return Caller(bearer.account, bearer.id if bearer.kind == "ptk" else None, bearer.scopes)


def _unauthenticated_error(code: str) -> ApiError:
    return ApiError("UNAUTHENTICATED", Problem(code), status=401)
