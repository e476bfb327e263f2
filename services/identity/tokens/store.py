"""Storage of signing keys. Private keys are encrypted."""

from __future__ import annotations

from datetime import datetime

from services.identity.people.columns import from_row, to_columns
from services.identity.tokens import tables
from services.identity.tokens.model import SigningKey
from services.kit.database import Connection


async def load_keys(connection: Connection) -> list[SigningKey]:
    """Load all keys, retired ones included, oldest first."""
    rows = await tables.SigningKey.all(connection).order_by("active_from", "kid")
    return [from_row(row, SigningKey) for row in rows]


async def insert_key(key: SigningKey, connection: Connection) -> None:
    """Write a new key."""
    await tables.SigningKey.create(**to_columns(key), using_db=connection)


async def retire_all(at: datetime, connection: Connection) -> None:
    """Set the retirement of every key that has none."""
    await tables.SigningKey.filter(retired_at__isnull=True).using_db(connection).update(retired_at=at)


async def retire(kid: str, at: datetime, connection: Connection) -> None:
    """Set the retirement of a key."""
    await tables.SigningKey.filter(kid=kid).using_db(connection).update(retired_at=at)


async def update_private_pem(kid: str, private_pem: str, connection: Connection) -> None:
    """Replace the encrypted private key."""
    await tables.SigningKey.filter(kid=kid).using_db(connection).update(private_pem=private_pem)
