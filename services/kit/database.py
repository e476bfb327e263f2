"""The PostgreSQL database of a service, through Tortoise: connect, migrate, transactions."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
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
from tortoise.exceptions import BaseORMException
from tortoise.migrations.executor import MigrationExecutor
from tortoise.transactions import in_transaction

from services.kit.environment_variables import variable_name
from services.kit.grants import check_roles, load_grants
from services.kit.measurement import get_request_stats
from services.kit.settings import SettingsError

# At DEBUG Tortoise logs every query with its values, which are personal data.
logging.getLogger("tortoise").setLevel(logging.INFO)

# The pool of a service or the connection of a transaction. It is the last parameter of a function that runs SQL.
Connection = BaseDBAsyncClient

COMMAND_SECONDS = 30.0  # timeout of a statement
IDLE_TRANSACTION_SECONDS = 60.0  # a batch of a migration computes for a few seconds between two statements
PING_SECONDS = 3.0  # a readiness probe comes every few seconds and must not wait for the one before

# A migration that waits for a lock blocks every request behind it. It therefore fails soon, and the operator runs it
# again. The statement itself may take long, for example to build an index on a large table.
MIGRATION_LIMITS = {"lock_timeout": "5s", "statement_timeout": "1h"}


# what an operator can repair, the most precise first
_FAILURES: Mapping[type[BaseException], str] = {
    asyncpg.InvalidAuthorizationSpecificationError: "the server refuses its user or password",
    asyncpg.InsufficientPrivilegeError: "its role lacks rights, which `rencana migrate` grants",
    asyncpg.InvalidCatalogNameError: "its server has no database of that name",
    asyncpg.TooManyConnectionsError: "its server has no connection left",
    asyncpg.CannotConnectNowError: "its server is starting or stopping",
    ssl.SSLError: "the certificate of its server is not the one that it expects",
    socket.gaierror: "the name of its host is not found",
    ConnectionRefusedError: "nothing listens at its host and port",
}


def session_limits(command_seconds: float) -> dict[str, str]:
    """Return settings by which the server itself ends a statement: after this time, or half of it without a lock.

    A process that hangs in a transaction loses it, and with it the locks that others wait for.
    """
    return {
        "statement_timeout": f"{command_seconds * 1000:.0f}",
        "lock_timeout": f"{command_seconds * 500:.0f}",
        "idle_in_transaction_session_timeout": f"{IDLE_TRANSACTION_SECONDS:.0f}s",
    }


async def _no_reset(_: asyncpg.Connection) -> None:
    """Skip asyncpg's reset query at each release: no statement of ours changes session state."""


class Database:
    """The database of a package, with the models of `{package}.tables` and the migrations in `{package}.migrations`."""

    def __init__(
        self,
        url: str,
        package: str,
        *,
        pool: int = 20,
        command_seconds: float | None = COMMAND_SECONDS,
        session: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        # asyncpg reads the parameters, such as sslmode, from the DSN
        self.dsn = url.replace("asyncpg://", "postgresql://", 1)
        parts: dict[str, Any] = expand_db_url(url.partition("?")[0])
        parts["engine"] = "services.kit.measured_postgres"
        if command_seconds:
            session = {**session_limits(command_seconds), **session}
        parts["credentials"] |= {
            "dsn": self.dsn, "minsize": 1, "maxsize": pool, "reset": _no_reset, "server_settings": dict(session),
            # later than the server, which answers a statement that it ends
            "command_timeout": command_seconds and command_seconds + 1,
        }  # fmt: skip
        self.url, self.package = url, package
        self.owner = package.rpartition(".")[2]  # the service; Tortoise records it with each migration
        tables, migrations = f"{package}.tables", f"{package}.migrations"
        self.apps = {
            self.owner: {"models": [tables], "migrations": migrations, "default_connection": "default"}
        }
        self.config = {"connections": {"default": parts}, "apps": self.apps}
        self.context = TortoiseContext()

    @property
    def connection(self) -> BaseDBAsyncClient:
        """The connection pool. Each statement takes a connection from it."""
        return self.context.db()

    async def connect(self) -> None:
        """Load the models and open the pool. Raises OSError or an asyncpg error, SettingsError if it is another's."""
        with self.active():
            await self.context.init(config=self.config)
        await self.ping()
        await self._check_owner()

    async def ping(self) -> None:
        """Run a trivial query. Raises ConnectionError if it fails or takes longer than PING_SECONDS."""
        query = asyncio.create_task(self._query())
        try:
            # asyncio.wait_for would wait for the cancelled statement, which a dead server never confirms
            finished_queries, _ = await asyncio.wait({query}, timeout=PING_SECONDS)
        finally:
            query.cancel()
        if not finished_queries:
            raise ConnectionError(f"the database does not answer within {PING_SECONDS:g} s")
        try:
            query.result()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException, OSError) as error:
            raise ConnectionError("the database does not answer") from error

    async def _query(self) -> None:
        with self.active():
            await self.context.db().execute_query("SELECT 1")

    async def _check_owner(self) -> None:
        """Raise SettingsError if another service migrated this database: the URLs may be swapped."""
        db = self.context.db()
        (migrations,) = await db.execute_query_dict(
            "SELECT to_regclass('tortoise_migrations') IS NOT NULL AS exist"
        )
        owners = (
            await db.execute_query_dict("SELECT DISTINCT app FROM tortoise_migrations")
            if migrations["exist"]
            else []
        )
        if other_owners := {row["app"] for row in owners} - {self.owner}:
            ours, theirs = (variable_name(f"{name}_database_url") for name in (self.owner, min(other_owners)))
            raise SettingsError(
                f"{ours} names the database of {min(other_owners)}; please compare it with {theirs}"
            )

    async def close(self) -> None:
        """Close the pool."""
        await self.context.close_connections()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Make this the current database of the running task and of the tasks that it starts."""
        token = _current_context.set(self.context)
        try:
            yield
        finally:
            _current_context.reset(token)

    async def migrate(self) -> None:
        """Run the pending migrations, and grant what each role may do. An advisory lock lets one process do so.

        Raises SettingsError if a role is missing.
        """
        lock, grants = await asyncpg.connect(self.dsn), load_grants(self.package)
        migrating = Database(self.url, self.package, command_seconds=None, session=MIGRATION_LIMITS)
        try:
            await lock.execute("SELECT pg_advisory_lock(hashtext('rencana migrate'))")
            await check_roles(grants, self.owner, lock)
            await migrating.connect()
            with migrating.active():
                await MigrationExecutor(migrating.context.db(), migrating.apps).migrate()
            await lock.execute(grants)  # several statements without parameters are one transaction
        finally:
            await migrating.close()
            await lock.close()


def explain_failure(error: BaseException) -> str:
    """Return why a database cannot be used, in plain words without a part of its URL."""
    causes = []
    cause: BaseException | None = error
    while cause is not None:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    for kind, reason in _FAILURES.items():
        if any(isinstance(cause, kind) for cause in causes):
            return reason
    if any("rejected SSL upgrade" in str(one) for one in causes):
        return "its server has no TLS"
    return "it does not answer"


@asynccontextmanager
async def open_database(
    url: SecretStr, package: str, command_seconds: float = COMMAND_SECONDS
) -> AsyncIterator[Database]:
    """Open the database of a package and make it current. Raises SettingsError if it cannot be used."""
    database = Database(url.get_secret_value(), package, command_seconds=command_seconds)
    try:
        await database.connect()
    except (OSError, asyncpg.PostgresError, BaseORMException) as error:
        setting = variable_name(f"{database.owner}_database_url")
        raise SettingsError(f"{setting}: this database cannot be used: {explain_failure(error)}") from None
    try:
        with database.active():
            yield database
    finally:
        await database.close()


class DatabaseMiddleware:
    """ASGI middleware that makes the service's database current during a request."""

    def __init__(self, app: ASGIApp, database: Database) -> None:
        self.app, self.database = app, database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        with self.database.active():
            await self.app(scope, receive, send)


T = TypeVar("T")

_running: set[asyncio.Task[object]] = set()


async def run_in_transaction(work: Callable[[TransactionalDBClient], Awaitable[T]]) -> T:
    """Run `work(connection)` in one transaction. An exception rolls it back; cancelling the caller does not."""

    async def run() -> T:
        async with in_transaction() as connection:
            return await work(connection)

    task = asyncio.create_task(run())
    _running.add(task)
    task.add_done_callback(_running.discard)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        get_request_stats().may_have_written = True  # the transaction goes on
        raise
