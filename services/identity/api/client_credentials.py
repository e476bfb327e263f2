"""`grant_type=client_credentials`: a machine shows its secret and gets a token in its own name."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from services.identity.api.limited import Limits
from services.identity.api.token import Grant
from services.identity.api.token_request import TokenRequest
from services.identity.domain.oauth import TokenRefused
from services.identity.login.keys import Keyring
from services.identity.usecases.client_token import DevClient, authenticate, client_token
from services.kit.clock import Clock
from services.kit.problem import Problem


def client_credentials(
    keyring: Keyring, issuer: str, clock: Clock, dev: DevClient | None, limits: Limits
) -> Grant:
    """The handler; `dev` is a client that need not be registered, None in prod."""

    async def grant(asked: TokenRequest) -> Mapping[str, object]:
        client_id = _uuid(asked.client_id)
        if client_id is None or asked.secret is None:
            raise TokenRefused("invalid_client", Problem("token.client"))
        now = clock.now()
        client = await authenticate(client_id, asked.secret, now, dev)
        limits.account.take(f"client:{client.id}")
        wanted = frozenset(asked.form.get("scope", "").split())
        token, scope = await client_token(client, wanted, keyring, issuer, now, asked.request_id)
        return {
            "access_token": token.access_token,
            "token_type": "Bearer",
            "expires_in": token.expires_in,
            "scope": scope,
        }

    return grant


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
