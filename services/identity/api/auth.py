"""Authorization of identity's endpoints: an access token for identity, with the scope that the endpoint needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.identity.sign_in.commands import is_scope_granted
from services.identity.tokens.keys import Keyring
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import problem_response
from services.kit.problems import Messages, Problem
from services.kit.tokens import (
    IDENTITY_AUDIENCE,
    AccessTokenVerifier,
    Principal,
    TokenExpired,
    TokenInvalid,
    is_fresh,
)

Endpoint = Callable[[Request], Awaitable[Response]]


class Guard:
    """Verifies access tokens with our own keys, and that the grant and session of a person still hold."""

    def __init__(
        self, messages: Messages, keyring: Keyring, issuer: str, clock: Clock, database: Database
    ) -> None:
        self._messages, self._clock, self._database = messages, clock, database
        self._tokens = AccessTokenVerifier(
            lambda kid: keyring.load_verification_key(kid, clock.now(), database.connection),
            issuer,
            IDENTITY_AUDIENCE,
            clock,
        )

    def require_scope(self, scope: str, *, fresh: bool = False) -> Callable[[Endpoint], Endpoint]:
        """Return a decorator of endpoints: 401 without a valid token, 403 without the scope (RFC 6750, section 3.1).

        `fresh` also demands a sign-in within FRESH_SIGN_IN (401, RFC 9470). The endpoint gets the caller by
        `get_principal`.
        """

        def guard(endpoint: Endpoint) -> Endpoint:
            async def check_and_serve(request: Request) -> Response:
                try:
                    principal = await self._tokens.verify(request.headers.getlist("authorization"))
                except TokenExpired:
                    return self._refuse(request, 401, "bearer.expired", scope, "invalid_token")
                except TokenInvalid:
                    return self._refuse(request, 401, "bearer.invalid", scope, "invalid_token")
                if principal is None:
                    return self._refuse(request, 401, "bearer.required", scope)
                if scope not in principal.scopes or not await self._is_granted(principal, scope):
                    return self._refuse(request, 403, "bearer.scope", scope, "insufficient_scope")
                if fresh and not is_fresh(principal.signed_in_at, self._clock.now()):
                    return self._refuse(
                        request, 401, "bearer.sign_in_again", scope, "insufficient_user_authentication"
                    )
                request.state.principal = principal
                return await endpoint(request)

            return check_and_serve

        return guard

    async def _is_granted(self, principal: Principal, scope: str) -> bool:
        if principal.account is None:
            return True
        session = UUID(principal.session) if principal.session else None
        return await is_scope_granted(UUID(principal.account), session, scope, self._database.connection)

    def _refuse(self, request: Request, status: int, code: str, scope: str, error: str = "") -> Response:
        refusal = problem_response(request, self._messages, [Problem(code, {"scope": scope})], status)
        refusal.headers["www-authenticate"] = (
            f'Bearer error="{error}", scope="{scope}"' if error else "Bearer"
        )
        return refusal


def get_principal(request: Request) -> Principal:
    """Return the caller of an endpoint that a Guard protects."""
    principal = request.state.principal
    assert isinstance(principal, Principal)
    return principal
