"""Questions of planning about teachers and schools, and about what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.identity.people import store as accounts
from services.identity.people import store as assignments
from services.identity.people import store as changes
from services.identity.people import store as duties
from services.identity.people import store as schools
from services.identity.people import store as teachers
from services.identity.people import store as zones
from services.identity.people.heads import KEPALA_JABATAN, KEPALA_JENIS, PLT_JABATAN, Claim, Head, decide_head
from services.identity.people.model import ZONES, AssignmentFacts, DutyFacts, Row, ZoneFacts, induk_of
from services.identity.people.views import (
    SchoolRecord,
    TeacherKey,
    TeacherRecord,
    View,
    instant,
    resolved,
    school_view,
    teacher_view,
)
from services.kit.problems import Problem, Refused
from services.kit.region import province_key


async def zone_of_province(provinsi: str | None) -> Row[ZoneFacts] | None:
    """The zone on record for a province as Dapodik writes it. At most one query."""
    if provinsi is None:
        return None
    key = province_key(provinsi)
    return (await zones.load_zones([key])).get(key)


async def day_at(npsn: str | None, now: datetime) -> date:
    """The calendar day at a school; by WIB where the school or its zone is not known. At most two queries."""
    school = (await schools.load_schools([npsn])).get(npsn) if npsn else None
    zone = await zone_of_province(school.facts.provinsi) if school else None
    return day_in(zone, now)


def day_in(zone: Row[ZoneFacts] | None, now: datetime) -> date:
    """The calendar day in a zone; by WIB, where four in five people live, when there is none."""
    return now.astimezone(ZoneInfo(zone.facts.zone if zone else ZONES["WIB"])).date()


HEAD_JABATAN = KEPALA_JABATAN | PLT_JABATAN


@dataclass(frozen=True, slots=True)
class Headships:
    """The schools that a person heads, by NPSN."""

    kepala_at: tuple[str, ...]
    plt_at: tuple[str, ...]


async def heads_of(npsns: Collection[str], day: date) -> dict[str, Head]:
    """The head of each school on `day`, the school's own calendar day. Four queries."""
    rows = await assignments.load_candidates_at(npsns, KEPALA_JENIS, HEAD_JABATAN)
    decrees = await duties.load_duties_at(npsns, HEAD_JABATAN)
    people = {row.facts.ptk_id for row in rows} | {row.facts.ptk_id for row in decrees}
    names = await teachers.load_teacher_names(people)
    places = await assignments.load_assignments(people)
    claims: dict[str, list[Claim]] = defaultdict(list)
    for row in rows:
        claims[row.facts.npsn].append(_row_claim(row, places[row.facts.ptk_id], names))
    for decree in decrees:
        theirs = places.get(decree.facts.ptk_id, [])
        claims[decree.facts.npsn].append(_duty_claim(decree, theirs, names))
    return {npsn: decide_head(claims[npsn], day) for npsn in npsns}


async def headships_of(ptk_id: UUID, day: date) -> Headships:
    """Where a person is head on `day`: definitif, and as Plt."""
    places = await assignments.load_assignments([ptk_id])
    npsns = {row.facts.npsn for row in places[ptk_id] if row.left_at is None}
    npsns |= {row.facts.npsn for row in await duties.load_duties([ptk_id])}
    heads = await heads_of(sorted(npsns), day) if npsns else {}
    theirs = {npsn: head.kind for npsn, head in heads.items() if head.ptk_id == ptk_id}
    return Headships(
        kepala_at=tuple(npsn for npsn, kind in theirs.items() if kind == "definitif"),
        plt_at=tuple(npsn for npsn, kind in theirs.items() if kind == "plt"),
    )


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


async def answer_school(npsn: str, now: datetime) -> View:
    """The school, its head judged by today in its zone; Refused `school.unknown`."""
    change = await changes.find_last_change("school", npsn)  # read first, as for a teacher
    known = (await schools.load_schools([npsn])).get(npsn)
    if known is None:
        raise Refused(Problem("school.unknown", path=("npsn",)))
    zone = await zone_of_province(known.facts.provinsi)
    heads = await heads_of([npsn], day_in(zone, now))
    # the head rests on the school's own data and on decrees; of both the younger word counts
    told = [instant for instant in (await schools.load_school_read_at(npsn), change and change.at) if instant]
    record = SchoolRecord(known, change.seq if change else 0, zone, heads[npsn], max(told))
    return school_view(record)


async def answer_teacher(ptk_id: UUID, now: datetime) -> View:
    """The teacher, heads of schools judged by today at the sekolah induk; Refused `teacher.unknown`."""
    # read first: a reader then holds facts at least as new as the revision, and asks again at the next change
    revisions = await changes.load_revisions("teacher", [str(ptk_id)])
    known = (await teachers.load_teachers([ptk_id])).get(ptk_id)
    if known is None:
        raise Refused(Problem("teacher.unknown", path=("ptk_id",)))
    rows = (await assignments.load_assignments([ptk_id])).get(ptk_id, [])
    places = await schools.load_schools({row.facts.npsn for row in rows if row.left_at is None})
    induk = places.get(induk_of(rows) or "")
    zone = await zone_of_province(induk.facts.provinsi if induk else None)
    headships = await headships_of(ptk_id, day_in(zone, now))
    record = TeacherRecord(
        known=known,
        revision=revisions.get(str(ptk_id), 0),
        assignments=rows,
        school_names={npsn: school.facts.nama for npsn, school in places.items()},
        kepala_at=headships.kepala_at,
        plt_at=headships.plt_at,
        accounts=await accounts.load_accounts_of(ptk_id),
    )
    return teacher_view(record)


async def answer_changes(after: int, limit: int) -> View:
    """The changes after `after`, oldest first; `next` is where to go on, `more` whether to do so at once."""
    found = await changes.select_changes_after(after, limit + 1)
    page = found[:limit]
    return {
        "changes": [
            {"seq": one.seq, "kind": one.kind, "key": one.key, "at": instant(one.at)} for one in page
        ],
        "next": page[-1].seq if page else after,
        "more": len(found) > limit,
    }


async def resolve_teachers(keys: Sequence[TeacherKey]) -> View:
    """`{"ptk_ids": […]}` in the order of the keys, null for whoever is not known for sure. One query."""
    sound = [key for key in keys if key.is_sound]
    numbers = {kind: [key.value for key in sound if key.kind == kind] for kind in ("nip", "nuptk")}
    people = await teachers.load_teachers_by_numbers(numbers["nip"], numbers["nuptk"])
    return {"ptk_ids": [ptk_id and str(ptk_id) for ptk_id in resolved(keys, people)]}
