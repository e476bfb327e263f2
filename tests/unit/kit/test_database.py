from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import pytest
from pydantic import SecretStr

from devtools.postgres import PrivatePostgres, create_database
from services.kit import database as kit
from services.kit.availability import DatabaseBusy
from services.kit.database import COMMAND_SECONDS, Database, open_database
from services.kit.settings import SettingsError
from tests.conftest import Fresh

PACKAGE = "services.identity"


class Proxy:
    """A TCP proxy to PostgreSQL that can keep its connections open and forward nothing."""

    def __init__(self, port: int) -> None:
        self.port, self.is_silent, self.writers = port, False, list[asyncio.StreamWriter]()

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers += [writer, to_writer]
        await asyncio.gather(self._copy(reader, to_writer), self._copy(to_reader, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if not self.is_silent:
                writer.write(data)
        writer.close()

    def resume(self) -> None:
        self.is_silent = False
        for writer in self.writers:
            writer.close()


@asynccontextmanager
async def _proxy(port: int) -> AsyncIterator[tuple[Proxy, int]]:
    line = Proxy(port)
    server = await asyncio.start_server(line.forward, "127.0.0.1", 0)
    try:
        yield line, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        line.resume()


@pytest.fixture
def short_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit, "PING_SECONDS", 0.5)


@pytest.mark.usefixtures("short_ping")
async def test_ping_fails_while_the_server_is_silent_and_succeeds_again(
    fresh_url: Fresh, postgres: PrivatePostgres
) -> None:
    url = await fresh_url(PACKAGE)
    async with _proxy(postgres.port) as (line, port):
        database = Database(url.replace(f":{postgres.port}/", f":{port}/"), PACKAGE)
        await database.connect()
        line.is_silent = True
        for _ in range(3):
            started_at = time.monotonic()
            with pytest.raises(ConnectionError, match="does not answer within"):
                await database.ping()
            assert time.monotonic() - started_at < COMMAND_SECONDS
        line.resume()
        await database.ping()
        await database.close()


@pytest.mark.usefixtures("short_ping")
@pytest.mark.parametrize("is_listening", [True, False])
async def test_connect_fails_if_the_server_never_answers(is_listening: bool) -> None:
    writers: list[asyncio.StreamWriter] = []

    async def never(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if not is_listening:
        server.close()
        await server.wait_closed()
    database = Database(f"asyncpg://a:b@127.0.0.1:{port}/identity", PACKAGE)
    async with asyncio.timeout(COMMAND_SECONDS):
        with pytest.raises(ConnectionError):
            await database.connect()
    assert bool(writers) == is_listening
    server.close()
    for writer in writers:
        writer.close()
    await database.close()


async def test_statement_over_the_timeout_fails(fresh_url: Fresh) -> None:
    database = Database(await fresh_url(PACKAGE), PACKAGE, command_seconds=0.3)
    await database.connect()
    with database.active(), pytest.raises(DatabaseBusy, match="QueryCanceled"):
        await database.context.db().execute_query("SELECT pg_sleep(30)")
    await database.ping()
    await database.close()


async def test_migration_has_no_statement_timeout_of_the_client(postgres: PrivatePostgres) -> None:
    url = await create_database(postgres, "slowly")
    await Database(url, PACKAGE, command_seconds=0.000_001).migrate()
    connection = await asyncpg.connect(url.replace("asyncpg", "postgresql", 1))
    assert await connection.fetchval("SELECT count(*) FROM teacher") == 0
    await connection.close()


async def test_database_of_another_service_is_refused_before_anything_is_written(fresh_url: Fresh) -> None:
    database = Database(await fresh_url("services.planning"), PACKAGE)
    connection = await asyncpg.connect(database.dsn)
    count = "SELECT (SELECT count(*) FROM tortoise_migrations), (SELECT count(*) FROM pg_class)"
    before = await connection.fetchrow(count)

    for action in (database.connect, database.migrate):
        with pytest.raises(
            SettingsError, match="RENCANA_IDENTITY_DATABASE_URL names the database of planning"
        ):
            await action()
    await database.close()

    assert await connection.fetchrow(count) == before
    await connection.close()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("//{user}@", "//nobody:wrong@", "the server refuses its user or password"),
        ("/{name}", "/gibtsnicht", "its server has no database of that name"),
        ("127.0.0.1", "db.invalid", "the name of its host is not found"),
        (":{port}/", ":1/", "nothing listens at its host and port"),
    ],
)
async def test_reason_why_a_database_cannot_be_used(
    fresh_url: Fresh, postgres: PrivatePostgres, old: str, new: str, reason: str
) -> None:
    url = await fresh_url(PACKAGE)
    parts = urlsplit(url)
    old = old.format(user=parts.netloc.split("@")[0], name=parts.path.strip("/"), port=postgres.port)
    assert old in url
    with pytest.raises(SettingsError) as error:
        async with open_database(SecretStr(url.replace(old, new)), PACKAGE):
            pass
    assert error.value.problems == (f"RENCANA_IDENTITY_DATABASE_URL: this database cannot be used: {reason}",)


async def test_migration_fails_if_a_lock_is_not_free(
    postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kit.MIGRATION_LIMITS, "lock_timeout", "100ms")
    database = Database(await create_database(postgres, "locked"), PACKAGE)
    lock_holder = await asyncpg.connect(database.dsn)
    await lock_holder.execute("BEGIN; LOCK TABLE pg_class IN SHARE MODE")

    with pytest.raises(DatabaseBusy, match="LockNotAvailable"):
        await database.migrate()

    await lock_holder.close()


async def test_server_itself_ends_statements_of_a_service(fresh_url: Fresh) -> None:
    database = Database(await fresh_url(PACKAGE), PACKAGE)
    await database.connect()
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    (row,) = await database.connection.execute_query_dict(
        "SELECT " + ", ".join(f"current_setting('{name}') AS {name}" for name in names)
    )
    assert [row[name] for name in names] == ["30s", "15s", "1min"]
    await database.close()
