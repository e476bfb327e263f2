"""Tugas tambahan on record."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID, uuid4

from services.identity.domain.registry import DutyFacts, Row, Told
from services.identity.storage import tables
from services.identity.storage.rows import columns_of, facts_of

Duties = list[Row[DutyFacts]]


def _row(row: tables.TugasTambahan) -> Row[DutyFacts]:
    return Row(facts_of(row, DutyFacts), Told(row.source, row.as_of))


async def of_people(ptk_ids: Collection[UUID]) -> Duties:
    """Every duty of these people. One query."""
    return [_row(row) for row in await tables.TugasTambahan.filter(ptk_id__in=list(ptk_ids))]


async def at_schools(npsns: Collection[str], jabatan: Collection[str]) -> Duties:
    """The duties of these kinds at these schools, past and present. One query."""
    rows = await tables.TugasTambahan.filter(npsn__in=list(npsns), jabatan_ptk_id__in=list(jabatan))
    return [_row(row) for row in rows]


async def save(duties: Iterable[Row[DutyFacts]]) -> None:
    """Write duties, new or changed. One statement."""
    key = ["ptk_id", "npsn", "jabatan_ptk_id", "tmt"]
    columns = [columns_of(one.facts) | {"source": one.told.source, "as_of": one.told.as_of} for one in duties]
    if columns:
        rows = [tables.TugasTambahan(id=uuid4(), **values) for values in columns]
        updated = [name for name in columns[0] if name not in key]
        await tables.TugasTambahan.bulk_create(rows, on_conflict=key, update_fields=updated)
