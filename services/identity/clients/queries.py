"""Questions about clients, for admins and operators."""

from __future__ import annotations

from datetime import datetime

from services.identity.clients import store
from services.identity.clients.model import Client, Secret


async def list_clients(now: datetime) -> list[tuple[Client, list[Secret]]]:
    """List every client there ever was, oldest first, with its live secrets. Two statements."""
    live = await store.live_secrets(now)
    return [(one, [secret for secret in live if secret.client_id == one.id]) for one in await store.every()]
