"""Import one school's Dapodik data: all its good rows in one unit of work, or, on any fault, nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.identity.domain.bundle import ReadSchool
from services.identity.domain.registry import Row, Told
from services.identity.domain.report import Item, Report
from services.identity.domain.school_diff import KnownSchool, SchoolDiff, compare_school
from services.identity.domain.surat_tugas import refuse_future
from services.identity.domain.users import new_accounts, shown_accounts
from services.identity.storage import accounts, assignments, changes, duties, schools, teachers
from services.kit.problem import Problem, Refused
from services.kit.unit_of_work import in_unit_of_work

PENGGUNA = "dapodik:getPengguna"


async def import_school(read: ReadSchool, as_of: datetime, *, pushed: bool = False) -> Report:
    """Make the registry say what the bundle says; the same bundle again changes nothing.

    `as_of` is the instant the data are of: for a push the instant it came in, for a file the one that its
    importer names. Data older than what was read last are Refused (`import.older`). `pushed`: the school itself
    sent it. It then opens no accounts, or a school could make its operator's address anybody's, and takes no
    person from another sekolah induk (`compare_school`).
    """
    read = refuse_future(read, as_of)

    async def work(_: object) -> Report:
        # one order for all locks: two schools that share a person wait for each other and never deadlock. Who leaves
        # is held too: a duty that is being recorded elsewhere depends on it
        people = await assignments.people_at(read.school.npsn) | set(read.people)
        await changes.hold([read.school.npsn, *map(str, people), *([] if pushed else [accounts.LOCK])])
        last = await schools.read_at(read.school.npsn)
        if last and last > as_of:
            raise Refused(Problem("import.older", {"npsn": read.school.npsn, "read_at": last.isoformat()}))
        diff = compare_school(read, await _known(read), Told("dapodik", as_of), pushed=pushed)
        await schools.save(diff.school, as_of)
        await teachers.save(diff.teachers)
        await assignments.save(diff.assignments)
        report, owners = (diff.report, set()) if pushed else await _open_accounts(read, diff.report, as_of)
        await changes.record(await _touched(diff, owners), as_of)
        return report

    return await in_unit_of_work(work)


async def _known(read: ReadSchool) -> KnownSchool:
    npsn = read.school.npsn
    return KnownSchool(
        school=(await schools.by_npsn([npsn])).get(npsn),
        teachers=await teachers.by_ptk_id(read.people),
        assignments=await assignments.of_school_and_people(npsn, read.people),
    )


async def _open_accounts(read: ReadSchool, report: Report, as_of: datetime) -> tuple[Report, set[UUID]]:
    shown = shown_accounts(read)
    known = await accounts.by_email(shown)
    people = {account.ptk_id for account in shown.values() if account.ptk_id}
    opened, warnings = new_accounts(shown, known, await accounts.people_with_one(people))
    await accounts.save(Row(account, Told(PENGGUNA, as_of)) for account in opened)
    items = tuple(Item("account", account.email) for account in opened)
    whole = replace(report, new=(*report.new, *items), warnings=(*report.warnings, *warnings))
    return whole, {account.ptk_id for account in opened if account.ptk_id}


async def _touched(diff: SchoolDiff, owners: set[UUID]) -> set[changes.Touched]:
    """Every person and school that looks different now: a head's name shows at each school that they head."""
    touched: set[changes.Touched] = {("teacher", str(ptk_id)) for ptk_id in diff.touched_people | owners}
    if diff.school_changed or diff.heads_moved:
        touched.add(("school", diff.school.facts.npsn))
    if diff.heads_moved:
        places = await assignments.of_people(diff.heads_moved)
        touched |= {("school", row.facts.npsn) for rows in places.values() for row in rows if not row.left_at}
        touched |= {("school", row.facts.npsn) for row in await duties.of_people(diff.heads_moved)}
    return touched
