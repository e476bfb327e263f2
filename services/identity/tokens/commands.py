"""Access tokens: signed with the key of the day; for a client that shows its secret (RFC 6749, section 4.4)."""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.audit import store as audit_store
from services.identity.audit.model import AuditEvent, AuditKind
from services.identity.clients import store as clients_store
from services.identity.clients.model import AUDIENCES, Client
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import (
    TOKEN_LIFETIME,
    ClientSubject,
    TokenRefused,
    TokenSubject,
    build_claims,
    sign_token,
)
from services.kit.database import Connection
from services.kit.problems import Problem
from services.kit.secret import hash_secret

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A signed token and how many seconds it lives."""

    access_token: str
    expires_in: int


async def sign_access_token(
    subject: TokenSubject, keyring: Keyring, issuer: str, now: datetime, connection: Connection
) -> IssuedToken:
    """A token for anybody; whoever calls this has made sure of who it is, and records it."""
    token = sign_token(build_claims(subject, issuer, now), await keyring.load_signing_key(now, connection))
    return IssuedToken(token, int(TOKEN_LIFETIME.total_seconds()))


@dataclass(frozen=True, slots=True)
class DevClient:
    """A client that is known without being registered: in development only, and never in the database."""

    client: Client
    secret: str


async def authenticate_client(
    client_id: UUID, secret: str, now: datetime, dev: DevClient | None, connection: Connection
) -> Client:
    """The client of this id and secret; TokenRefused `invalid_client`, alike for every reason."""
    if dev and client_id == dev.client.id and hmac.compare_digest(secret.encode(), dev.secret.encode()):
        return dev.client
    secret_hash = hash_secret(secret)
    client = await clients_store.find_client(client_id, connection)
    live = [
        client
        for one in await clients_store.load_valid_secrets(now, client_id, connection)
        if hmac.compare_digest(one.hash, secret_hash)
    ]
    if client is None or not live or client.revoked_at is not None:
        raise TokenRefused("invalid_client", Problem("token.client"), client=client.id if client else None)
    return client


def build_client_subject(client: Client, requested_scopes: frozenset[str]) -> ClientSubject:
    """What the client gets: the scopes that it asks for, all of its own where it asks for none.

    TokenRefused `invalid_scope` for one that is not its own, and for scopes of two services at once: a token has one
    audience (RFC 9068, section 3).
    """
    about, own = client.id, " ".join(client.scopes)
    scopes = requested_scopes or frozenset(client.scopes)
    if not scopes <= set(client.scopes):
        raise TokenRefused("invalid_scope", Problem("token.scope", {"own": own}, ("scope",)), client=about)
    audiences = {AUDIENCES[scope] for scope in scopes}
    if len(audiences) != 1:
        raise TokenRefused(
            "invalid_scope", Problem("token.one_audience", {"own": own}, ("scope",)), client=about
        )
    return ClientSubject(client.id, scopes, audiences.pop(), client.territory)


async def issue_client_token(
    client: Client,
    requested_scopes: frozenset[str],
    keyring: Keyring,
    issuer: str,
    now: datetime,
    request_id: str,
    connection: Connection,
) -> tuple[IssuedToken, str]:
    """A token for a client that `authenticate` knows, and the scopes in it."""
    subject = build_client_subject(client, requested_scopes)
    scope = " ".join(sorted(subject.scopes))
    token = await sign_access_token(subject, keyring, issuer, now, connection)
    await audit_store.insert_event(
        AuditEvent(now, AuditKind.TOKEN, client_id=client.id, scope=scope, request_id=request_id), connection
    )
    log.info("token issued to client %s", client.id)
    return token, scope


async def record_refusal(
    refusal: TokenRefused, request_id: str, now: datetime, connection: Connection
) -> None:
    """Record in the audit that a token was refused, and why. One statement."""
    log.info("no token: %s", refusal)
    code = refusal.problems[0].code
    await audit_store.insert_event(
        AuditEvent(
            now,
            AuditKind.TOKEN,
            code,
            account_id=refusal.account,
            client_id=refusal.client,
            request_id=request_id,
        ),
        connection,
    )
