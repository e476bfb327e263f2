"""Access tokens: signed with the key of the day; for a client that shows its secret (RFC 6749, section 4.4)."""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.audit import store as audit_store
from services.identity.audit.model import Audited, AuditEvent
from services.identity.clients import store as clients_store
from services.identity.clients.model import AUDIENCES, Client
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import TOKEN_LIFE, ClientBearer, Holder, TokenRefused, claims_for, sign
from services.kit.database import Connection
from services.kit.problems import Problem
from services.kit.secret import hash_secret

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A signed token and how many seconds it lives."""

    access_token: str
    expires_in: int


async def signed_token(
    holder: Holder, keyring: Keyring, issuer: str, now: datetime, connection: Connection
) -> IssuedToken:
    """A token for anybody; whoever calls this has made sure of who it is, and records it."""
    token = sign(claims_for(holder, issuer, now), await keyring.signing_key(now, connection))
    return IssuedToken(token, int(TOKEN_LIFE.total_seconds()))


@dataclass(frozen=True, slots=True)
class DevClient:
    """A client that is known without being registered: in development only, and never in the database."""

    client: Client
    secret: str


async def authenticate(
    client_id: UUID, secret: str, now: datetime, dev: DevClient | None, connection: Connection
) -> Client:
    """The client of this id and secret; TokenRefused `invalid_client`, alike for every reason."""
    if dev and client_id == dev.client.id and hmac.compare_digest(secret.encode(), dev.secret.encode()):
        return dev.client
    shown = hash_secret(secret)
    known = await clients_store.find(client_id, connection)
    live = [
        known
        for one in await clients_store.live_secrets(now, client_id, connection)
        if hmac.compare_digest(one.hash, shown)
    ]
    if known is None or not live or known.revoked_at is not None:
        raise TokenRefused("invalid_client", Problem("token.client"), client=known.id if known else None)
    return known


def bearer_for(client: Client, wanted: frozenset[str]) -> ClientBearer:
    """What the client gets: the scopes that it asks for, all of its own where it asks for none.

    TokenRefused `invalid_scope` for one that is not its own, and for scopes of two services at once: a token has one
    audience (RFC 9068, section 3).
    """
    about, own = client.id, " ".join(client.scopes)
    scopes = wanted or frozenset(client.scopes)
    if not scopes <= set(client.scopes):
        raise TokenRefused("invalid_scope", Problem("token.scope", {"own": own}, ("scope",)), client=about)
    audiences = {AUDIENCES[scope] for scope in scopes}
    if len(audiences) != 1:
        raise TokenRefused(
            "invalid_scope", Problem("token.one_audience", {"own": own}, ("scope",)), client=about
        )
    return ClientBearer(client.id, scopes, audiences.pop(), client.within)


async def client_token(
    client: Client,
    wanted: frozenset[str],
    keyring: Keyring,
    issuer: str,
    now: datetime,
    request: str,
    connection: Connection,
) -> tuple[IssuedToken, str]:
    """A token for a client that `authenticate` knows, and the scopes in it."""
    bearer = bearer_for(client, wanted)
    scope = " ".join(sorted(bearer.scopes))
    token = await signed_token(bearer, keyring, issuer, now, connection)
    await audit_store.record(
        AuditEvent(now, Audited.TOKEN, client=client.id, scope=scope, request=request), connection
    )
    log.info("token issued to client %s", client.id)
    return token, scope


async def record_refusal(
    refused: TokenRefused, request_id: str, now: datetime, connection: Connection
) -> None:
    """Record in the audit that a token was refused, and why. One statement."""
    log.info("no token: %s", refused)
    code = refused.problems[0].code
    await audit_store.record(
        AuditEvent(
            now, Audited.TOKEN, code, account=refused.account, client=refused.client, request=request_id
        ),
        connection,
    )
