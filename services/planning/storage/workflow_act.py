"""What was done with the versions of a workflow: acts, only ever added, one after the other by name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from services.planning.domain.admin import By, Kind
from services.planning.domain.workflow_version import Act, Status
from services.planning.storage.tables import PeriodTable, WorkflowActTable, WorkflowVersionTable
from services.planning.storage.workflow import LENGTH

# Beside the last published one those before it, for a release that cannot build it; none that was retired since.
PUBLISHED = """ARRAY(
  SELECT sha256 FROM workflow_act w WHERE w.name = {name} AND w.act = 'published' AND NOT EXISTS (
    SELECT FROM workflow_act r
    WHERE r.name = w.name AND r.sha256 = w.sha256 AND r.act = 'retired' AND r.number > w.number)
  ORDER BY number DESC)"""
_PLANS = """
SELECT workflow, period, state, count(*)::int AS plans FROM plan
WHERE workflow = ANY($1::text[]) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Living:
    """How many plans of a period live in a state of a version."""

    workflow: str
    period: str
    state: str
    plans: int


async def lock(name: str, connection: BaseDBAsyncClient) -> None:
    """Let nobody else act on the versions of this name until the transaction ends."""
    await connection.execute_query("SELECT pg_advisory_xact_lock(hashtext($1))", [f"workflow {name}"])


async def acts_of(name: str, connection: BaseDBAsyncClient | None = None) -> list[Act]:
    """All acts on the versions of a name in their order: as many as admins have made decisions."""
    found = WorkflowActTable.filter(name=name).order_by("number")
    return [_act(row) for row in await (found.using_db(connection) if connection else found)]


async def name_of(sha256: str) -> str | None:
    """The name of a version, None where it was never stored."""
    if len(sha256) != LENGTH:
        return None
    names = await WorkflowVersionTable.filter(sha256=sha256).values_list("name", flat=True)
    return str(names[0]) if names else None


async def add(act: Act, connection: BaseDBAsyncClient) -> None:
    """Write an act down, under the lock of its name."""
    row = WorkflowActTable(
        name=act.name,
        number=act.number,
        sha256=act.sha256,
        act=act.act.value,
        kind=act.by.kind.value,
        account=act.by.account,
        ptk_id=act.by.ptk_id,
        reason=act.reason,
        at=act.at,
        parent=act.parent,
    )
    await WorkflowActTable.bulk_create([row], using_db=connection)


async def periods_by(name: str, day: date, connection: BaseDBAsyncClient) -> list[str]:
    """The codes of the periods that use a workflow and have not ended on this day, in order."""
    found = PeriodTable.filter(workflow=name, ends__gte=day).using_db(connection).order_by("code")
    return [str(code) for code in await found.values_list("code", flat=True)]


async def living(sha256s: Collection[str]) -> list[Living]:
    """How many plans live by each version, by period and state: one statement, by index alone."""
    rows = await get_connection("default").execute_query_dict(_PLANS, [list(sha256s)])
    return [Living(**row) for row in rows]


def _act(row: WorkflowActTable) -> Act:
    by = By(Kind(row.kind), row.account, str(row.ptk_id) if row.ptk_id else None)
    return Act(row.name, row.number, row.sha256, Status(row.act), by, row.reason, row.at, row.parent)
