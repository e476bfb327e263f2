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
from services.identity.people.model import ZONES, AssignmentFacts, DutyFacts, Row, ZoneFacts, induk_of
from services.identity.people.views import (
    HeadedSchool,
    SchoolRecord,
    TeacherKey,
    TeacherRecord,
    View,
    instant,
    resolved,
    school_view,
    teacher_view,
)
from services.kit.database import Connection
from services.kit.problems import Problem, RequestRefused
from services.kit.region import normalize_province

UNKNOWN_ZONE = ZONES["WIB"]  # where four in five people live


async def zone_of_province(provinsi: str | None, connection: Connection) -> Row[ZoneFacts] | None:
    """The zone on record for a province as Dapodik writes it. At most one query."""
    if provinsi is None:
        return None
    key = normalize_province(provinsi)
    return (await store.load_zones([key], connection)).get(key)


async def zones_at(npsns: Collection[str], connection: Connection) -> dict[str, str]:
    """Return the IANA name of the zone at each school, UNKNOWN_ZONE where none is on record. Two queries."""
    known = await store.load_schools(npsns, connection)
    keys = {npsn: normalize_province(one.facts.provinsi) for npsn, one in known.items() if one.facts.provinsi}
    rows = await store.load_zones(set(keys.values()), connection)
    return {npsn: name_of(rows.get(keys.get(npsn, ""))) for npsn in npsns}


async def day_at(npsn: str | None, now: datetime, connection: Connection) -> date:
    """The calendar day at a school; by UNKNOWN_ZONE where the school is not known. At most two queries."""
    zone = (await zones_at([npsn], connection))[npsn] if npsn else UNKNOWN_ZONE
    return day_in(zone, now)


def name_of(zone: Row[ZoneFacts] | None) -> str:
    """The IANA name of a zone on record, or UNKNOWN_ZONE."""
    return zone.facts.zone if zone else UNKNOWN_ZONE


def day_in(zone: str, now: datetime) -> date:
    """The calendar day in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


HEAD_JABATAN = KEPALA_JABATAN | PLT_JABATAN


async def headships_at(npsns: Collection[str], connection: Connection) -> dict[str, tuple[Headship, ...]]:
    """Return the headships of each school, in order and without a gap. Four queries."""
    rows = await store.load_candidates_at(npsns, KEPALA_JENIS, HEAD_JABATAN, connection)
    decrees = await store.load_duties_at(npsns, HEAD_JABATAN, connection)
    people = {row.facts.ptk_id for row in rows} | {row.facts.ptk_id for row in decrees}
    names = await store.load_teacher_names(people, connection)
    places = await store.load_assignments(people, connection)
    claims: dict[str, list[Claim]] = defaultdict(list)
    for row in rows:
        claims[row.facts.npsn].append(_row_claim(row, places[row.facts.ptk_id], names))
    for decree in decrees:
        theirs = places.get(decree.facts.ptk_id, [])
        claims[decree.facts.npsn].append(_duty_claim(decree, theirs, names))
    return {npsn: decide_headships(claims[npsn]) for npsn in npsns}


def from_day(headships: Iterable[Headship], day: date) -> tuple[Headship, ...]:
    """Drop those over before `day`. One that ended with the day before stays, for a reader whose clock is behind."""
    return tuple(one for one in headships if one.valid_until is None or one.valid_until >= day)


async def headed_by(
    ptk_id: UUID, places: Collection[Row[AssignmentFacts]], now: datetime, connection: Connection
) -> list[HeadedSchool]:
    """Return the headships of a person from today on, definitif and Plt, by NPSN and day. At most seven queries.

    `places` are the person's assignments.
    """
    npsns = {row.facts.npsn for row in places if row.left_at is None}
    npsns |= {row.facts.npsn for row in await store.load_duties([ptk_id], connection)}
    if not npsns:
        return []
    headships, zones = await headships_at(npsns, connection), await zones_at(npsns, connection)
    return [
        HeadedSchool(npsn, zones[npsn], one)
        for npsn in sorted(npsns)
        for one in from_day(headships[npsn], day_in(zones[npsn], now))
        if one.head.ptk_id == ptk_id
    ]


def _row_claim(
    row: Row[AssignmentFacts], theirs: list[Row[AssignmentFacts]], names: dict[UUID, str]
) -> Claim:
    facts = row.facts
    return Claim(
        ptk_id=facts.ptk_id,
        nama=names.get(facts.ptk_id),
        jabatan_ptk_id=facts.jabatan_ptk_id,
        jenis_ptk_id=facts.jenis_ptk_id,
        is_induk=induk_of(theirs) == facts.npsn,
        tmt=facts.since,
    )


def _duty_claim(row: Row[DutyFacts], theirs: list[Row[AssignmentFacts]], names: dict[UUID, str]) -> Claim:
    facts = row.facts
    active = {place.facts.npsn: place.facts for place in theirs if place.left_at is None}
    induk = induk_of(theirs)
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
    known = (await store.load_schools([npsn], connection)).get(npsn)
    if known is None:
        raise RequestRefused(Problem("school.unknown", path=("npsn",)))
    zone = await zone_of_province(known.facts.provinsi, connection)
    headships = from_day((await headships_at([npsn], connection))[npsn], day_in(name_of(zone), now))
    # a head rests on the school's own data and on decrees; of both the younger word counts
    told = [
        instant
        for instant in (await store.load_school_read_at(npsn, connection), change and change.at)
        if instant
    ]
    record = SchoolRecord(known, change.seq if change else 0, zone, headships, max(told))
    return school_view(record)


async def answer_teacher(ptk_id: UUID, now: datetime, connection: Connection) -> View:
    """The teacher with the headships from today on; RequestRefused `teacher.unknown`."""
    # read first: a reader then holds facts at least as new as the revision, and asks again at the next change
    revisions = await store.load_revisions("teacher", [str(ptk_id)], connection)
    known = (await store.load_teachers([ptk_id], connection)).get(ptk_id)
    if known is None:
        raise RequestRefused(Problem("teacher.unknown", path=("ptk_id",)))
    rows = (await store.load_assignments([ptk_id], connection)).get(ptk_id, [])
    places = await store.load_schools({row.facts.npsn for row in rows if row.left_at is None}, connection)
    record = TeacherRecord(
        known=known,
        revision=revisions.get(str(ptk_id), 0),
        assignments=rows,
        school_names={npsn: school.facts.nama for npsn, school in places.items()},
        headed=await headed_by(ptk_id, rows, now, connection),
        accounts=await store.load_accounts_of(ptk_id, connection),
    )
    return teacher_view(record)


async def answer_changes(after: int, limit: int, connection: Connection) -> View:
    """The changes after `after`, oldest first; `next` is where to go on, `more` whether to do so at once."""
    found = await store.select_changes_after(after, limit + 1, connection)
    page = found[:limit]
    return {
        "changes": [
            {"seq": one.seq, "kind": one.kind, "key": one.key, "at": instant(one.at)} for one in page
        ],
        "next": page[-1].seq if page else after,
        "more": len(found) > limit,
    }


async def resolve_teachers(keys: Sequence[TeacherKey], connection: Connection) -> View:
    """`{"ptk_ids": […]}` in the order of the keys, null for whoever is not known for sure. One query."""
    sound = [key for key in keys if key.is_sound]
    numbers = {kind: [key.value for key in sound if key.kind == kind] for kind in ("nip", "nuptk")}
    people = await store.load_teachers_by_numbers(numbers["nip"], numbers["nuptk"], connection)
    return {"ptk_ids": [ptk_id and str(ptk_id) for ptk_id in resolved(keys, people)]}
