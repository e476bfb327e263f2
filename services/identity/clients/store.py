"""Storage of clients, the hashes of their secrets, and change requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tortoise.expressions import Q

from services.identity.clients import tables
from services.identity.clients.model import Client, ClientRequest, Secret, Territory, parse_territory
from services.identity.people import tables as people_tables
from services.identity.people.columns import from_row, to_columns
from services.kit.change_request import State
from services.kit.database import Connection


async def insert_client(client: Client, connection: Connection) -> None:
    """Write a new client."""
    await tables.Client.create(
        **to_columns(client) | {"territory": client.territory.as_json()}, using_db=connection
    )


async def find_client(client_id: UUID, connection: Connection) -> Client | None:
    """Return the client of an id, revoked or not, or None."""
    row = await tables.Client.get_or_none(id=client_id, using_db=connection)
    return _read_client(row) if row else None


async def load_clients(connection: Connection) -> list[Client]:
    """Load all clients, revoked ones included, oldest first."""
    return [_read_client(row) for row in await tables.Client.all(connection).order_by("registered_at", "id")]


async def update_territory(client_id: UUID, territory: Territory, connection: Connection) -> None:
    """Write the limits of a client."""
    await tables.Client.filter(id=client_id).using_db(connection).update(territory=territory.as_json())


async def revoke_client(client_id: UUID, at: datetime, connection: Connection) -> bool:
    """Revoke a client. Returns False if it was revoked before."""
    return bool(
        await tables.Client.filter(id=client_id, revoked_at__isnull=True)
        .using_db(connection)
        .update(revoked_at=at)
    )


async def insert_secret(client_id: UUID, hash: str, at: datetime, connection: Connection) -> None:
    """Write a new secret of a client."""
    await tables.ClientSecret.create(
        id=uuid4(), client_id=client_id, hash=hash, created_at=at, using_db=connection
    )


async def end_secret(secret_id: UUID, at: datetime, connection: Connection) -> None:
    """Let a secret end at an instant."""
    await tables.ClientSecret.filter(id=secret_id).using_db(connection).update(ends_at=at)


async def load_valid_secrets(now: datetime, client_id: UUID | None, connection: Connection) -> list[Secret]:
    """Load the valid secrets of one client or of all, oldest first."""
    rows: Any = tables.ClientSecret.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).using_db(connection)
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    return [from_row(row, Secret) for row in await rows.order_by("created_at", "ends_at", "id")]


async def find_ptk_id(actor: str, connection: Connection) -> UUID | None:
    """Return the ptk_id of an actor `account:` with an id, or None for another actor."""
    kind, _, id = actor.partition(":")
    if kind != "account" or not id:
        return None
    ptk_ids = (
        await people_tables.Account.filter(id=UUID(id)).using_db(connection).values_list("ptk_id", flat=True)
    )
    return ptk_ids[0] if ptk_ids else None  # type: ignore[return-value]


async def insert_request(request: ClientRequest, connection: Connection) -> None:
    """Write a proposed request."""
    await tables.ClientRequest.create(**to_columns(request), using_db=connection)


async def find_request(id: UUID, connection: Connection) -> ClientRequest | None:
    """Return the request of an id, or None."""
    row = await tables.ClientRequest.get_or_none(id=id, using_db=connection)
    return _read_request(row) if row else None


async def list_requests(size: int, connection: Connection) -> list[ClientRequest]:
    """Load the last requests, newest first."""
    return [
        _read_request(row)
        for row in await tables.ClientRequest.all(connection).order_by("-proposed_at", "id").limit(size)
    ]


async def update_request(former: State, request: ClientRequest, connection: Connection) -> bool:
    """Write the state and decision of a request. Returns False if its state has changed."""
    rows = tables.ClientRequest.filter(id=request.id, state=former.value).using_db(connection)
    return bool(
        await rows.update(
            state=request.state.value,
            decided_by=request.decided_by,
            decided_at=request.decided_at,
            decision_reason=request.decision_reason,
        )
    )


def _read_request(row: tables.ClientRequest) -> ClientRequest:
    request = from_row(row, ClientRequest)
    return replace(request, state=State(request.state))


def _read_client(row: tables.Client) -> Client:
    return replace(from_row(row, Client), territory=parse_territory(row.territory))
