"""`/.well-known/jwks.json`: the public keys by which anyone can check our tokens."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.identity.api.answer import answer
from services.identity.domain.token_key import CACHED
from services.identity.login.keys import Keyring
from services.kit.clock import Clock


def jwks_routes(keyring: Keyring, clock: Clock) -> list[Route]:
    """The route: public, and cacheable for less time than a new key is shown before it signs."""
    cache_control = f"public, max-age={int(CACHED.total_seconds())}"

    async def jwks(request: Request) -> Response:
        return answer(request, await keyring.jwks(clock.now()), cache_control=cache_control)

    return [Route("/.well-known/jwks.json", jwks)]
