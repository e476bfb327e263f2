"""Shared parts of identity's commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.kit.database import Connection

MINUTE_FORMAT, SECOND_FORMAT = "%Y-%m-%d %H:%M %Z", "%Y-%m-%d %H:%M:%S %Z"


@asynccontextmanager
async def open_identity() -> AsyncIterator[tuple[datetime, Connection]]:
    """Open identity's database and make it current. Yields the current instant and a connection."""
    from services.identity.settings import PACKAGE, IdentitySettings
    from services.kit.clock import Clock
    from services.kit.database import open_database
    from services.kit.settings import load_settings

    settings = load_settings(IdentitySettings)
    async with open_database(settings.identity_database_url, PACKAGE) as database:
        yield Clock(settings.now).now(), database.connection
