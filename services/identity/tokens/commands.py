"""Commands that issue access tokens, and the authentication of clients (RFC 6749, section 4.4)."""

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
    """A signed access token and its lifetime in seconds."""

    access_token: str
    expires_in: int

    def as_json(self) -> dict[str, object]:
        """Return the token response (RFC 6749, section 5.1)."""
        return {"access_token": self.access_token, "token_type": "Bearer", "expires_in": self.expires_in}


async def sign_access_token(
    subject: TokenSubject, keyring: Keyring, issuer: str, now: datetime, connection: Connection
) -> IssuedToken:
    """Sign an access token. The caller has authenticated the subject and writes the audit event."""
    token = sign_token(build_claims(subject, issuer, now), await keyring.load_signing_key(now, connection))
    return IssuedToken(token, int(TOKEN_LIFETIME.total_seconds()))


@dataclass(frozen=True, slots=True)
class DevClient:
    """A client without a registration, in development only."""

    client: Client
    secret: str


async def authenticate_client(
    client_id: UUID, secret: str, now: datetime, dev: DevClient | None, connection: Connection
) -> Client:
    """Return the client with this id and secret. Raises TokenRefused `invalid_client`, equal for every reason."""
    if dev and client_id == dev.client.id and hmac.compare_digest(secret.encode(), dev.secret.encode()):
        return dev.client
    secret_hash = hash_secret(secret)
    client = await clients_store.find_client(client_id, connection)
    secrets = await clients_store.load_valid_secrets(now, client_id, connection)
    is_valid = any(hmac.compare_digest(one.hash, secret_hash) for one in secrets)
    if client is None or not is_valid or client.revoked_at is not None:
        raise TokenRefused("invalid_client", Problem("token.client"), client=client.id if client else None)
    return client


def build_client_subject(client: Client, requested_scopes: frozenset[str]) -> ClientSubject:
    """Return the subject of a client's token with the requested scopes, or with all its scopes if none is requested.

    Raises TokenRefused `invalid_scope` for a scope that the client lacks, and for scopes of two services: a token has
    one audience (RFC 9068, section 3).
    """
    scopes, params = requested_scopes or frozenset(client.scopes), {"own": " ".join(client.scopes)}
    audiences = {AUDIENCES[scope] for scope in scopes & set(client.scopes)}
    if not scopes <= set(client.scopes) or len(audiences) != 1:
        code = "token.one_audience" if scopes <= set(client.scopes) else "token.scope"
        raise TokenRefused("invalid_scope", Problem(code, params, ("scope",)), client=client.id)
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
    """Issue a token for an authenticated client. Returns the token and its scopes."""
    subject = build_client_subject(client, requested_scopes)
    scope = " ".join(sorted(subject.scopes))
    token = await sign_access_token(subject, keyring, issuer, now, connection)
    event = AuditEvent(now, AuditKind.TOKEN, client_id=client.id, scope=scope, request_id=request_id)
    await audit_store.insert_event(event, connection)
    log.info("token issued to client %s", client.id)
    return token, scope


async def record_refusal(
    refusal: TokenRefused, request_id: str, now: datetime, connection: Connection
) -> None:
    """Write the refusal of a token to the audit log."""
    log.info("no token: %s", refusal)
    event = AuditEvent(
        now,
        AuditKind.TOKEN,
        refusal.problems[0].code,
        account_id=refusal.account,
        client_id=refusal.client,
        request_id=request_id,
    )
    await audit_store.insert_event(event, connection)
