"""People (PTK) on record."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from tortoise.expressions import Q

from services.identity.domain.registry import Known, TeacherFacts
from services.identity.domain.teacher_key import Numbers
from services.identity.storage import tables
from services.identity.storage.rows import columns_of, facts_of, provenance_column, provenance_of


async def by_ptk_id(ptk_ids: Collection[UUID]) -> dict[UUID, Known[TeacherFacts]]:
    """The people with these `ptk_id`; unknown ones are absent. One query."""
    rows = await tables.Teacher.filter(ptk_id__in=list(ptk_ids))
    return {row.ptk_id: Known(facts_of(row, TeacherFacts), provenance_of(row.provenance)) for row in rows}


async def names(ptk_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of these people. One query."""
    pairs = await tables.Teacher.filter(ptk_id__in=list(ptk_ids)).values_list("ptk_id", "nama")
    return {ptk_id: nama for ptk_id, nama in pairs}  # noqa: C416  (the driver's rows are wider than a pair for mypy)


async def by_numbers(nips: Collection[str], nuptks: Collection[str]) -> list[Numbers]:
    """Everybody who has one of these numbers on record. One query."""
    rows = await tables.Teacher.filter(Q(nip__in=list(nips)) | Q(nuptk__in=list(nuptks)))
    return [facts_of(row, Numbers) for row in rows]


async def save(teachers: Iterable[Known[TeacherFacts]]) -> None:
    """Write people, new or changed. One statement."""
    columns = [columns_of(one.facts) | {"provenance": provenance_column(one.told)} for one in teachers]
    if columns:
        updated = [name for name in columns[0] if name != "ptk_id"]
        rows = [tables.Teacher(**values) for values in columns]
        await tables.Teacher.bulk_create(rows, on_conflict=["ptk_id"], update_fields=updated)
