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
from services.planning.callers.model import ActorKind, AdminActor
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
    return (await load_periods([code], workflows, connection)).get(code)


async def load_periods(
    codes: Sequence[str], workflows: WorkflowCache, connection: Connection
) -> Mapping[str, PeriodSetup]:
    """Load the periods of these codes that exist. Takes one statement."""
    setups = await _select(workflows, connection, codes=list(codes), size=len(codes))
    return {setup.period.code: setup for setup in setups}


async def load_period_at(day: date, workflows: WorkflowCache, connection: Connection) -> PeriodSetup | None:
    """Load the period that includes a day; of several, the one that starts last."""
    setups = await _select(workflows, connection, day=day, size=1)
    return setups[0] if setups else None


async def list_periods(
    before: tuple[date, str] | None, size: int, workflows: WorkflowCache, connection: Connection
) -> list[PeriodSetup]:
    """List up to `size` periods before a position of first day and code, the one that starts last first."""
    starts, code = before or (None, None)
    return await _select(workflows, connection, before_starts=starts, before_code=code, size=size)


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


async def list_overlapping_codes(period: Period, connection: Connection) -> list[str]:
    """List the other periods of the same workflow that have a day in common with a period."""
    overlap = PeriodTable.filter(workflow=period.workflow, starts__lte=period.ends, ends__gte=period.starts)
    periods = overlap.exclude(code=period.code).using_db(connection).order_by("code")
    return [str(code) for code in await periods.values_list("code", flat=True)]


async def _select(
    workflows: WorkflowCache,
    connection: Connection,
    *,
    size: int,
    codes: list[str] | None = None,
    day: date | None = None,
    before_starts: date | None = None,
    before_code: str | None = None,
) -> list[PeriodSetup]:
    rows = await _SQL["select_periods"].fetch(
        connection, codes=codes, day=day, before_starts=before_starts, before_code=before_code, size=size
    )
    return [
        PeriodSetup(
            _read_period(row),
            row["catalog_sha256"],
            await workflows.get_newest_supported(row["workflows"], connection),
        )
        for row in rows
    ]


def _read_period(row: Mapping[str, Any]) -> Period:
    label = Label(**json.loads(row["label"]))
    revisions = tuple(_read_revision(revision) for revision in json.loads(row["revisions"]))
    return Period(row["code"], label, row["starts"], row["ends"], row["catalog"], row["workflow"], revisions)


def _read_revision(row: Mapping[str, Any]) -> Revision:
    return Revision(
        number=row["number"],
        values=values_from_json(row["values"]),
        author=_read_actor(row["author"]),
        approver=_read_actor(row["approver"]),
        reason=row["reason"],
        effective_from=datetime.fromisoformat(row["effective_from"]),
    )


def _read_actor(row: Mapping[str, Any]) -> AdminActor:
    return AdminActor(ActorKind(row["kind"]), row["account"], row["ptk_id"])


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
    return (await find_newest_catalogs([code], connection)).get(code)


async def find_newest_catalogs(codes: Collection[str], connection: Connection) -> Mapping[str, str]:
    """Find the SHA-256 of the newest catalogue of each of these codes that is stored. Takes one statement."""
    rows = await _SQL["select_newest_catalogs"].fetch(connection, codes=list(codes))
    return {row["code"]: row["sha256"] for row in rows}
