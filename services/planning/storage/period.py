"""Periods and their append-only revisions, with the catalogue and the workflow that new plans of the period use."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from services.planning.domain.parameters import as_given, as_read
from services.planning.domain.period import Label, Period, Revision
from services.planning.storage.tables import PeriodRevisionTable, PeriodTable
from services.planning.storage.workflow import Workflows
from services.planning.storage.workflow_act import PUBLISHED
from workflows import Workflow

_SELECT = f"""
SELECT p.code, p.label, p.starts, p.ends, p.catalog, p.workflow,
  (SELECT sha256 FROM catalog c WHERE c.code = p.catalog ORDER BY imported_at DESC LIMIT 1) AS catalog_sha256,
  {PUBLISHED.format(name="p.workflow")} AS workflows,
  (SELECT json_agg(r ORDER BY r.number) FROM period_revision r WHERE r.period = p.code) AS revisions
FROM period p
"""


@dataclass(frozen=True, slots=True)
class PeriodInUse:
    """A period with what it uses now: the identity of its catalogue, and its workflow."""

    period: Period
    catalog: str
    workflow: Workflow


async def load(code: str, workflows: Workflows) -> PeriodInUse | None:
    """The period of this code, in one query."""
    return await _one(f"{_SELECT} WHERE p.code = $1", [code], workflows)


async def load_at(day: date, workflows: Workflows) -> PeriodInUse | None:
    """The period that a day falls in; of several, the one that began last."""
    where = "WHERE $1 BETWEEN p.starts AND p.ends ORDER BY p.starts DESC LIMIT 1"
    return await _one(f"{_SELECT} {where}", [day], workflows)


async def lock(code: str, connection: BaseDBAsyncClient) -> None:
    """Let nobody else change this period until the transaction ends."""
    await connection.execute_query("SELECT pg_advisory_xact_lock(hashtext($1))", [f"period {code}"])


async def store(period: Period, connection: BaseDBAsyncClient) -> None:
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
    revisions = [_revision_row(period.code, revision) for revision in period.revisions]
    await PeriodRevisionTable.bulk_create(revisions, ignore_conflicts=True, using_db=connection)


async def add(code: str, revisions: Sequence[Revision], connection: BaseDBAsyncClient) -> None:
    """Add revisions, under the lock of their period; a number that is taken fails."""
    rows = [_revision_row(code, revision) for revision in revisions]
    await PeriodRevisionTable.bulk_create(rows, using_db=connection)


async def _one(statement: str, values: Sequence[object], workflows: Workflows) -> PeriodInUse | None:
    rows = await get_connection("default").execute_query_dict(statement, list(values))
    if not rows:
        return None
    row = rows[0]
    return PeriodInUse(_period(row), row["catalog_sha256"], await workflows.newest(row["workflows"]))


def _period(row: Mapping[str, Any]) -> Period:
    revisions = tuple(_revision(revision) for revision in json.loads(row["revisions"]))
    label = Label(**json.loads(row["label"]))
    return Period(row["code"], label, row["starts"], row["ends"], row["catalog"], row["workflow"], revisions)


def _revision(row: Mapping[str, Any]) -> Revision:
    instant = datetime.fromisoformat(row["effective_from"])
    return Revision(
        row["number"], as_read(row["values"]), row["author"], row["approver"], row["reason"], instant
    )


def _revision_row(code: str, revision: Revision) -> PeriodRevisionTable:
    return PeriodRevisionTable(
        period=code,
        number=revision.number,
        values=dict(as_given(revision.values)),
        author=revision.author,
        approver=revision.approver,
        reason=revision.reason,
        effective_from=revision.effective_from,
    )
