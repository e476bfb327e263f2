"""Registering clients, giving them new secrets, ending them. Each act is an event of the audit, in the same commit."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from services.identity.audit import store as audit_store
from services.identity.audit.model import Audited, AuditEvent
from services.identity.clients import store
from services.identity.clients.model import (
    LONGEST_OVERLAP,
    Client,
    Places,
    Registration,
    Within,
    ends_after_rotation,
    new_client_secret,
    placed,
)
from services.identity.people import store as people_store
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.secret import hash_secret

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown once: a new secret; and when the one before it ends, where there was one."""

    client_id: UUID
    secret: str
    older_ends_at: datetime | None = None


async def register(wanted: Registration, by: str, now: datetime) -> Shown:
    """A new client with its first secret; RequestRefused where the registry does not know a place that it names."""

    async def work(connection: Connection) -> Shown:
        within = await place(wanted.within, connection)
        client = Client(uuid4(), wanted.name, wanted.contact, wanted.scopes, within, now, by)
        return await insert_client(client, connection)

    return await run_in_transaction(work)


async def insert_client(client: Client, connection: Connection) -> Shown:
    """Store a client with its first secret, in the caller's transaction."""
    secret, scope = new_client_secret(), " ".join(client.scopes)
    await store.add(client, connection)
    await store.add_secret(client.id, hash_secret(secret), client.registered_at, connection)
    await audit_store.record(
        AuditEvent(
            client.registered_at,
            Audited.CLIENT_REGISTERED,
            client=client.id,
            by=client.registered_by,
            scope=scope,
        ),
        connection,
    )
    log.info("client %s registered", client.id)
    return Shown(client.id, secret)


async def rotate(client_id: UUID, overlap: timedelta, by: str, now: datetime) -> Shown:
    """One more secret; the younger one before it opens for `overlap` still. Refused for a client that has ended."""
    check_overlap(overlap)

    async def work(connection: Connection) -> Shown:
        await find_living(client_id, connection)
        return await insert_secret(client_id, overlap, by, now, connection)

    return await run_in_transaction(work)


def check_overlap(overlap: timedelta) -> None:
    """Raise RequestRefused `client.overlap` for a time out of bounds."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        most = int(LONGEST_OVERLAP.total_seconds() // 3600)
        raise RequestRefused(Problem("client.overlap", {"most": most}, ("overlap_hours",)))


async def insert_secret(
    client_id: UUID, overlap: timedelta, by: str, now: datetime, connection: Connection
) -> Shown:
    """Give a living client one more secret, in the caller's transaction."""
    secret = new_client_secret()
    ends = ends_after_rotation(await store.live_secrets(now, client_id, connection), now, overlap)
    for secret_id, at in ends.items():
        await store.end_secret(secret_id, at, connection)
    await store.add_secret(client_id, hash_secret(secret), now, connection)
    await audit_store.record(AuditEvent(now, Audited.CLIENT_ROTATED, client=client_id, by=by), connection)
    log.info("client %s has a new secret", client_id)
    return Shown(client_id, secret, max(ends.values(), default=None))


async def revoke(client_id: UUID, by: str, now: datetime) -> None:
    """End a client: no token from now on, and those it has end within their life. RequestRefused where it has ended."""

    async def work(connection: Connection) -> None:
        await find_living(client_id, connection)
        await store.revoke(client_id, now, connection)
        await audit_store.record(AuditEvent(now, Audited.CLIENT_REVOKED, client=client_id, by=by), connection)

    await run_in_transaction(work)
    log.info("client %s revoked", client_id)


async def find_living(client_id: UUID, connection: Connection) -> None:
    """Until this transaction ends nobody else changes this client; Refused for one that is unknown or has ended."""
    await people_store.lock_keys([f"client {client_id}"], connection)
    client = await store.find(client_id, connection)
    if client is None:
        raise RequestRefused(Problem("client.unknown"))
    if client.revoked_at is not None:
        raise RequestRefused(Problem("client.revoked"))


async def place(within: Within, connection: Connection) -> Within:
    """Return the limits in the registry's own spelling. Raises RequestRefused with each place that it does not know."""
    return placed(within, await _places(within, connection))


async def _places(within: Within, connection: Connection) -> Places:
    """One query for each kind of place that is named."""
    return Places(
        tuple(await people_store.load_province_names(connection)) if within.provinsi else (),
        tuple(await people_store.load_regency_names(connection)) if within.kabupaten_kota else (),
        tuple(await people_store.load_schools([npsn.upper() for npsn in within.npsn], connection))
        if within.npsn
        else (),
    )
