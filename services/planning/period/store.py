"""Storage of periods, their revisions and catalogues."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from services.kit.database import Connection
from services.kit.sql import load_statements
from services.planning.period import catalog_file
from services.planning.period.catalog import Catalog
from services.planning.period.model import (
    Label,
    Period,
    PeriodSetup,
    Revision,
    values_from_json,
    values_to_json,
)
from services.planning.period.tables import CatalogTable, PeriodTable
from services.planning.versions.store import WorkflowCache

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def load_period(code: str, workflows: WorkflowCache, connection: Connection) -> PeriodSetup | None:
    """Return the period of this code."""
    return await _select(code, None, workflows, connection)


async def load_period_at(day: date, workflows: WorkflowCache, connection: Connection) -> PeriodSetup | None:
    """Return the period that a day falls in; of several, the one that began last."""
    return await _select(None, day, workflows, connection)


async def lock_period(code: str, connection: Connection) -> None:
    """Let nobody else change this period until the transaction ends."""
    await _SQL["lock_period"].fetch(connection, name=f"period {code}")


async def insert_period(period: Period, connection: Connection) -> None:
    """Add a period, or the revisions it does not have yet; nothing that stands is changed."""
    row = PeriodTable(
        code=period.code,
        label={"id": period.label.id, "en": period.label.en},
        starts=period.starts,
        ends=period.ends,
        catalog=period.catalog,
        workflow=period.workflow,
    )
    await PeriodTable.bulk_create([row], ignore_conflicts=True, using_db=connection)
    revisions = _revisions_json(period.revisions)
    await _SQL["insert_new_revisions"].fetch(connection, period=period.code, revisions=revisions)


async def insert_revisions(code: str, revisions: Sequence[Revision], connection: Connection) -> None:
    """Add revisions, under the lock of their period. Raises IntegrityError if a number is taken."""
    await _SQL["insert_revisions"].fetch(connection, period=code, revisions=_revisions_json(revisions))


async def has_plans(connection: Connection) -> bool:
    """Tell whether there is a plan, so that lists and values change only with a second person."""
    return bool(await _SQL["has_plans"].fetch_value(connection))


async def _select(
    code: str | None, day: date | None, workflows: WorkflowCache, connection: Connection
) -> PeriodSetup | None:
    rows = await _SQL["select_period"].fetch(connection, code=code, day=day)
    if not rows:
        return None
    row = rows[0]
    return PeriodSetup(
        _period(row),
        row["catalog_sha256"],
        await workflows.get_newest_supported(row["workflows"], connection),
    )


def _period(row: Mapping[str, Any]) -> Period:
    revisions = tuple(_revision(revision) for revision in json.loads(row["revisions"]))
    label = Label(**json.loads(row["label"]))
    return Period(row["code"], label, row["starts"], row["ends"], row["catalog"], row["workflow"], revisions)


def _revision(row: Mapping[str, Any]) -> Revision:
    instant = datetime.fromisoformat(row["effective_from"])
    return Revision(
        row["number"], values_from_json(row["values"]), row["author"], row["approver"], row["reason"], instant
    )


def _revisions_json(revisions: Sequence[Revision]) -> str:
    return json.dumps(
        [
            {
                "number": revision.number,
                "values": values_to_json(revision.values),
                "author": revision.author,
                "approver": revision.approver,
                "reason": revision.reason,
                "effective_from": revision.effective_from.isoformat(),
            }
            for revision in revisions
        ]
    )


async def list_codes_by_workflow(workflow: str, day: date, connection: Connection) -> list[str]:
    """List the periods that use a workflow and have not ended on this day, in order of their codes."""
    periods = PeriodTable.filter(workflow=workflow, ends__gte=day).using_db(connection).order_by("code")
    return [str(code) for code in await periods.values_list("code", flat=True)]


class CatalogCache:
    """Catalogues by their SHA-256. They never change, so what was read once is never read again."""

    def __init__(self) -> None:
        self._loaded: dict[str, Catalog] = {}

    async def get(self, sha256: str, connection: Connection) -> Catalog:
        """The catalogue of this identity; KeyError where it was never imported."""
        if sha256 not in self._loaded:
            catalogs = CatalogTable.filter(sha256=sha256).using_db(connection)
            rows = await catalogs.values_list("body", flat=True)
            if not rows:
                raise KeyError(sha256)
            self._loaded[sha256] = catalog_file.from_canonical(str(rows[0]))
        return self._loaded[sha256]


async def insert_catalog(catalog: Catalog, at: datetime, connection: Connection) -> tuple[str, bool]:
    """Keep a catalogue as the newest of its code; its SHA-256, and whether it is new. An old one is used again."""
    sha256, body = catalog_file.sha256_of(catalog), catalog_file.canonical_json(catalog)
    is_new = await _SQL["insert_catalog"].fetch_value(
        connection, sha256=sha256, code=catalog.code, body=body, at=at
    )
    return sha256, bool(is_new)


async def find_newest_catalog(code: str, connection: Connection) -> str | None:
    """The SHA-256 of the catalogue last imported under this code."""
    newest = CatalogTable.filter(code=code).using_db(connection).order_by("-imported_at").limit(1)
    rows = await newest.values_list("sha256", flat=True)
    return str(rows[0]) if rows else None
