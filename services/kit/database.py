"""One PostgreSQL database of one service, through Tortoise: connect, migrate, transactions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from types import MappingProxyType
from typing import Any, TypeVar

import asyncpg
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.context import TortoiseContext, _current_context
from tortoise.exceptions import BaseORMException, DBConnectionError
from tortoise.migrations.executor import MigrationExecutor
from tortoise.transactions import in_transaction

from services.kit.settings import SettingsError, variable_name

# Tortoise logs every query with its values at DEBUG: personal data, whatever level the operator chose.
logging.getLogger("tortoise").setLevel(logging.INFO)

APP_LABEL = "models"

# The pool of a service, or the connection of a transaction; a function that runs statements takes it last.
Connection = BaseDBAsyncClient

# no statement of a request takes seconds; a probe asks every few seconds and must not wait for the last one
COMMAND_SECONDS = 30.0
PING_SECONDS = 3.0

# A migration that waits for a lock makes every request behind it wait too: it gives up soon and is run again. The
# statement itself may take long, for an index on a large table does.
MIGRATION_LIMITS = {"lock_timeout": "5s", "statement_timeout": "1h"}


async def _no_reset(_: asyncpg.Connection) -> None:
    """Nothing of ours changes a session, so asyncpg's reset query at each release would be for nothing."""


class Database:
    """The database of `package`: the models that `{package}.tables` lists, and `{package}.migrations`."""

    def __init__(
        self,
        url: str,
        package: str,
        *,
        pool: int = 20,
        command_seconds: float | None = COMMAND_SECONDS,
        session: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        parts: dict[str, Any] = expand_db_url(url)
        parts["credentials"] |= {
            "minsize": 1, "maxsize": pool, "reset": _no_reset, "command_timeout": command_seconds,
            "server_settings": dict(session),
        }  # fmt: skip
        self.url, self.package = url, package
        tables, migrations = f"{package}.tables", f"{package}.migrations"
        self.apps = {
            APP_LABEL: {"models": [tables], "migrations": migrations, "default_connection": "default"}
        }
        self.config = {"connections": {"default": parts}, "apps": self.apps}
        self.dsn = url.replace("asyncpg://", "postgresql://", 1)
        self.context = TortoiseContext()

    @property
    def connection(self) -> BaseDBAsyncClient:
        """The pool of a connected database; each statement takes a connection of its own."""
        return self.context.db()

    async def connect(self) -> None:
        """Load the tables and open the pool; raises OSError or asyncpg's errors where the server is away."""
        with self.active():
            await self.context.init(config=self.config)
        await self.ping()

    async def ping(self) -> None:
        """Ask the database for a sign of life; ConnectionError where it gives none within PING_SECONDS."""
        query = asyncio.create_task(self._query())
        try:
            # not wait_for: it waits until the statement is cancelled, and that needs an answer too
            done, _ = await asyncio.wait({query}, timeout=PING_SECONDS)
        finally:
            query.cancel()
        if not done:
            raise ConnectionError(f"the database does not answer within {PING_SECONDS:g} s")
        try:
            query.result()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException, OSError) as error:
            raise ConnectionError("the database does not answer") from error

    async def _query(self) -> None:
        with self.active():
            await self.context.db().execute_query("SELECT 1")

    async def close(self) -> None:
        """Give every connection back."""
        await self.context.close_connections()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Make this the current database of the running task (and of the tasks it starts)."""
        token = _current_context.set(self.context)
        try:
            yield
        finally:
            _current_context.reset(token)

    async def migrate(self) -> None:
        """Bring the tables up to date; several processes may try at once, one does it."""
        lock = await asyncpg.connect(self.dsn)
        migrating = Database(self.url, self.package, command_seconds=None, session=MIGRATION_LIMITS)
        try:
            await lock.execute("SELECT pg_advisory_lock(hashtext('rencana migrate'))")
            await migrating.connect()
            with migrating.active():
                await MigrationExecutor(migrating.context.db(), migrating.apps).migrate()
        finally:
            await migrating.close()
            await lock.close()


@asynccontextmanager
async def open_database(url: SecretStr, package: str) -> AsyncIterator[Database]:
    """Open the database of a package and make it current in the body; SettingsError if it cannot be used."""
    database = Database(url.get_secret_value(), package)
    try:
        await database.connect()
    except (OSError, asyncpg.PostgresError, DBConnectionError) as error:
        setting = variable_name(f"{package.rpartition('.')[2]}_database_url")
        raise SettingsError(f"{setting}: this database cannot be used: {error}") from None
    try:
        with database.active():
            yield database
    finally:
        await database.close()


class DatabaseMiddleware:
    """ASGI: a request runs with its service's database as the current one."""

    def __init__(self, app: ASGIApp, database: Database) -> None:
        self.app, self.database = app, database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        with self.database.active():
            await self.app(scope, receive, send)


T = TypeVar("T")

_running: set[asyncio.Task[object]] = set()


async def run_in_transaction(work: Callable[[TransactionalDBClient], Awaitable[T]]) -> T:
    """Run `work(connection)` in one transaction: all of it is committed, or, on any exception, nothing."""

    async def run() -> T:
        async with in_transaction() as connection:
            return await work(connection)

    task = asyncio.create_task(run())
    _running.add(task)
    task.add_done_callback(_running.discard)
    return await asyncio.shield(task)
