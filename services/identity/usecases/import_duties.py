"""Import a file of tugas tambahan: the rows of each school in one unit of work."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from services.identity.domain.diff import RowsDiff, compare_rows
from services.identity.domain.own_files import duty_key, read_duties
from services.identity.domain.registry import DutyFacts, Told
from services.identity.domain.report import Item, Report
from services.identity.storage import changes, duties, schools, teachers
from services.kit.problem import Problem
from services.kit.unit_of_work import in_unit_of_work

SOURCE = "file:tugas_tambahan"


async def import_duties(data: bytes, subject: str, as_of: datetime) -> Report:
    """Record the duties; Refused when the file cannot be read. Rows of unknown people or schools are too."""
    read, refused = read_duties(data)
    by_school: dict[str, dict[str, DutyFacts]] = defaultdict(dict)
    for key, duty in read.items():
        by_school[duty.npsn][key] = duty
    new: list[Item] = []
    changed: list[Item] = []
    warnings: list[Problem] = []
    unchanged = 0
    for npsn, rows in sorted(by_school.items()):
        diff, unknown = await _import_school(npsn, rows, Told(SOURCE, as_of))
        new, changed, unchanged = new + diff.new, changed + diff.changed, unchanged + diff.unchanged
        refused, warnings = refused + unknown, warnings + diff.warnings
    return Report(
        subject, tuple(new), tuple(changed), (), unchanged, tuple(refused), tuple(warnings), complete=False
    )


async def _import_school(
    npsn: str, rows: dict[str, DutyFacts], told: Told
) -> tuple[RowsDiff[DutyFacts], list[Problem]]:
    async def work(_: object) -> tuple[RowsDiff[DutyFacts], list[Problem]]:
        people = {duty.ptk_id for duty in rows.values()}
        await changes.hold([npsn, *map(str, people)])
        known_people = await teachers.names(people)
        if not await schools.by_npsn([npsn]):
            return RowsDiff(), [Problem("duty.school_unknown", {"npsn": npsn}, (key,)) for key in rows]
        good = {key: duty for key, duty in rows.items() if duty.ptk_id in known_people}
        unknown = [
            Problem("duty.person_unknown", {"ptk_id": str(duty.ptk_id)}, (key,))
            for key, duty in rows.items()
            if key not in good
        ]
        known = {duty_key(row.facts): row for row in await duties.of_people(people)}
        diff = compare_rows("tugas_tambahan", good, known, told)
        await duties.save(diff.to_save)
        touched: set[changes.Touched] = {("teacher", str(row.facts.ptk_id)) for row in diff.to_save}
        await changes.record(touched | ({("school", npsn)} if touched else set()), told.as_of)
        return diff, unknown

    return await in_unit_of_work(work)
