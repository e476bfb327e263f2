"""Who is, or was, at which school."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID, uuid4

from tortoise.expressions import Q

from services.identity.domain.registry import AssignmentFacts, Row, Told
from services.identity.storage import tables
from services.identity.storage.rows import columns_of, facts_of

Assignments = list[Row[AssignmentFacts]]


def _row(row: tables.Assignment) -> Row[AssignmentFacts]:
    return Row(facts_of(row, AssignmentFacts), Told(row.source, row.as_of), row.left_at)


async def of_school_and_people(npsn: str, ptk_ids: Collection[UUID]) -> Assignments:
    """The school's assignments, and those of these people anywhere, ended ones included. One query."""
    rows = await tables.Assignment.filter(Q(npsn=npsn) | Q(ptk_id__in=list(ptk_ids)))
    return [_row(row) for row in rows]


async def of_people(ptk_ids: Collection[UUID]) -> dict[UUID, Assignments]:
    """The assignments of these people, ended ones included. One query."""
    found: dict[UUID, Assignments] = defaultdict(list)
    for row in await tables.Assignment.filter(ptk_id__in=list(ptk_ids)):
        found[row.ptk_id].append(_row(row))
    return found


async def people_at(npsn: str) -> set[UUID]:
    """Who is at a school. One query."""
    here = tables.Assignment.filter(npsn=npsn, left_at__isnull=True)
    return set(await here.values_list("ptk_id", flat=True))  # type: ignore[arg-type]


async def candidates_at(
    npsns: Collection[str], jenis: Collection[str], jabatan: Collection[str]
) -> Assignments:
    """Active assignments at these schools whose jenis or jabatan could make a head. One query."""
    rows = await tables.Assignment.filter(
        Q(npsn__in=list(npsns), left_at__isnull=True),
        Q(jenis_ptk_id__in=list(jenis)) | Q(jabatan_ptk_id__in=list(jabatan)),
    )
    return [_row(row) for row in rows]


async def save(assignments: Iterable[Row[AssignmentFacts]]) -> None:
    """Write assignments, new, changed or ended. One statement."""
    columns = [
        columns_of(one.facts) | {"source": one.told.source, "as_of": one.told.as_of, "left_at": one.left_at}
        for one in assignments
    ]
    if columns:
        updated = [name for name in columns[0] if name not in ("ptk_id", "npsn")]
        rows = [tables.Assignment(id=uuid4(), **values) for values in columns]
        await tables.Assignment.bulk_create(rows, on_conflict=["ptk_id", "npsn"], update_fields=updated)
