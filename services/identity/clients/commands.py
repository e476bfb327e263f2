"""Commands on clients: register, limit, rotate the secret, revoke. The same transaction writes the audit event."""

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
    Regions,
    Registration,
    Territory,
    generate_client_secret,
    normalize_territory,
    parse_limits,
    plan_secret_ends,
)
from services.identity.people import store as people_store
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.secret import hash_secret

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """A new secret, which is shown once. `previous_ends_at` is the end of the one before it, if there is one."""

    client_id: UUID
    secret: str
    previous_ends_at: datetime | None = None


async def register(registration: Registration, actor: str, now: datetime) -> IssuedSecret:
    """Register a client with its first secret. Raises RequestRefused `client.place_unknown`."""

    async def work(connection: Connection) -> IssuedSecret:
        territory = await check_territory(registration.territory, connection)
        name, contact, scopes = registration.name, registration.contact, registration.scopes
        client = Client(uuid4(), name, contact, scopes, territory, now, actor)
        return await insert_client(client, connection)

    return await run_in_transaction(work)


async def insert_client(client: Client, connection: Connection) -> IssuedSecret:
    """Insert a client with its first secret, in the caller's transaction."""
    secret, now = generate_client_secret(), client.registered_at
    await store.insert_client(client, connection)
    await store.insert_secret(client.id, hash_secret(secret), now, connection)
    actor, scope = client.registered_by, " ".join(client.scopes)
    event = AuditEvent(now, AuditKind.CLIENT_REGISTERED, client_id=client.id, actor=actor, scope=scope)
    await audit_store.insert_event(event, connection)
    log.info("client %s registered", client.id)
    return IssuedSecret(client.id, secret)


async def rotate(client_id: UUID, overlap: timedelta, actor: str, now: datetime) -> IssuedSecret:
    """Issue a new secret. The latest one before it stays valid for `overlap`. Raises RequestRefused `client.*`."""
    check_overlap(overlap)

    async def work(connection: Connection) -> IssuedSecret:
        await lock_active_client(client_id, connection)
        return await insert_secret(client_id, overlap, actor, now, connection)

    return await run_in_transaction(work)


def check_overlap(overlap: timedelta) -> None:
    """Raise RequestRefused `client.overlap` unless it is between 0 and MAX_OVERLAP."""
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        max_hours = int(MAX_OVERLAP.total_seconds() // 3600)
        raise RequestRefused(Problem("client.overlap", {"most": max_hours}, ("overlap_hours",)))


async def insert_secret(
    client_id: UUID, overlap: timedelta, actor: str, now: datetime, connection: Connection
) -> IssuedSecret:
    """Insert a new secret of an active client, in the caller's transaction."""
    secret = generate_client_secret()
    ends = plan_secret_ends(await store.load_valid_secrets(now, client_id, connection), now, overlap)
    for secret_id, at in ends.items():
        await store.end_secret(secret_id, at, connection)
    await store.insert_secret(client_id, hash_secret(secret), now, connection)
    event = AuditEvent(now, AuditKind.CLIENT_ROTATED, client_id=client_id, actor=actor)
    await audit_store.insert_event(event, connection)
    log.info("client %s has a new secret", client_id)
    return IssuedSecret(client_id, secret, max(ends.values(), default=None))


async def change_limits(client_id: UUID, within: object, actor: str, now: datetime) -> None:
    """Give a client other limits. Its tokens keep theirs until they expire. Raises RequestRefused `client.*`."""

    async def work(connection: Connection) -> None:
        territory = await check_limits(client_id, within, connection)
        await write_limits(client_id, territory, actor, now, connection)

    await run_in_transaction(work)


async def check_limits(client_id: UUID, within: object, connection: Connection) -> Territory:
    """Lock an active client, and return new limits for it. Raises RequestRefused `client.*`."""
    client = await lock_active_client(client_id, connection)
    return await check_territory(parse_limits(within, client.scopes), connection)


async def write_limits(
    client_id: UUID, territory: Territory, actor: str, now: datetime, connection: Connection
) -> None:
    """Write the limits of a client, in the caller's transaction."""
    await store.update_territory(client_id, territory, connection)
    event = AuditEvent(now, AuditKind.CLIENT_LIMITED, client_id=client_id, actor=actor)
    await audit_store.insert_event(event, connection)
    log.info("client %s has other limits: %s", client_id, territory.as_json())


async def revoke(client_id: UUID, actor: str, now: datetime) -> None:
    """Revoke a client. It gets no more tokens, and those it has expire. Raises RequestRefused `client.revoked`."""

    async def work(connection: Connection) -> None:
        await lock_active_client(client_id, connection)
        await store.revoke_client(client_id, now, connection)
        event = AuditEvent(now, AuditKind.CLIENT_REVOKED, client_id=client_id, actor=actor)
        await audit_store.insert_event(event, connection)

    await run_in_transaction(work)
    log.info("client %s revoked", client_id)


async def lock_active_client(client_id: UUID, connection: Connection) -> Client:
    """Return a client, locked until the transaction ends. Raises RequestRefused `client.unknown`, `client.revoked`."""
    await people_store.lock_keys([f"client {client_id}"], connection)
    client = await store.find_client(client_id, connection)
    if client is None:
        raise RequestRefused(Problem("client.unknown"))
    if client.revoked_at is not None:
        raise RequestRefused(Problem("client.revoked"))
    return client


async def check_territory(territory: Territory, connection: Connection) -> Territory:
    """Return the territory with the names of the school data. Raises RequestRefused with each unknown name."""
    regions = Regions(
        await people_store.load_region_names("provinsi", connection) if territory.provinsi else (),
        await people_store.load_region_names("kabupaten_kota", connection)
        if territory.kabupaten_kota
        else (),
        tuple(await people_store.load_schools([npsn.upper() for npsn in territory.npsn], connection))
        if territory.npsn
        else (),
    )
    return normalize_territory(territory, regions)
