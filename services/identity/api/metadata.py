"""`/.well-known/oauth-authorization-server` (RFC 8414): what a client needs to know of us, for its library to read."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.identity.api.answer import answer
from services.identity.domain.client import AUDIENCES


def metadata_routes(issuer: str, grants: Iterable[str]) -> list[Route]:
    """The route: public, the same for all, and changed by a release only."""
    told = {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "grant_types_supported": list(grants),
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": list(AUDIENCES),
    }

    async def metadata(request: Request) -> Response:
        return answer(request, told, cache_control="public, max-age=3600")

    return [Route("/.well-known/oauth-authorization-server", metadata)]
