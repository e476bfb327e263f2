"""Authorization of identity's endpoints: an access token for identity, with the scope that the endpoint needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from services.identity.tokens.keys import Keyring
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import problem_response
from services.kit.problems import Messages, Problem
from services.kit.tokens import IDENTITY_AUDIENCE, AccessTokenVerifier, Principal, TokenExpired, TokenInvalid

Endpoint = Callable[[Request], Awaitable[Response]]


class Guard:
    """Verifies access tokens with our own keys. One statement per request."""

    def __init__(
        self, messages: Messages, keyring: Keyring, issuer: str, clock: Clock, database: Database
    ) -> None:
        self._messages = messages
        self._tokens = AccessTokenVerifier(
            lambda kid: keyring.load_verification_key(kid, clock.now(), database.connection),
            issuer,
            IDENTITY_AUDIENCE,
            clock,
        )

    def require_scope(self, scope: str) -> Callable[[Endpoint], Endpoint]:
        """Return a decorator of endpoints: 401 without a valid token, 403 without the scope (RFC 6750, section 3.1).

        The endpoint gets the caller by `get_principal`.
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
                if scope not in principal.scopes:
                    return self._refuse(request, 403, "bearer.scope", scope, "insufficient_scope")
                request.state.principal = principal
                return await endpoint(request)

            return check_and_serve

        return guard

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
