"""Identity's database for the length of a command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import asyncpg

from services.identity.settings import IdentitySettings
from services.kit.database import Database
from services.kit.postgres import default_folder, private_postgres

PACKAGE = "services.identity"
DEVELOPMENT_DATABASE = "identity"


@asynccontextmanager
async def identity_database(settings: IdentitySettings) -> AsyncIterator[Database]:
    """The migrated database, current in the body; in dev without a URL that of the private server."""
    with ExitStack() as stack:
        url = settings.identity_database_url
        if url is None:
            server = stack.enter_context(private_postgres(default_folder()))
            await _create_if_missing(server.url("postgres"), DEVELOPMENT_DATABASE)
            url = server.url(DEVELOPMENT_DATABASE)
        database = Database(url, PACKAGE)
        await database.connect()
        try:
            await database.migrate()
            with database.active():
                yield database
        finally:
            await database.close()


async def _create_if_missing(url: str, name: str) -> None:
    connection = await asyncpg.connect(url.replace("asyncpg://", "postgresql://", 1))
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
