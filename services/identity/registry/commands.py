"""Imports of the registry: bundles of schools, tugas tambahan, zones."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.identity.people import store as people_store
from services.identity.people.model import DutyFacts, Row, Told
from services.identity.registry import store
from services.identity.registry.bundle import ReadSchool
from services.identity.registry.diff import (
    KnownSchool,
    RowsDiff,
    SchoolDiff,
    compare_rows,
    compare_school,
    refuse_future,
)
from services.identity.registry.own_files import (
    duty_key,
    new_accounts,
    read_duties,
    read_zones,
    shown_accounts,
)
from services.identity.registry.report import Item, Report
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.region import normalize_province
from services.kit.secret import generate_secret, hash_secret

PENGGUNA = "dapodik:getPengguna"


async def import_school(read: ReadSchool, as_of: datetime, *, pushed: bool = False) -> Report:
    """Make the registry say what the bundle says; the same bundle again changes nothing.

    `as_of` is the instant the data are of: for a push the instant it came in, for a file the one that its
    importer names. Data older than what was read last are Refused (`import.older`). `pushed`: the school itself
    sent it. It then opens no accounts, or a school could make its operator's address anybody's, and takes no
    person from another sekolah induk (`compare_school`).
    """
    read = refuse_future(read, as_of)

    async def work(connection: Connection) -> Report:
        # one order for all locks: two schools that share a person wait for each other and never deadlock. Who leaves
        # is held too: a duty that is being recorded elsewhere depends on it
        people = await people_store.load_people_at(read.school.npsn, connection) | set(read.people)
        await people_store.lock_keys(
            [read.school.npsn, *map(str, people), *([] if pushed else [people_store.ACCOUNTS_LOCK])],
            connection,
        )
        last = await people_store.load_school_read_at(read.school.npsn, connection)
        if last and last > as_of:
            raise RequestRefused(
                Problem("import.older", {"npsn": read.school.npsn, "read_at": last.isoformat()})
            )
        diff = compare_school(read, await _known(read, connection), Told("dapodik", as_of), pushed=pushed)
        await people_store.upsert_school(diff.school, as_of, connection)
        await people_store.upsert_teachers(diff.teachers, connection)
        await people_store.upsert_assignments(diff.assignments, connection)
        report, owners = (
            (diff.report, set()) if pushed else await _open_accounts(read, diff.report, as_of, connection)
        )
        await people_store.insert_changes(await _touched(diff, owners, connection), as_of, connection)
        return report

    return await run_in_transaction(work)


async def _known(read: ReadSchool, connection: Connection) -> KnownSchool:
    npsn = read.school.npsn
    return KnownSchool(
        school=(await people_store.load_schools([npsn], connection)).get(npsn),
        teachers=await people_store.load_teachers(read.people, connection),
        assignments=await people_store.load_assignments_at(npsn, read.people, connection),
    )


async def _open_accounts(
    read: ReadSchool, report: Report, as_of: datetime, connection: Connection
) -> tuple[Report, set[UUID]]:
    shown = shown_accounts(read)
    known = await people_store.load_accounts(shown, connection)
    people = {account.ptk_id for account in shown.values() if account.ptk_id}
    opened, warnings = new_accounts(
        shown, known, await people_store.load_people_with_account(people, connection)
    )
    await people_store.upsert_accounts(
        [Row(account, Told(PENGGUNA, as_of)) for account in opened], connection
    )
    items = tuple(Item("account", account.email) for account in opened)
    whole = replace(report, new=(*report.new, *items), warnings=(*report.warnings, *warnings))
    return whole, {account.ptk_id for account in opened if account.ptk_id}


async def _touched(diff: SchoolDiff, owners: set[UUID], connection: Connection) -> set[people_store.Touched]:
    """Every person and school that looks different now: a head's name shows at each school that they head."""
    touched: set[people_store.Touched] = {("teacher", str(ptk_id)) for ptk_id in diff.touched_people | owners}
    if diff.school_changed or diff.heads_moved:
        touched.add(("school", diff.school.facts.npsn))
    if diff.heads_moved:
        places = await people_store.load_assignments(diff.heads_moved, connection)
        touched |= {("school", row.facts.npsn) for rows in places.values() for row in rows if not row.left_at}
        touched |= {
            ("school", row.facts.npsn) for row in await people_store.load_duties(diff.heads_moved, connection)
        }
    return touched


DUTIES_SOURCE = "file:tugas_tambahan"


async def import_duties(data: bytes, subject: str, as_of: datetime) -> Report:
    """Record the duties; Refused when the file cannot be read. Rows of unknown people or schools are too."""
    read, refused = read_duties(data)
    by_school: dict[str, dict[str, DutyFacts]] = defaultdict(dict)
    for key, duty in read.items():
        by_school[duty.npsn][key] = duty
    whole: RowsDiff[DutyFacts] = RowsDiff(refused=refused)
    for npsn, rows in sorted(by_school.items()):
        whole.tell(await _import_school(npsn, rows, Told(DUTIES_SOURCE, as_of)))
    return whole.report(subject)


async def _import_school(npsn: str, rows: dict[str, DutyFacts], told: Told) -> RowsDiff[DutyFacts]:
    async def work(connection: Connection) -> RowsDiff[DutyFacts]:
        people = {duty.ptk_id for duty in rows.values()}
        await people_store.lock_keys([npsn, *map(str, people)], connection)
        is_known = bool(await people_store.load_schools([npsn], connection))
        refusals = _refusals(rows, is_known, set(await people_store.load_teacher_names(people, connection)))
        good = {key: duty for key, duty in rows.items() if key not in refusals}
        known = {duty_key(row.facts): row for row in await people_store.load_duties(people, connection)}
        diff = compare_rows("tugas_tambahan", good, known, told)
        diff.refused = list(refusals.values())
        await people_store.upsert_duties(diff.to_save, connection)
        touched: set[people_store.Touched] = {("teacher", str(row.facts.ptk_id)) for row in diff.to_save}
        await people_store.insert_changes(
            touched | ({("school", npsn)} if touched else set()), told.as_of, connection
        )
        return diff

    return await run_in_transaction(work)


def _refusals(rows: dict[str, DutyFacts], school_is_known: bool, people: set[UUID]) -> dict[str, Problem]:
    refusals: dict[str, Problem] = {}
    for key, duty in rows.items():
        if not school_is_known:
            refusals[key] = Problem("duty.school_unknown", {"npsn": duty.npsn}, (key,))
        elif duty.ptk_id not in people:
            refusals[key] = Problem("duty.person_unknown", {"ptk_id": str(duty.ptk_id)}, (key,))
    return refusals


ZONES_SOURCE = "file:zones"


async def import_zones(data: bytes, subject: str, as_of: datetime) -> Report:
    """Record the zones; Refused when the file cannot be read."""
    read, refused = read_zones(data)

    async def work(connection: Connection) -> Report:
        await people_store.lock_keys(["zones"], connection)
        diff = compare_rows(
            "zone", read, await people_store.load_zones(read, connection), Told(ZONES_SOURCE, as_of)
        )
        await people_store.upsert_zones(diff.to_save, connection)
        moved = {row.facts.key for row in diff.to_save}
        provinces = await people_store.load_provinces(connection) if moved else {}
        touched: set[people_store.Touched] = {
            ("school", npsn)
            for name, npsns in provinces.items()
            if normalize_province(name) in moved
            for npsn in npsns
        }
        await people_store.insert_changes(touched, as_of, connection)
        diff.refused = refused
        return diff.report(subject)

    return await run_in_transaction(work)


async def issue_push_token(npsn: str, at: datetime) -> str:
    """A new token for the school, shown this once; earlier ones stop working."""
    token = f"rencana_push_{generate_secret()}"

    async def work(connection: Connection) -> str:
        await people_store.lock_keys([f"push {npsn}"], connection)
        await store.revoke(npsn, at, connection)
        await store.add(npsn, hash_secret(token), at, connection)
        return token

    return await run_in_transaction(work)


async def revoke_push_tokens(npsn: str, at: datetime, connection: Connection) -> int:
    """Stop every token of the school; the number that were alive."""
    return await store.revoke(npsn, at, connection)


async def may_push(token: str, npsn: str, connection: Connection) -> bool:
    """Whether the token is alive and of this school."""
    return await store.npsn_of(hash_secret(token), connection) == npsn
