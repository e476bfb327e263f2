"""How far long work is, as rows: claimed by whoever does a batch, moved on in the batch's own transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from services.planning.domain.run import Run, Work
from services.planning.storage.tables import RunTable

_RUN = TypeAdapter(Run)
_ONE = "SELECT * FROM run WHERE work = $1 AND number = $2"
_FREE = f"{_ONE} AND ended_at IS NULL AND NOT stopped FOR UPDATE SKIP LOCKED"
_OPEN = (
    "SELECT work, number FROM run WHERE ended_at IS NULL AND NOT stopped AND work = ANY($1) ORDER BY number"
)
_KEEP = """
UPDATE run SET ptk_id = $3, period = $4, counts = $5::jsonb, found = $6, seconds = $7, stopped = $8, ended_at = $9
WHERE work = $1 AND number = $2
"""


async def begin(run: Run, connection: BaseDBAsyncClient) -> None:
    """Write down that there is this to do."""
    ptk_id, period = run.after
    row = RunTable(**{name: value for name, value in asdict(run).items() if name != "after"})
    row.ptk_id, row.period = ptk_id, period  # type: ignore[assignment]
    await RunTable.bulk_create([row], using_db=connection)


async def open_runs(works: Collection[Work]) -> list[tuple[Work, int]]:
    """What is neither done nor stopped, the oldest first."""
    rows = await get_connection("default").execute_query_dict(_OPEN, [[work.value for work in works]])
    return [(Work(row["work"]), row["number"]) for row in rows]


async def claim(work: Work, number: int, connection: BaseDBAsyncClient) -> Run | None:
    """The run, for this transaction alone; None where another one holds it, or nothing is to be done."""
    return _first(await connection.execute_query_dict(_FREE, [work.value, number]))


async def hold(work: Work, number: int, connection: BaseDBAsyncClient) -> Run | None:
    """The run, once nobody else holds it any more: to stop it, or to go on with it."""
    return _first(await connection.execute_query_dict(f"{_ONE} FOR UPDATE", [work.value, number]))


async def load(work: Work, number: int) -> Run | None:
    """The run as it stands."""
    return _first(await get_connection("default").execute_query_dict(_ONE, [work.value, number]))


async def keep(run: Run, connection: BaseDBAsyncClient) -> None:
    """How far it is now; whoever keeps it holds it."""
    ptk_id, period = run.after
    counts = json.dumps(dict(run.counts))
    values = [run.work.value, run.number, ptk_id, period, counts, run.found, run.seconds, run.stopped]
    await connection.execute_query(_KEEP, [*values, run.ended_at])


def run_of(row: Mapping[str, Any]) -> Run:
    """The run in a row, or in a row as JSON."""
    counts = row["counts"]
    return _RUN.validate_python({
        **row,
        "counts": json.loads(counts) if isinstance(counts, str) else counts,
        "after": (str(row["ptk_id"]), row["period"]),
    })  # fmt: skip


def _first(rows: list[dict[str, Any]]) -> Run | None:
    return run_of(rows[0]) if rows else None
