"""Public metadata: `/.well-known/jwks.json` and `/.well-known/oauth-authorization-server` (RFC 8414)."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.identity.api.etag import respond_with_etag
from services.identity.clients.model import AUDIENCES
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import JWKS_MAX_AGE
from services.kit.clock import Clock
from services.kit.database import Database


def metadata_routes(issuer: str, grants: Collection[str]) -> list[Route]:
    """Return the route of the metadata, which only a release changes."""
    document: dict[str, object] = {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "grant_types_supported": list(grants),
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": list(AUDIENCES),
    }
    if "authorization_code" in grants:
        document |= {
            "authorization_endpoint": f"{issuer}/authorize",
            "revocation_endpoint": f"{issuer}/revoke",
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    async def metadata(request: Request) -> Response:
        return respond_with_etag(request, document, cache_control="public, max-age=3600")

    return [Route("/.well-known/oauth-authorization-server", metadata)]


def jwks_routes(keyring: Keyring, clock: Clock, database: Database) -> list[Route]:
    """Return the route of the public keys. It may be cached for less time than a key is published before it signs."""
    cache_control = f"public, max-age={int(JWKS_MAX_AGE.total_seconds())}"

    async def jwks(request: Request) -> Response:
        return respond_with_etag(
            request, await keyring.build_jwks(clock.now(), database.connection), cache_control=cache_control
        )

    return [Route("/.well-known/jwks.json", jwks)]
