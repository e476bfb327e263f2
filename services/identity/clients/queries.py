"""Questions about clients."""

from __future__ import annotations

from datetime import datetime

from services.identity.clients import store
from services.identity.clients.model import Client, Secret
from services.kit.database import Connection


async def list_clients(now: datetime, connection: Connection) -> list[tuple[Client, list[Secret]]]:
    """List every client there ever was, oldest first, with its valid secrets. Two queries."""
    clients, secrets = (
        await store.load_clients(connection),
        await store.load_valid_secrets(now, None, connection),
    )
    return [(client, [one for one in secrets if one.client_id == client.id]) for client in clients]
