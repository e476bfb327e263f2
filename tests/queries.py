"""How many statements a piece of work sends to the database: `with counting_queries() as queries`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _QueryLog(logging.Handler):
    def __init__(self, queries: list[str]) -> None:
        super().__init__()
        self.queries = queries

    def emit(self, record: logging.LogRecord) -> None:
        self.queries.append(
            str(record.args[0]) if isinstance(record.args, tuple) and record.args else record.msg
        )


@contextmanager
def counting_queries() -> Iterator[list[str]]:
    """Collect the SQL that Tortoise sends in this process, from its own log; it has no BEGIN or COMMIT."""
    log = logging.getLogger("tortoise.db_client")
    queries: list[str] = []
    keeping, level, propagates = _QueryLog(queries), log.level, log.propagate
    log.addHandler(keeping)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    try:
        yield queries
    finally:
        log.removeHandler(keeping)
        log.setLevel(level)
        log.propagate = propagates
