"""Import a file of tugas tambahan: the rows of each school in one unit of work."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from services.identity.domain.diff import RowsDiff, compare_rows
from services.identity.domain.own_files import duty_key, read_duties
from services.identity.domain.registry import DutyFacts, Told
from services.identity.domain.report import Report
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
    whole: RowsDiff[DutyFacts] = RowsDiff(refused=refused)
    for npsn, rows in sorted(by_school.items()):
        whole.tell(await _import_school(npsn, rows, Told(SOURCE, as_of)))
    return whole.report(subject)


async def _import_school(npsn: str, rows: dict[str, DutyFacts], told: Told) -> RowsDiff[DutyFacts]:
    async def work(_: object) -> RowsDiff[DutyFacts]:
        people = {duty.ptk_id for duty in rows.values()}
        await changes.hold([npsn, *map(str, people)])
        is_known = bool(await schools.by_npsn([npsn]))
        refusals = _refusals(rows, is_known, set(await teachers.names(people)))
        good = {key: duty for key, duty in rows.items() if key not in refusals}
        known = {duty_key(row.facts): row for row in await duties.of_people(people)}
        diff = compare_rows("tugas_tambahan", good, known, told)
        diff.refused = list(refusals.values())
        await duties.save(diff.to_save)
        touched: set[changes.Touched] = {("teacher", str(row.facts.ptk_id)) for row in diff.to_save}
        await changes.record(touched | ({("school", npsn)} if touched else set()), told.as_of)
        return diff

    return await in_unit_of_work(work)


def _refusals(rows: dict[str, DutyFacts], school_is_known: bool, people: set[UUID]) -> dict[str, Problem]:
    refusals: dict[str, Problem] = {}
    for key, duty in rows.items():
        if not school_is_known:
            refusals[key] = Problem("duty.school_unknown", {"npsn": duty.npsn}, (key,))
        elif duty.ptk_id not in people:
            refusals[key] = Problem("duty.person_unknown", {"ptk_id": str(duty.ptk_id)}, (key,))
    return refusals
