"""Storage of a plan's history: events, schools and submissions. The statements are in `store.sql`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from services.kit.database import Connection
from services.kit.sql import load_statements
from services.planning.people.model import School
from services.planning.plan.erasable_text import Submission, read_submission
from services.planning.plan.events import Event, read_event

_SQL = load_statements(Path(__file__).with_suffix(".sql"))
_SCHOOL = TypeAdapter(School)


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event and its texts by name. An erased text is None; `is_erased` if any text is."""

    event: Event
    texts: Mapping[str, str | None]
    is_erased: bool


async def select_events(
    ptk_id: str, period: str, before: int, size: int, connection: Connection
) -> list[EventRow]:
    """Return up to `size` events of a plan before a version, newest first."""
    rows = await _SQL["select_events"].fetch(
        connection, ptk_id=ptk_id, period=period, version=before, size=size
    )
    return [
        EventRow(read_event(json.loads(row["body"])), json.loads(row["texts"] or "{}"), row["is_erased"])
        for row in rows
    ]


async def select_schools(ptk_id: str, period: str, connection: Connection) -> list[School]:
    """Return the schools that a plan was at, unless their snapshots are erased."""
    rows = await _SQL["select_schools"].fetch(connection, ptk_id=ptk_id, period=period)
    return [_SCHOOL.validate_json(row["school"]) for row in rows]


async def select_last_submissions(
    ptk_id: str, period: str, connection: Connection
) -> list[Submission | None]:
    """Return up to two submissions of a plan, newest first; None for one whose texts are erased."""
    rows = await _SQL["select_submissions"].fetch(connection, ptk_id=ptk_id, period=period, size=2)
    return [
        read_submission(row["content"], row["profile"]) if row["content"] and row["profile"] else None
        for row in rows
    ]
