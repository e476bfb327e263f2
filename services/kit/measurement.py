"""What one request did: its operation, its outcome, its statements, and how long it waited for a connection."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from prometheus_client import Histogram

OTHER = "other"  # operations without a name of their own, so that nobody can create series of metrics
OK, REJECTED = "OK", "REJECTED"  # the latter: refused with problems as data

OPERATION_SECONDS = Histogram(
    "rencana_operation_seconds", "Time to answer a GraphQL request", ["operation", "code"]
)
OPERATION_STATEMENTS = Histogram(
    "rencana_operation_statements",
    "SQL statements of a GraphQL request",
    ["operation"],
    buckets=(0, 1, 2, 3, 5, 8, 13, 20, 50, 100, 200),
)
OPERATION_POOL_WAIT = Histogram(
    "rencana_operation_pool_wait_seconds",
    "Time that a GraphQL request waited for connections to the database",
    ["operation"],
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10),
)


@dataclass(slots=True)
class RequestStats:
    """Counters of one request. `operation` is None unless the request is GraphQL; `code` is the outcome.

    `deadline` is an instant of the event loop, `may_have_written` whether a statement has or may have changed rows.
    """

    operation: str | None = None
    code: str = OK
    statements: int = 0
    pool_wait_seconds: float = 0.0
    deadline: float | None = None
    may_have_written: bool = False

    def observe(self, seconds: float) -> None:
        """Add a GraphQL request to the metrics."""
        if self.operation is not None:
            OPERATION_SECONDS.labels(self.operation, self.code).observe(seconds)
            OPERATION_STATEMENTS.labels(self.operation).observe(self.statements)
            OPERATION_POOL_WAIT.labels(self.operation).observe(self.pool_wait_seconds)

    def __str__(self) -> str:
        text = f" sql={self.statements} wait={self.pool_wait_seconds * 1e3:.1f}ms"
        return text if self.operation is None else f" op={self.operation} code={self.code}{text}"


# Tasks that a request starts share its counters.
_current: ContextVar[RequestStats | None] = ContextVar("request_stats", default=None)


def start_request() -> RequestStats:
    """Start to count for the running task and the tasks that it starts."""
    stats = RequestStats()
    _current.set(stats)
    return stats


def get_request_stats() -> RequestStats:
    """Return the counters of the current request; outside a request, counters that nobody reads."""
    return _current.get() or RequestStats()
