"""Schools on record."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from services.identity.domain.registry import Known, SchoolFacts
from services.identity.storage import tables
from services.identity.storage.rows import columns_of, facts_of, provenance_column, provenance_of


async def by_npsn(npsns: Collection[str]) -> dict[str, Known[SchoolFacts]]:
    """The schools with these NPSN; unknown ones are absent. One query."""
    rows = await tables.School.filter(npsn__in=list(npsns))
    return {row.npsn: Known(facts_of(row, SchoolFacts), provenance_of(row.provenance)) for row in rows}


async def read_at(npsn: str) -> datetime | None:
    """When the school's data were last read."""
    instants: list[datetime] = await tables.School.filter(npsn=npsn).values_list("read_at", flat=True)  # type: ignore[assignment]
    return instants[0] if instants else None


async def save(school: Known[SchoolFacts], read: datetime) -> None:
    """Write a school, new or changed. One statement."""
    columns = columns_of(school.facts) | {"provenance": provenance_column(school.told), "read_at": read}
    updated = [name for name in columns if name != "npsn"]
    await tables.School.bulk_create([tables.School(**columns)], on_conflict=["npsn"], update_fields=updated)


async def provinces() -> dict[str, list[str]]:
    """The NPSN of the schools of each province, as the province is written."""
    found: dict[str, list[str]] = {}
    async for npsn, provinsi in tables.School.filter(provinsi__isnull=False).values_list("npsn", "provinsi"):
        found.setdefault(provinsi, []).append(npsn)
    return found


async def regency_names() -> list[str]:
    """The kabupaten and kota that schools are in, each as it is written. One query."""
    names = tables.School.filter(kabupaten_kota__isnull=False).distinct()
    return [str(name) for name in await names.values_list("kabupaten_kota", flat=True)]


async def province_names() -> list[str]:
    """The provinces that schools are in, each as it is written. One query."""
    names = tables.School.filter(provinsi__isnull=False).distinct()
    return [str(name) for name in await names.values_list("provinsi", flat=True)]
