"""A service's database for the length of a process or a command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import asyncpg
from asyncpg import PostgresError
from pydantic import SecretStr
from tortoise.exceptions import DBConnectionError

from services.kit.database import Database
from services.kit.postgres import PrivatePostgres, default_folder, private_postgres
from services.kit.settings import SettingsError


@asynccontextmanager
async def open_database(url: SecretStr | None, package: str, *, dev: bool) -> AsyncIterator[Database]:
    """The database at `url`, current in the body; in dev it is migrated, and a private one without `url`.

    SettingsError where there is no such database, or it does not let us in.
    """
    with ExitStack() as stack:
        if url is None and not dev:
            raise SettingsError(f"{_variable(package)} is required in prod")
        if url is None:
            server = stack.enter_context(private_postgres(default_folder()))
            url = SecretStr(await private_url(server, package))
        database = Database(url.get_secret_value(), package)
        try:
            await database.connect()
        except (OSError, PostgresError, DBConnectionError) as error:
            raise SettingsError(f"{_variable(package)}: this database cannot be used: {error}") from None
        try:
            if dev:
                await database.migrate()
            with database.active():
                yield database
        finally:
            await database.close()


def _variable(package: str) -> str:
    return f"RENCANA_{package.rsplit('.', 1)[-1]}_DATABASE_URL".upper()


async def private_url(server: PrivatePostgres, package: str) -> str:
    """The URL of a service's database on a private server, which is made where it is missing."""
    name = package.rsplit(".", 1)[-1]
    connection = await asyncpg.connect(server.url("postgres").replace("asyncpg", "postgresql", 1))
    try:
        # given back with the connection; two commands of one service may come at once
        await connection.execute("SELECT pg_advisory_lock(hashtext('rencana database'))")
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return server.url(name)
