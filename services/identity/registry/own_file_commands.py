"""Imports of our own files: tugas tambahan and zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.identity.people import store as people_store
from services.identity.people.model import DutyFacts, Provenance
from services.identity.people.queries import find_duty_objection, find_lost_heads, load_headships
from services.identity.registry.json_input import InputPath
from services.identity.registry.own_files import format_duty_key, read_duties, read_zones
from services.identity.registry.report import Report
from services.identity.registry.rows_diff import RowsDiff, compare_rows
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem
from services.kit.region import normalize_province

DUTIES_SOURCE = "file:tugas_tambahan"


async def import_duties(data: bytes, subject: str, as_of: datetime, now: datetime | None = None) -> Report:
    """Import the file of tugas tambahan. Raises RequestRefused if it cannot be read.

    Rows of unknown people or schools are refused.
    """
    duties, problems, lines, repeated_count = read_duties(data)
    by_school: dict[str, dict[str, DutyFacts]] = defaultdict(dict)
    for key, duty in duties.items():
        by_school[duty.npsn][key] = duty
    total: RowsDiff[DutyFacts] = RowsDiff(problems=problems, unchanged_count=repeated_count)
    for npsn, rows in sorted(by_school.items()):
        total.add(
            await _import_school_duties(npsn, rows, lines, Provenance(DUTIES_SOURCE, as_of), now or as_of)
        )
    return total.build_report(subject)


async def _import_school_duties(
    npsn: str,
    rows: dict[str, DutyFacts],
    lines: Mapping[str, InputPath],
    provenance: Provenance,
    now: datetime,
) -> RowsDiff[DutyFacts]:
    async def work(connection: Connection) -> RowsDiff[DutyFacts]:
        people = {duty.ptk_id for duty in rows.values()}
        await people_store.lock_keys([npsn, *map(str, people)], connection)
        school = (await people_store.load_schools([npsn], connection)).get(npsn)
        names = await people_store.load_teacher_names(people, connection)
        problems = _find_row_problems(rows, lines, school is not None, names)
        valid = {key: duty for key, duty in rows.items() if key not in problems}
        existing_duties = {
            format_duty_key(row.facts): row for row in await people_store.load_duties(people, connection)
        }
        diff = compare_rows("tugas_tambahan", valid, lines, existing_duties, provenance, now)
        diff.problems += problems.values()
        diff.names = {str(ptk_id): name for ptk_id, name in names.items()}
        diff.names |= {npsn: school.facts.nama} if school else {}
        assignments = await people_store.load_assignments(people, connection)
        diff.warnings += (
            replace(evidence, path=(*lines[key], "jabatan_ptk_id"))
            for key, duty in valid.items()
            if (evidence := find_duty_objection(duty, assignments.get(duty.ptk_id, []), names))
        )
        heads = await load_headships([npsn], connection) if diff.rows_to_save else {}
        await people_store.upsert_duties(diff.rows_to_save, connection)
        diff.warnings += await find_lost_heads(heads, now, connection) if heads else []
        entities: set[people_store.EntityKey] = {
            ("teacher", str(row.facts.ptk_id)) for row in diff.rows_to_save
        }
        await people_store.insert_changes(
            entities | ({("school", npsn)} if entities else set()), provenance.as_of, connection
        )
        return diff

    return await run_in_transaction(work)


def _find_row_problems(
    rows: dict[str, DutyFacts],
    lines: Mapping[str, InputPath],
    is_school_known: bool,
    people: Collection[UUID],
) -> dict[str, Problem]:
    problems: dict[str, Problem] = {}
    for key, duty in rows.items():
        if not is_school_known:
            problems[key] = Problem(
                "duty.school_unknown", {"npsn": duty.npsn, "field": "npsn"}, (*lines[key], "npsn")
            )
        elif duty.ptk_id not in people:
            problems[key] = Problem(
                "duty.person_unknown",
                {"ptk_id": str(duty.ptk_id), "field": "ptk_id"},
                (*lines[key], "ptk_id"),
            )
    return problems


ZONES_SOURCE = "file:zones"


async def import_zones(data: bytes, subject: str, as_of: datetime, now: datetime | None = None) -> Report:
    """Import the file of zones. Raises RequestRefused if it cannot be read."""
    zones, problems, lines, repeated_count = read_zones(data)

    async def work(connection: Connection) -> Report:
        await people_store.lock_keys(["zones"], connection)
        former = await people_store.load_zones(zones, connection)
        diff = compare_rows("zone", zones, lines, former, Provenance(ZONES_SOURCE, as_of), now or as_of)
        await people_store.upsert_zones(diff.rows_to_save, connection)
        changed_keys = {row.facts.key for row in diff.rows_to_save}
        provinces = await people_store.load_schools_by_province(connection) if changed_keys else {}
        entities: set[people_store.EntityKey] = {
            ("school", npsn)
            for name, npsns in provinces.items()
            if normalize_province(name) in changed_keys
            for npsn in npsns
        }
        await people_store.insert_changes(entities, as_of, connection)
        diff.problems += problems
        diff.unchanged_count += repeated_count
        return diff.build_report(subject)

    return await run_in_transaction(work)
