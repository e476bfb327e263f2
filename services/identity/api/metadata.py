"""`/.well-known/oauth-authorization-server` (RFC 8414): what a client needs to know of us, for its library to read."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.identity.api.answer import answer
from services.identity.domain.client import AUDIENCES


def metadata_routes(issuer: str, grants: Collection[str]) -> list[Route]:
    """The route: public, the same for all, and changed by a release only."""
    told: dict[str, object] = {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "grant_types_supported": list(grants),
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": list(AUDIENCES),
    }
    if "authorization_code" in grants:
        told |= {
            "authorization_endpoint": f"{issuer}/authorize",
            "revocation_endpoint": f"{issuer}/revoke",
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    async def metadata(request: Request) -> Response:
        return answer(request, told, cache_control="public, max-age=3600")

    return [Route("/.well-known/oauth-authorization-server", metadata)]
