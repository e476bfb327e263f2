"""The time zone of each province."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from services.identity.domain.registry import Row, Told, ZoneFacts
from services.identity.storage import tables
from services.identity.storage.rows import columns_of, facts_of


async def by_key(keys: Collection[str]) -> dict[str, Row[ZoneFacts]]:
    """The zones of these provinces (`province_key`). One query."""
    rows = await tables.ProvinceZone.filter(key__in=list(keys))
    return {row.key: Row(facts_of(row, ZoneFacts), Told(row.source, row.as_of)) for row in rows}


async def save(zones: Iterable[Row[ZoneFacts]]) -> None:
    """Write zones, new or changed. One statement."""
    columns = [columns_of(one.facts) | {"source": one.told.source, "as_of": one.told.as_of} for one in zones]
    if columns:
        rows = [tables.ProvinceZone(**values) for values in columns]
        updated = [name for name in columns[0] if name != "key"]
        await tables.ProvinceZone.bulk_create(rows, on_conflict=["key"], update_fields=updated)
