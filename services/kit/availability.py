"""A database that is away or busy: the errors of statements, the log of an outage, and the deadline of a request."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable
from functools import lru_cache

import asyncpg
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.measurement import get_request_stats

log = logging.getLogger(__name__)
# asyncpg logs a traceback for each attempt to connect again. OutageLog logs the outage once.
logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)

QUIET_SECONDS = 1.0  # without a failure, until an outage counts as over
GRACE_SECONDS = 0.5  # after the deadline, for resolvers to put what they have into an answer
RETRY_AFTER_SECONDS = 5


class DatabaseUnavailable(ConnectionError):
    """The database is away, or did not answer in time."""


class ConnectionLost(DatabaseUnavailable):
    """The connection ended during a statement, which may have been carried out."""


class DatabaseBusy(DatabaseUnavailable):
    """The database ended a statement that waited for a lock or ran too long. It changed nothing."""


_BUSY = (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError, asyncpg.DeadlockDetectedError)
_AWAY = (
    asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError, asyncpg.IdleInTransactionSessionTimeoutError, OSError,
)  # fmt: skip
# Also without these: a full disk, no memory, no connection left, a server that became a standby.
_UNABLE = (asyncpg.InsufficientResourcesError, asyncpg.ReadOnlySQLTransactionError)
_CLIENT_ERRORS = (asyncpg.InterfaceError, asyncpg.InternalClientError)  # of the driver, for its use too


def translate_error(error: BaseException, *, is_closed: bool) -> DatabaseUnavailable | None:
    """Return the error of a statement as unavailability, or None if the statement itself is wrong."""
    if isinstance(error, _BUSY):
        return DatabaseBusy(type(error).__name__)
    if isinstance(error, TimeoutError):
        return DatabaseUnavailable("no answer in time")
    if isinstance(error, _AWAY) or (is_closed and isinstance(error, _CLIENT_ERRORS)):
        return ConnectionLost(type(error).__name__)
    return DatabaseUnavailable(type(error).__name__) if isinstance(error, _UNABLE) else None


_COMMENT_OR_LOCK = re.compile(r"--[^\n]*|\bFOR (?:NO KEY )?UPDATE\b")
_WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE|CREATE|ALTER|DROP)\b")


@lru_cache(maxsize=1000)
def is_write(statement: str) -> bool:
    """Return whether a statement may change rows. Ours and Tortoise's have their keywords in upper case."""
    return bool(_WRITES.search(_COMMENT_OR_LOCK.sub("", statement)))


class OutageLog:
    """Logs an outage in one line when it begins, and in one with the number of failures when it has ended."""

    def __init__(self) -> None:
        self.failures = 0
        self._began_at = self._last_at = 0.0

    def note_failure(self, error: DatabaseUnavailable) -> None:
        """Count a failed statement. A busy database is no outage."""
        if isinstance(error, DatabaseBusy):
            return
        self._last_at = time.monotonic()
        if not self.failures:
            self._began_at = self._last_at
            log.error("the database is unavailable: %s", error)
        self.failures += 1

    def note_success(self) -> None:
        """End the outage, unless a statement failed a moment ago."""
        now = time.monotonic()
        if self.failures and now - self._last_at >= QUIET_SECONDS:
            seconds = now - self._began_at
            log.warning("the database answers again: %d statements failed in %.0f s", self.failures, seconds)
            self.failures = 0


OUTAGE = OutageLog()  # a process has one database


class DeadlineMiddleware:
    """ASGI middleware that answers 503 after `seconds`, or if a request needs the database and it is unavailable.

    The time begins when the request has arrived: slow lines have limits of their own (`http_protocol.py`).
    """

    def __init__(self, app: ASGIApp, seconds: float, respond: Callable[[Request], ASGIApp]) -> None:
        self.app, self.seconds, self.respond = app, seconds, respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        stats, loop, has_begun = get_request_stats(), asyncio.get_running_loop(), False

        def postpone() -> float:
            stats.deadline = loop.time() + self.seconds
            return stats.deadline + 2 * GRACE_SECONDS

        async def receive_with_time() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                timeout.reschedule(postpone())
            return message

        async def send_noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            async with asyncio.timeout_at(postpone()) as timeout:
                await self.app(scope, receive_with_time, send_noting)
        except (DatabaseUnavailable, TimeoutError):
            if has_begun:
                raise
            await self.respond(Request(scope))(scope, receive, send)
