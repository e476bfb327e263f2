"""Storage of periods, their revisions and catalogues."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from services.kit.database import Connection
from services.kit.sql import load_statements
from services.planning.period import catalog_file
from services.planning.period.catalog import Catalog
from services.planning.period.model import (
    Period,
    PeriodSetup,
    Revision,
    values_from_json,
    values_to_json,
)
from services.planning.period.tables import CatalogTable, PeriodTable
from services.planning.versions.store import WorkflowCache
from workflows.model.definition import Label

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def load_period(code: str, workflows: WorkflowCache, connection: Connection) -> PeriodSetup | None:
    """Load the period of this code."""
    return await _load(code, None, workflows, connection)


async def load_period_at(day: date, workflows: WorkflowCache, connection: Connection) -> PeriodSetup | None:
    """Load the period that includes a day; of several, the one that starts last."""
    return await _load(None, day, workflows, connection)


async def lock_period(code: str, connection: Connection) -> None:
    """Let no other transaction change this period until this one ends."""
    await _SQL["lock_period"].fetch(connection, name=f"period {code}")


async def insert_period(period: Period, connection: Connection) -> None:
    """Add a period, or the revisions that it lacks. Stored rows are not changed."""
    row = PeriodTable(
        code=period.code,
        label=asdict(period.label),
        starts=period.starts,
        ends=period.ends,
        catalog=period.catalog,
        workflow=period.workflow,
    )
    await PeriodTable.bulk_create([row], ignore_conflicts=True, using_db=connection)
    revisions = _revisions_to_json(period.revisions)
    await _SQL["insert_new_revisions"].fetch(connection, period=period.code, revisions=revisions)


async def insert_revisions(code: str, revisions: Sequence[Revision], connection: Connection) -> None:
    """Add revisions, under the lock of their period. Raises IntegrityError if a number is taken."""
    await _SQL["insert_revisions"].fetch(connection, period=code, revisions=_revisions_to_json(revisions))


async def has_plans(connection: Connection) -> bool:
    """Tell whether there is a plan. Then catalogues and periods change only with a second person."""
    return bool(await _SQL["has_plans"].fetch_value(connection))


async def list_codes_by_workflow(workflow: str, day: date, connection: Connection) -> list[str]:
    """List the periods that use a workflow and do not end before a day, in order of their codes."""
    periods = PeriodTable.filter(workflow=workflow, ends__gte=day).using_db(connection).order_by("code")
    return [str(code) for code in await periods.values_list("code", flat=True)]


async def _load(
    code: str | None, day: date | None, workflows: WorkflowCache, connection: Connection
) -> PeriodSetup | None:
    rows = await _SQL["select_period"].fetch(connection, code=code, day=day)
    if not rows:
        return None
    row = rows[0]
    label = Label(**json.loads(row["label"]))
    revisions = tuple(_read_revision(revision) for revision in json.loads(row["revisions"]))
    period = Period(
        row["code"], label, row["starts"], row["ends"], row["catalog"], row["workflow"], revisions
    )
    workflow = await workflows.get_newest_supported(row["workflows"], connection)
    return PeriodSetup(period, row["catalog_sha256"], workflow)


def _read_revision(row: Mapping[str, Any]) -> Revision:
    return Revision(
        number=row["number"],
        values=values_from_json(row["values"]),
        author=row["author"],
        approver=row["approver"],
        reason=row["reason"],
        effective_from=datetime.fromisoformat(row["effective_from"]),
    )


def _revisions_to_json(revisions: Sequence[Revision]) -> str:
    rows = [
        {
            **asdict(revision),
            "values": values_to_json(revision.values),
            "effective_from": revision.effective_from.isoformat(),
        }
        for revision in revisions
    ]
    return json.dumps(rows)


class CatalogCache:
    """A cache of catalogues by their SHA-256. A stored catalogue never changes."""

    def __init__(self) -> None:
        self._catalogs: dict[str, Catalog] = {}

    async def get(self, sha256: str, connection: Connection) -> Catalog:
        """Return a catalogue. Raises KeyError if it is not stored."""
        return (await self.get_stored([sha256], connection))[sha256]

    async def get_stored(self, sha256s: Collection[str], connection: Connection) -> Mapping[str, Catalog]:
        """Return those of these catalogues that are stored. Takes one statement at most."""
        if unread := set(sha256s) - self._catalogs.keys():
            rows = CatalogTable.filter(sha256__in=unread).using_db(connection)
            for sha256, body in await rows.values_list("sha256", "body"):
                self._catalogs[str(sha256)] = Catalog.model_validate_json(str(body))
        return {sha256: self._catalogs[sha256] for sha256 in sha256s if sha256 in self._catalogs}


async def insert_catalog(catalog: Catalog, at: datetime, connection: Connection) -> None:
    """Store a catalogue as the newest of its code. A catalogue that is stored becomes the newest again."""
    body = catalog_file.canonical_json(catalog)
    await _SQL["insert_catalog"].fetch(
        connection, sha256=catalog_file.sha256_of(catalog), code=catalog.code, body=body, at=at
    )


async def find_newest_catalog(code: str, connection: Connection) -> str | None:
    """Find the SHA-256 of the newest catalogue of a code."""
    newest = CatalogTable.filter(code=code).using_db(connection).order_by("-imported_at").limit(1)
    rows = await newest.values_list("sha256", flat=True)
    return str(rows[0]) if rows else None
