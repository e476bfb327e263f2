"""Registering clients, giving them new secrets, ending them. Each act is an event of the audit, in the same commit."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from services.identity.audit import store as audit_store
from services.identity.audit.model import AuditEvent, AuditKind
from services.identity.clients import store
from services.identity.clients.model import (
    MAX_OVERLAP,
    Client,
    Places,
    Registration,
    Territory,
    generate_client_secret,
    normalize_territory,
    plan_secret_ends,
)
from services.identity.people import store as people_store
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.secret import hash_secret

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """What is shown once: a new secret; and when the one before it ends, where there was one."""

    client_id: UUID
    secret: str
    previous_ends_at: datetime | None = None


async def register(registration: Registration, actor: str, now: datetime) -> IssuedSecret:
    """A new client with its first secret; RequestRefused where the registry does not know a place that it names."""

    async def work(connection: Connection) -> IssuedSecret:
        within = await check_territory(registration.territory, connection)
        client = Client(
            uuid4(), registration.name, registration.contact, registration.scopes, within, now, actor
        )
        return await insert_client(client, connection)

    return await run_in_transaction(work)


async def insert_client(client: Client, connection: Connection) -> IssuedSecret:
    """Store a client with its first secret, in the caller's transaction."""
    secret, scope = generate_client_secret(), " ".join(client.scopes)
    await store.insert_client(client, connection)
    await store.insert_secret(client.id, hash_secret(secret), client.registered_at, connection)
    await audit_store.insert_event(
        AuditEvent(
            client.registered_at,
            AuditKind.CLIENT_REGISTERED,
            client_id=client.id,
            actor=client.registered_by,
            scope=scope,
        ),
        connection,
    )
    log.info("client %s registered", client.id)
    return IssuedSecret(client.id, secret)


async def rotate(client_id: UUID, overlap: timedelta, actor: str, now: datetime) -> IssuedSecret:
    """One more secret; the younger one before it opens for `overlap` still. Refused for a client that has ended."""
    check_overlap(overlap)

    async def work(connection: Connection) -> IssuedSecret:
        await lock_active_client(client_id, connection)
        return await insert_secret(client_id, overlap, actor, now, connection)

    return await run_in_transaction(work)


def check_overlap(overlap: timedelta) -> None:
    """Raise RequestRefused `client.overlap` for a time out of bounds."""
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        most = int(MAX_OVERLAP.total_seconds() // 3600)
        raise RequestRefused(Problem("client.overlap", {"most": most}, ("overlap_hours",)))


async def insert_secret(
    client_id: UUID, overlap: timedelta, actor: str, now: datetime, connection: Connection
) -> IssuedSecret:
    """Give a living client one more secret, in the caller's transaction."""
    secret = generate_client_secret()
    ends = plan_secret_ends(await store.load_valid_secrets(now, client_id, connection), now, overlap)
    for secret_id, at in ends.items():
        await store.end_secret(secret_id, at, connection)
    await store.insert_secret(client_id, hash_secret(secret), now, connection)
    await audit_store.insert_event(
        AuditEvent(now, AuditKind.CLIENT_ROTATED, client_id=client_id, actor=actor), connection
    )
    log.info("client %s has a new secret", client_id)
    return IssuedSecret(client_id, secret, max(ends.values(), default=None))


async def revoke(client_id: UUID, actor: str, now: datetime) -> None:
    """End a client: no token from now on, and those it has end within their life. RequestRefused where it has ended."""

    async def work(connection: Connection) -> None:
        await lock_active_client(client_id, connection)
        await store.revoke_client(client_id, now, connection)
        await audit_store.insert_event(
            AuditEvent(now, AuditKind.CLIENT_REVOKED, client_id=client_id, actor=actor), connection
        )

    await run_in_transaction(work)
    log.info("client %s revoked", client_id)


async def lock_active_client(client_id: UUID, connection: Connection) -> None:
    """Until this transaction ends nobody else changes this client; Refused for one that is unknown or has ended."""
    await people_store.lock_keys([f"client {client_id}"], connection)
    client = await store.find_client(client_id, connection)
    if client is None:
        raise RequestRefused(Problem("client.unknown"))
    if client.revoked_at is not None:
        raise RequestRefused(Problem("client.revoked"))


async def check_territory(territory: Territory, connection: Connection) -> Territory:
    """Return the limits in the registry's own spelling. Raises RequestRefused with each place that it does not know."""
    return normalize_territory(territory, await _load_places(territory, connection))


async def _load_places(territory: Territory, connection: Connection) -> Places:
    """One query for each kind of place that is named."""
    return Places(
        tuple(await people_store.load_province_names(connection)) if territory.provinsi else (),
        tuple(await people_store.load_regency_names(connection)) if territory.kabupaten_kota else (),
        tuple(await people_store.load_schools([npsn.upper() for npsn in territory.npsn], connection))
        if territory.npsn
        else (),
    )
