"""Proposed changes of a period's values and how they ended: rows that are only ever added."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from services.planning.domain.admin import By, Kind
from services.planning.domain.parameters import as_given, as_read
from services.planning.domain.period_revision import Ended, Ending, Proposal
from services.planning.storage.tables import PeriodProposalEndTable, PeriodProposalTable
from services.planning.storage.waiting import Waits

NEWEST = 2**31 - 1
_SELECT = """
SELECT to_jsonb(p) AS proposal, to_jsonb(e) AS ended
FROM period_proposal p LEFT JOIN period_proposal_end e USING (period, number) WHERE p.period = $1
"""
_CONCERNED = """
SELECT count(*)::int AS plans FROM plan
WHERE period = $1 AND (workflow, state) IN (SELECT * FROM unnest($2::text[], $3::text[]))
"""
_MADE_HERE = """
SELECT made::int AS number FROM period_proposal_end, jsonb_array_elements(revisions) AS made WHERE period = $1
"""


async def find(code: str, number: int) -> Proposal | None:
    """One proposal of a period."""
    found = await _found(f"{_SELECT} AND p.number = $2", code, number)
    return found[0] if found else None


async def page(code: str, before: int, size: int) -> list[Proposal]:
    """Up to `size` proposals of a period before a number, newest first. One query."""
    return await _found(f"{_SELECT} AND p.number < $2 ORDER BY p.number DESC LIMIT $3", code, before, size)


async def waiting(code: str) -> list[Proposal]:
    """The proposals that nobody has approved or withdrawn, oldest first. One query."""
    return await _found(f"{_SELECT} AND e.number IS NULL ORDER BY p.number", code)


async def count(code: str) -> int:
    """How many proposals a period has seen; the number of the last one."""
    return await PeriodProposalTable.filter(period=code).count()


async def add(proposal: Proposal, connection: BaseDBAsyncClient) -> None:
    """Keep a proposal, under the lock of its period."""
    before = {name: value for name, value in proposal.before.items() if value is not None}
    row = PeriodProposalTable(
        period=proposal.period,
        number=proposal.number,
        before=as_given(before),
        values=as_given(proposal.values),
        wanted=proposal.wanted,
        reason=proposal.reason,
        at=proposal.at,
        **_who(proposal.by),
    )
    await PeriodProposalTable.bulk_create([row], using_db=connection)


async def end(proposal: Proposal, ended: Ended, connection: BaseDBAsyncClient) -> None:
    """Keep how a proposal ended, under the lock of its period; a second end fails."""
    row = PeriodProposalEndTable(
        period=proposal.period,
        number=proposal.number,
        how=ended.how.value,
        revisions=list(ended.revisions),
        reason=ended.reason,
        at=ended.at,
        **_who(ended.by),
    )
    await PeriodProposalEndTable.bulk_create([row], using_db=connection)


async def made_here(code: str) -> set[int]:
    """The numbers of the revisions that came of proposals, and so stand in no file."""
    rows = await get_connection("default").execute_query_dict(_MADE_HERE, [code])
    return {row["number"] for row in rows}


async def concerned(code: str, waits: Waits) -> int:
    """How many plans of a period stand where the workflow may move them by itself: by index alone."""
    values = [code, list(waits.workflows), list(waits.states)]
    rows = await get_connection("default").execute_query_dict(_CONCERNED, values)
    return int(rows[0]["plans"])


async def _found(statement: str, *values: object) -> list[Proposal]:
    rows = await get_connection("default").execute_query_dict(statement, list(values))
    return [_proposal(json.loads(row["proposal"]), json.loads(row["ended"] or "null")) for row in rows]


def _proposal(row: Mapping[str, Any], ended: Mapping[str, Any] | None) -> Proposal:
    return Proposal(
        period=row["period"],
        number=row["number"],
        before=as_read(row["before"]),
        values=as_read(row["values"]),
        wanted=datetime.fromisoformat(row["wanted"]) if row["wanted"] else None,
        by=_by(row),
        reason=row["reason"],
        at=datetime.fromisoformat(row["at"]),
        ended=_ended(ended) if ended else None,
    )


def _ended(row: Mapping[str, Any]) -> Ended:
    at = datetime.fromisoformat(row["at"])
    return Ended(Ending(row["how"]), _by(row), row["reason"], at, tuple(row["revisions"]))


def _by(row: Mapping[str, Any]) -> By:
    return By(Kind(row["kind"]), row["account"], row["ptk_id"])


def _who(by: By) -> dict[str, Any]:
    return {"kind": by.kind.value, "account": by.account, "ptk_id": by.ptk_id}
