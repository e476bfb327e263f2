"""Questions of planning: teachers, schools with their headships, accounts, the change feed, ptk_ids by NIP or NUPTK."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.identity.people import store
from services.identity.people.heads import (
    KEPALA_JABATAN,
    KEPALA_JENIS,
    PLT_JABATAN,
    Claim,
    Headship,
    decide_headships,
    find_lost_day,
    find_objection,
)
from services.identity.people.model import (
    ZONES,
    AssignmentFacts,
    DutyFacts,
    Row,
    TeacherFacts,
    ZoneFacts,
    find_induk,
)
from services.identity.people.views import (
    HeadedSchool,
    SchoolRecord,
    TeacherKey,
    TeacherRecord,
    View,
    format_instant,
    match_keys,
    render_school,
    render_teacher,
)
from services.kit.database import Connection
from services.kit.problems import Problem, RequestRefused
from services.kit.region import normalize_province

DEFAULT_ZONE = ZONES["WIB"]  # of four in five people
HEAD_JABATAN = KEPALA_JABATAN | PLT_JABATAN


async def load_school_zones(npsns: Collection[str], connection: Connection) -> dict[str, str]:
    """Return the IANA time zone of each school, DEFAULT_ZONE if it is unknown. Two queries."""
    schools = await store.load_schools(npsns, connection)
    keys = {
        npsn: normalize_province(school.facts.provinsi)
        for npsn, school in schools.items()
        if school.facts.provinsi
    }
    zones = await store.load_zones(set(keys.values()), connection)
    return {npsn: _get_zone_name(zones.get(keys.get(npsn, ""))) for npsn in npsns}


async def find_local_day(npsn: str | None, now: datetime, connection: Connection) -> date:
    """Return the calendar day at a school, or in DEFAULT_ZONE without a school. At most two queries."""
    zone = (await load_school_zones([npsn], connection))[npsn] if npsn else DEFAULT_ZONE
    return _get_local_day(zone, now)


def _get_zone_name(zone: Row[ZoneFacts] | None) -> str:
    return zone.facts.zone if zone else DEFAULT_ZONE


def _get_local_day(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


async def load_headships(npsns: Collection[str], connection: Connection) -> dict[str, tuple[Headship, ...]]:
    """Return the headships of each school, in order and without a gap. Four queries."""
    rows = await store.load_head_candidates(npsns, KEPALA_JENIS, HEAD_JABATAN, connection)
    decrees = await store.load_duties_at(npsns, HEAD_JABATAN, connection)
    people = {row.facts.ptk_id for row in rows} | {row.facts.ptk_id for row in decrees}
    names = await store.load_teacher_names(people, connection)
    assignments = await store.load_assignments(people, connection)
    claims: dict[str, list[Claim]] = defaultdict(list)
    for row in rows:
        claims[row.facts.npsn].append(_build_row_claim(row, assignments[row.facts.ptk_id], names))
    for decree in decrees:
        own_assignments = assignments.get(decree.facts.ptk_id, [])
        claims[decree.facts.npsn].append(_build_duty_claim(decree.facts, own_assignments, names))
    return {npsn: decide_headships(claims[npsn]) for npsn in npsns}


async def find_lost_heads(
    before: Mapping[str, tuple[Headship, ...]], now: datetime, connection: Connection
) -> list[Problem]:
    """Return a warning for each school that had a head in `before` and has none now, or from a later day on."""
    after, zones = await load_headships(before, connection), await load_school_zones(before, connection)
    days = {
        npsn: day
        for npsn in sorted(before)
        if (day := find_lost_day(before[npsn], after[npsn], _get_local_day(zones[npsn], now)))
    }
    schools = await store.load_schools(days, connection) if days else {}
    return [
        Problem("head.lost", {"npsn": npsn, "sekolah": schools[npsn].facts.nama, "day": day}, (npsn,))
        for npsn, day in days.items()
        if npsn in schools
    ]


def _drop_past_headships(headships: Iterable[Headship], day: date) -> tuple[Headship, ...]:
    """Drop headships that ended before `day`. One that ended on it stays, for a reader whose clock is behind."""
    return tuple(one for one in headships if one.valid_until is None or one.valid_until >= day)


async def _load_headed_schools(
    ptk_id: UUID,
    assignments: Collection[Row[AssignmentFacts]],
    duties: Collection[Row[DutyFacts]],
    now: datetime,
    connection: Connection,
) -> list[HeadedSchool]:
    """Return a teacher's headships from today on, by NPSN and day. At most six queries."""
    npsns = {row.facts.npsn for row in assignments if row.left_at is None}
    npsns |= {row.facts.npsn for row in duties}
    if not npsns:
        return []
    headships, zones = await load_headships(npsns, connection), await load_school_zones(npsns, connection)
    return [
        HeadedSchool(npsn, zones[npsn], headship)
        for npsn in sorted(npsns)
        for headship in _drop_past_headships(headships[npsn], _get_local_day(zones[npsn], now))
        if headship.head.ptk_id == ptk_id
    ]


def _build_row_claim(
    row: Row[AssignmentFacts], assignments: list[Row[AssignmentFacts]], names: dict[UUID, str]
) -> Claim:
    facts = row.facts
    return Claim(
        ptk_id=facts.ptk_id,
        nama=names.get(facts.ptk_id),
        jabatan_ptk_id=facts.jabatan_ptk_id,
        jenis_ptk_id=facts.jenis_ptk_id,
        is_induk=find_induk(assignments) == facts.npsn,
        tmt=facts.since,
    )


def find_duty_objection(
    duty: DutyFacts, assignments: list[Row[AssignmentFacts]], names: dict[UUID, str]
) -> Problem | None:
    """Return why a decree makes nobody the head on its first day although it names that post, or None."""
    claim = _build_duty_claim(duty, assignments, names)
    code = find_objection(claim, duty.tmt) if claim.post else None
    params = {"nama": claim.nama, "field": "jabatan_ptk_id", "value": duty.jabatan_ptk_id, "tst": duty.tst}
    return Problem(code, params) if code else None


def _build_duty_claim(
    facts: DutyFacts, assignments: list[Row[AssignmentFacts]], names: dict[UUID, str]
) -> Claim:
    active = {row.facts.npsn: row.facts for row in assignments if row.left_at is None}
    induk = find_induk(assignments)
    assignment = active.get(facts.npsn) or active.get(induk or "")
    return Claim(
        ptk_id=facts.ptk_id,
        nama=names.get(facts.ptk_id),
        jabatan_ptk_id=facts.jabatan_ptk_id,
        jenis_ptk_id=assignment.jenis_ptk_id if assignment else None,
        is_induk=induk == facts.npsn,
        is_active=bool(active),
        is_duty=True,
        tmt=facts.tmt,
        tst=facts.tst,
        nomor_sk=facts.nomor_sk,
    )


# An answer reads the change number before the facts. The facts are then at least as new as it, and a reader asks
# again after the next change.


async def answer_school(npsn: str, now: datetime, connection: Connection) -> View:
    """Return a school with its headships from today on. Raises RequestRefused `school.unknown`."""
    change = await store.find_last_change("school", npsn, connection)
    school = (await store.load_schools([npsn], connection)).get(npsn)
    if school is None:
        raise RequestRefused(Problem("school.unknown", path=("npsn",)))
    provinces = [normalize_province(school.facts.provinsi)] if school.facts.provinsi else []
    zone = next(iter((await store.load_zones(provinces, connection)).values()), None) if provinces else None
    headships = (await load_headships([npsn], connection))[npsn]
    # Headships rest on the school's own data and on decrees, so both date them.
    instants = [await store.load_school_read_at(npsn, connection), change and change.at]
    record = SchoolRecord(
        school=school,
        change_number=change.seq if change else 0,
        zone=zone,
        headships=_drop_past_headships(headships, _get_local_day(_get_zone_name(zone), now)),
        as_of=max(instant for instant in instants if instant),
    )
    return render_school(record)


async def answer_teacher(ptk_id: UUID, now: datetime, connection: Connection) -> View:
    """Return a teacher with the headships from today on. Raises RequestRefused `teacher.unknown`."""
    change = await store.find_last_change("teacher", str(ptk_id), connection)
    teacher = (await store.load_teachers([ptk_id], connection)).get(ptk_id)
    if teacher is None:
        raise RequestRefused(Problem("teacher.unknown", path=("ptk_id",)))
    assignments = (await store.load_assignments([ptk_id], connection)).get(ptk_id, [])
    schools = await store.load_schools(
        {row.facts.npsn for row in assignments if row.left_at is None}, connection
    )
    duties = await store.load_duties([ptk_id], connection)
    record = TeacherRecord(
        teacher=teacher,
        change_number=change.seq if change else 0,
        assignments=assignments,
        school_names={npsn: school.facts.nama for npsn, school in schools.items()},
        headed_schools=await _load_headed_schools(ptk_id, assignments, duties, now, connection),
        duties=sorted(duties, key=lambda row: (row.facts.npsn, row.facts.jabatan_ptk_id, row.facts.tmt)),
        accounts=await store.load_accounts_of(ptk_id, connection),
        other_records=await _find_other_records(teacher.facts, connection),
    )
    return render_teacher(record)


async def _find_other_records(facts: TeacherFacts, connection: Connection) -> list[UUID]:
    if facts.nip is None or "nip.rounded" in facts.flags:
        return []
    people = await store.load_teachers_by_numbers([facts.nip], [], connection)
    return [one.ptk_id for one in people if one.certain("nip") and one.ptk_id != facts.ptk_id]


async def answer_account(account_id: UUID, connection: Connection) -> View:
    """Return an account, open or closed. Its id and address never change. Raises RequestRefused `account.unknown`."""
    account = await store.find_account(account_id, connection)
    if account is None:
        raise RequestRefused(Problem("account.unknown", path=("account_id",)))
    return {"id": str(account.id), "email": account.email}


async def answer_changes(after: int, limit: int, connection: Connection) -> View:
    """Return a page of the change feed. `next` is the position to go on from, `more` whether the feed goes on.

    `previous` is the change at `after`. A reader sees by it that the feed is still the one that it has followed.
    """
    changes = await store.select_changes_after(after - 1, limit + 2, connection)
    previous = changes.pop(0) if changes and changes[0].seq == after else None
    page = changes[:limit]
    return {
        "previous": previous and _render_change(previous),
        "changes": [_render_change(change) for change in page],
        "next": page[-1].seq if page else after,
        "more": len(changes) > limit,
    }


def _render_change(change: store.RegistryChange) -> View:
    return {"seq": change.seq, "kind": change.kind, "key": change.key, "at": format_instant(change.at)}


async def resolve_teachers(keys: Sequence[TeacherKey], connection: Connection) -> View:
    """Return `{"ptk_ids": […]}` in the order of the keys, null for a key that identifies nobody. One query."""
    numbers = {
        kind: [key.value for key in keys if key.kind == kind and key.is_well_formed]
        for kind in ("nip", "nuptk")
    }
    people = await store.load_teachers_by_numbers(numbers["nip"], numbers["nuptk"], connection)
    return {"ptk_ids": [ptk_id and str(ptk_id) for ptk_id in match_keys(keys, people)]}
