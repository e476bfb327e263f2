"""Imports of the Dapodik data of schools, and the push tokens of schools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.identity.audit import store as audit_store
from services.identity.audit.model import AuditEvent, AuditKind
from services.identity.people import store as people_store
from services.identity.people.heads import Headship
from services.identity.people.model import Provenance, Row, find_induk
from services.identity.people.queries import find_lost_heads, load_headships
from services.identity.people.views import KeyKind
from services.identity.registry import store
from services.identity.registry.bundle import Bundle
from services.identity.registry.diff import (
    SchoolDiff,
    SchoolSnapshot,
    compare_school,
    refuse_future,
)
from services.identity.registry.own_files import (
    choose_new_accounts,
    list_candidate_accounts,
)
from services.identity.registry.report import Item, Report
from services.kit.clock import is_ahead
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.secret import generate_secret, hash_secret
from services.kit.text import sort_key

PENGGUNA = "dapodik:getPengguna"


async def import_school(
    bundle: Bundle, as_of: datetime, now: datetime | None = None, *, is_push: bool = False
) -> Report:
    """Import the bundle of a school. Importing the same bundle again changes nothing.

    `as_of` is the instant of the data: now (the default of `now`) for a push, and the importer's choice for a file.
    Raises RequestRefused `import.older` if newer data were imported before. A push (`is_push`) opens no accounts,
    because a school could claim any address, and takes no person from another sekolah induk (`compare_school`).
    """
    bundle, npsn, now = refuse_future(bundle, as_of), bundle.school.npsn, now or as_of

    async def work(connection: Connection) -> Report:
        # People who leave are locked too: an import of duties may depend on them.
        people = await people_store.load_active_people(npsn, connection) | set(bundle.people)
        keys = [npsn, *map(str, people), *([] if is_push else [people_store.ACCOUNTS_LOCK])]
        await people_store.lock_keys(keys, connection)
        read_at = await people_store.load_school_read_at(npsn, connection)
        if read_at and as_of < read_at and not is_ahead(read_at, now):
            raise RequestRefused(Problem("import.older", {"npsn": npsn, "read_at": read_at.isoformat()}))
        snapshot = await _load_school_snapshot(bundle, connection)
        diff = compare_school(bundle, snapshot, Provenance("dapodik", as_of), now, is_push=is_push)
        heads = await _load_headships_of(diff, connection)
        await people_store.upsert_school(diff.school, as_of, connection)
        await people_store.upsert_teachers(diff.teachers, connection)
        await people_store.upsert_assignments(diff.assignments, connection)
        report, owners = await _name_leavers(diff.report, connection), set[UUID]()
        if not is_push:
            report, owners = await _open_accounts(bundle, report, as_of, connection)
        warnings, sharing = await _find_shared_numbers(bundle, snapshot, diff, connection)
        lost = await find_lost_heads(heads, now, connection) if heads else []
        report = replace(report, warnings=(*report.warnings, *warnings, *lost))
        entities = await _list_changed_entities(diff, owners | sharing, connection)
        await people_store.insert_changes(entities, as_of, connection)
        return report

    return await run_in_transaction(work)


async def _load_headships_of(diff: SchoolDiff, connection: Connection) -> Mapping[str, tuple[Headship, ...]]:
    """Return the stored headships of the schools whose head the import may change."""
    if not diff.possible_heads:
        return {}
    assignments = await people_store.load_assignments(diff.possible_heads, connection)
    duties = await people_store.load_duties(diff.possible_heads, connection)
    npsns = {row.facts.npsn for rows in assignments.values() for row in rows}
    npsns |= {row.facts.npsn for row in duties}
    return await load_headships(npsns | {diff.school.facts.npsn}, connection)


async def _load_school_snapshot(bundle: Bundle, connection: Connection) -> SchoolSnapshot:
    npsn = bundle.school.npsn
    return SchoolSnapshot(
        school=(await people_store.load_schools([npsn], connection)).get(npsn),
        teachers=await people_store.load_teachers(bundle.people, connection),
        assignments=await people_store.load_assignments_at(npsn, bundle.people, connection),
    )


async def _name_leavers(report: Report, connection: Connection) -> Report:
    leavers = {UUID(item.key) for item in report.leavers}
    names = await people_store.load_teacher_names(leavers, connection) if leavers else {}
    names_by_id = {**report.names, **{str(ptk_id): name for ptk_id, name in names.items()}}
    leaver_items = sorted(
        report.leavers, key=lambda item: (sort_key(names_by_id.get(item.key, "")), item.key)
    )
    return replace(report, names=names_by_id, leavers=tuple(leaver_items))


SHARED_CODES: Mapping[KeyKind, str] = {"nip": "nip.shared", "nuptk": "nuptk.shared"}


async def _find_shared_numbers(
    bundle: Bundle, snapshot: SchoolSnapshot, diff: SchoolDiff, connection: Connection
) -> tuple[list[Problem], set[UUID]]:
    """Return a warning for each number that another record has too, and the records whose `other_records` change."""
    facts = [teacher for teacher, _ in bundle.people.values()]
    former = [one.facts for one in snapshot.teachers.values()]
    nips = {one.nip for one in (*facts, *former) if one.nip}
    records = await people_store.load_teachers_by_numbers(
        nips, {one.nuptk for one in facts if one.nuptk}, connection
    )
    changed_ids = {one.facts.ptk_id for one in diff.teachers}
    changed_nips = {
        one.nip for one in (*(t.facts for t in diff.teachers), *former) if one.ptk_id in changed_ids
    }
    sharing = {one.ptk_id for one in records if one.nip in changed_nips}
    assignments = await people_store.load_assignments({one.ptk_id for one in records}, connection)
    warnings = [
        Problem(
            code,
            {
                "nama": own.nama,
                "other": other.nama,
                "npsn": find_induk(assignments.get(other.ptk_id, [])) or "–",
            },
            ("getGtk", str(own.ptk_id)),
        )
        for kind, code in SHARED_CODES.items()
        for own in records
        for other in records
        if own.ptk_id in bundle.people
        and own.ptk_id != other.ptk_id
        and own.certain(kind)
        and own.certain(kind) == other.certain(kind)
    ]
    return warnings, sharing


async def _open_accounts(
    bundle: Bundle, report: Report, as_of: datetime, connection: Connection
) -> tuple[Report, set[UUID]]:
    candidates = list_candidate_accounts(bundle)
    existing_accounts = await people_store.load_accounts(candidates, connection)
    people = {account.ptk_id for account in candidates.values() if account.ptk_id}
    people_with_account = await people_store.load_people_with_account(people, connection)
    accounts, warnings = choose_new_accounts(candidates, existing_accounts, people_with_account)
    rows = [Row(account, Provenance(PENGGUNA, as_of)) for account in accounts]
    await people_store.upsert_accounts(rows, connection)
    items = tuple(Item("account", account.email) for account in accounts)
    total = replace(report, new_items=(*report.new_items, *items), warnings=(*report.warnings, *warnings))
    return total, {account.ptk_id for account in accounts if account.ptk_id}


async def _list_changed_entities(
    diff: SchoolDiff, owners: set[UUID], connection: Connection
) -> set[people_store.EntityKey]:
    """Return the entities whose answers change. A head's name is part of each school that they head."""
    npsns = {diff.school.facts.npsn} if diff.is_school_changed or diff.possible_heads else set()
    if diff.possible_heads:
        assignments = await people_store.load_assignments(diff.possible_heads, connection)
        npsns |= {row.facts.npsn for rows in assignments.values() for row in rows if not row.left_at}
        npsns |= {row.facts.npsn for row in await people_store.load_duties(diff.possible_heads, connection)}
    teachers: set[people_store.EntityKey] = {
        ("teacher", str(ptk_id)) for ptk_id in diff.changed_people | owners
    }
    return teachers | {("school", npsn) for npsn in npsns}


async def issue_push_token(npsn: str, at: datetime) -> str:
    """Issue a push token for a school and revoke its earlier ones. The token is returned once."""
    token = f"rencana_push_{generate_secret()}"

    async def work(connection: Connection) -> str:
        await people_store.lock_keys([f"push {npsn}"], connection)
        await store.revoke_push_tokens(npsn, at, connection)
        await store.insert_push_token(npsn, hash_secret(token), at, connection)
        return token

    return await run_in_transaction(work)


async def revoke_push_tokens(npsn: str, at: datetime, connection: Connection) -> int:
    """Revoke every push token of a school. Returns the number of tokens that were valid."""
    return await store.revoke_push_tokens(npsn, at, connection)


async def record_wrong_push_token(
    network: str, request_id: str, now: datetime, connection: Connection
) -> None:
    """Write to the audit log that wrong push tokens come from an address or network."""
    event = AuditEvent(now, AuditKind.PUSH, "push.credential", actor=network, request_id=request_id)
    await audit_store.insert_event(event, connection)


async def may_push(token: str, npsn: str, connection: Connection) -> bool:
    """Return whether a push token is valid for a school."""
    return await store.find_npsn(hash_secret(token), connection) == npsn
