"""Storage of answers of identity, of teachers who moved, and of the confirmations of Plt."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from services.kit.database import Connection
from services.kit.sql import load_statements

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer to a request to identity, and when it was last true. `body` is None for an unknown subject."""

    path: str
    etag: str | None
    body: str | None
    as_of: datetime


async def load_answer(path: str, connection: Connection) -> StoredAnswer | None:
    """Load the answer to a request."""
    rows = await _SQL["select_answer"].fetch(connection, path=path)
    return StoredAnswer(**rows[0]) if rows else None


async def store_answers(
    answers: Sequence[StoredAnswer], expired_before: datetime, latest: datetime, connection: Connection
) -> None:
    """Store newer answers. Delete those without a body, and all others from before an instant or after `latest`."""
    await _SQL["upsert_answers"].fetch(
        connection,
        paths=[answer.path for answer in answers],
        etags=[answer.etag for answer in answers],
        bodies=[answer.body for answer in answers],
        instants=[answer.as_of for answer in answers],
        expired_before=expired_before,
        latest=latest,
    )


async def load_current_schools(
    keys: Collection[tuple[str, str]], today: date, connection: Connection
) -> dict[tuple[str, str], str]:
    """Load the sekolah induk of teachers who moved, by (ptk_id, period), for periods that have not ended."""
    rows = await _SQL["select_induk"].fetch(
        connection,
        ptk_ids=[ptk_id for ptk_id, _ in keys],
        periods=[period for _, period in keys],
        today=today,
    )
    return {(row["ptk_id"], row["period"]): row["npsn"] for row in rows}


async def list_with_plans(ptk_ids: Sequence[str], today: date, connection: Connection) -> list[str]:
    """List the teachers, of these, who have a plan in a period that has not ended."""
    rows = await _SQL["select_with_plans"].fetch(connection, ptk_ids=list(ptk_ids), today=today)
    return [row["ptk_id"] for row in rows]


async def store_moved_teachers(
    induk: Mapping[str, str | None], today: date, noticed_at: datetime, connection: Connection
) -> None:
    """Store the teachers whose sekolah induk is not the school of their plan, and delete the others.

    `induk` is the sekolah induk by ptk_id. A teacher without a known sekolah induk is deleted.
    """
    teachers = json.dumps([{"ptk_id": ptk_id, "induk": npsn} for ptk_id, npsn in induk.items()])
    await _SQL["update_moved_teachers"].fetch(
        connection, teachers=teachers, today=today, noticed_at=noticed_at
    )


@dataclass(frozen=True, slots=True)
class PltConfirmation:
    """The confirmation of a Plt for a school and a period. It covers later submissions too."""

    npsn: str
    period: str
    ptk_id: str
    account: str
    at: datetime


async def load_confirmation(npsn: str, period: str, connection: Connection) -> PltConfirmation | None:
    """Load the confirmation of a school for a period."""
    rows = await _SQL["select_confirmation"].fetch(connection, npsn=npsn, period=period)
    return PltConfirmation(**rows[0]) if rows else None


async def list_confirmed_schools(npsns: Iterable[str], period: str, connection: Connection) -> set[str]:
    """List the schools, of these, that have a confirmation for the period."""
    rows = await _SQL["select_confirmed"].fetch(connection, npsns=list(npsns), period=period)
    return {row["npsn"] for row in rows}


async def insert_confirmation(confirmation: PltConfirmation, connection: Connection) -> bool:
    """Store a confirmation. Returns False, and changes nothing, if the school has one for the period."""
    return bool(await _SQL["insert_confirmation"].fetch(connection, **asdict(confirmation)))


async def load_confirmation_instants(period: str, connection: Connection) -> dict[str, datetime]:
    """Load when the Plt of each school confirmed for the period, by NPSN."""
    rows = await _SQL["select_instants"].fetch(connection, period=period)
    return {row["npsn"]: row["at"] for row in rows}
