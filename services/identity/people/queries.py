"""Questions of planning about teachers and schools, and about what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
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
)
from services.identity.people.model import ZONES, AssignmentFacts, DutyFacts, Row, ZoneFacts, find_induk
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

DEFAULT_ZONE = ZONES["WIB"]  # where four in five people live


async def find_province_zone(provinsi: str | None, connection: Connection) -> Row[ZoneFacts] | None:
    """The zone on record for a province as Dapodik writes it. At most one query."""
    if provinsi is None:
        return None
    key = normalize_province(provinsi)
    return (await store.load_zones([key], connection)).get(key)


async def load_school_zones(npsns: Collection[str], connection: Connection) -> dict[str, str]:
    """Return the IANA name of the zone at each school, UNKNOWN_ZONE where none is on record. Two queries."""
    schools = await store.load_schools(npsns, connection)
    keys = {
        npsn: normalize_province(one.facts.provinsi) for npsn, one in schools.items() if one.facts.provinsi
    }
    rows = await store.load_zones(set(keys.values()), connection)
    return {npsn: get_zone_name(rows.get(keys.get(npsn, ""))) for npsn in npsns}


async def find_local_day(npsn: str | None, now: datetime, connection: Connection) -> date:
    """The calendar day at a school; by UNKNOWN_ZONE where the school is not known. At most two queries."""
    zone = (await load_school_zones([npsn], connection))[npsn] if npsn else DEFAULT_ZONE
    return get_local_day(zone, now)


def get_zone_name(zone: Row[ZoneFacts] | None) -> str:
    """The IANA name of a zone on record, or UNKNOWN_ZONE."""
    return zone.facts.zone if zone else DEFAULT_ZONE


def get_local_day(zone: str, now: datetime) -> date:
    """The calendar day in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


HEAD_JABATAN = KEPALA_JABATAN | PLT_JABATAN


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
        claims[decree.facts.npsn].append(_build_duty_claim(decree, own_assignments, names))
    return {npsn: decide_headships(claims[npsn]) for npsn in npsns}


def drop_past_headships(headships: Iterable[Headship], day: date) -> tuple[Headship, ...]:
    """Drop those over before `day`. One that ended with the day before stays, for a reader whose clock is behind."""
    return tuple(one for one in headships if one.valid_until is None or one.valid_until >= day)


async def load_headed_schools(
    ptk_id: UUID, assignments: Collection[Row[AssignmentFacts]], now: datetime, connection: Connection
) -> list[HeadedSchool]:
    """Return the headships of a person from today on, definitif and Plt, by NPSN and day. At most seven queries.

    `places` are the person's assignments.
    """
    npsns = {row.facts.npsn for row in assignments if row.left_at is None}
    npsns |= {row.facts.npsn for row in await store.load_duties([ptk_id], connection)}
    if not npsns:
        return []
    headships, zones = await load_headships(npsns, connection), await load_school_zones(npsns, connection)
    return [
        HeadedSchool(npsn, zones[npsn], one)
        for npsn in sorted(npsns)
        for one in drop_past_headships(headships[npsn], get_local_day(zones[npsn], now))
        if one.head.ptk_id == ptk_id
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


def _build_duty_claim(
    row: Row[DutyFacts], assignments: list[Row[AssignmentFacts]], names: dict[UUID, str]
) -> Claim:
    facts = row.facts
    active = {
        assignment.facts.npsn: assignment.facts for assignment in assignments if assignment.left_at is None
    }
    induk = find_induk(assignments)
    place = active.get(facts.npsn) or active.get(induk or "")
    return Claim(
        ptk_id=facts.ptk_id,
        nama=names.get(facts.ptk_id),
        jabatan_ptk_id=facts.jabatan_ptk_id,
        jenis_ptk_id=place.jenis_ptk_id if place else None,
        is_induk=induk == facts.npsn,
        is_active=bool(active),
        is_duty=True,
        tmt=facts.tmt,
        tst=facts.tst,
        nomor_sk=facts.nomor_sk,
    )


async def answer_school(npsn: str, now: datetime, connection: Connection) -> View:
    """The school with its headships from today in its zone on; RequestRefused `school.unknown`."""
    change = await store.find_last_change("school", npsn, connection)  # read first, as for a teacher
    school = (await store.load_schools([npsn], connection)).get(npsn)
    if school is None:
        raise RequestRefused(Problem("school.unknown", path=("npsn",)))
    zone = await find_province_zone(school.facts.provinsi, connection)
    headships = drop_past_headships(
        (await load_headships([npsn], connection))[npsn], get_local_day(get_zone_name(zone), now)
    )
    # a head rests on the school's own data and on decrees; of both the younger word counts
    instants = [
        instant
        for instant in (await store.load_school_read_at(npsn, connection), change and change.at)
        if instant
    ]
    record = SchoolRecord(school, change.seq if change else 0, zone, headships, max(instants))
    return render_school(record)


async def answer_teacher(ptk_id: UUID, now: datetime, connection: Connection) -> View:
    """The teacher with the headships from today on; RequestRefused `teacher.unknown`."""
    # read first: a reader then holds facts at least as new as the revision, and asks again at the next change
    revisions = await store.load_revisions("teacher", [str(ptk_id)], connection)
    teacher = (await store.load_teachers([ptk_id], connection)).get(ptk_id)
    if teacher is None:
        raise RequestRefused(Problem("teacher.unknown", path=("ptk_id",)))
    assignments = (await store.load_assignments([ptk_id], connection)).get(ptk_id, [])
    schools = await store.load_schools(
        {row.facts.npsn for row in assignments if row.left_at is None}, connection
    )
    record = TeacherRecord(
        teacher=teacher,
        revision=revisions.get(str(ptk_id), 0),
        assignments=assignments,
        school_names={npsn: school.facts.nama for npsn, school in schools.items()},
        headed_schools=await load_headed_schools(ptk_id, assignments, now, connection),
        accounts=await store.load_accounts_of(ptk_id, connection),
    )
    return render_teacher(record)


async def answer_changes(after: int, limit: int, connection: Connection) -> View:
    """The changes after `after`, oldest first; `next` is where to go on, `more` whether to do so at once."""
    changes = await store.select_changes_after(after, limit + 1, connection)
    page = changes[:limit]
    return {
        "changes": [
            {"seq": one.seq, "kind": one.kind, "key": one.key, "at": format_instant(one.at)} for one in page
        ],
        "next": page[-1].seq if page else after,
        "more": len(changes) > limit,
    }


async def resolve_teachers(keys: Sequence[TeacherKey], connection: Connection) -> View:
    """`{"ptk_ids": […]}` in the order of the keys, null for whoever is not known for sure. One query."""
    well_formed = [key for key in keys if key.is_well_formed]
    numbers = {kind: [key.value for key in well_formed if key.kind == kind] for kind in ("nip", "nuptk")}
    people = await store.load_teachers_by_numbers(numbers["nip"], numbers["nuptk"], connection)
    return {"ptk_ids": [ptk_id and str(ptk_id) for ptk_id in match_keys(keys, people)]}
