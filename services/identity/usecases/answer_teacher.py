"""What is on record of one teacher today."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.identity.domain.registry import induk_of
from services.identity.domain.teacher_view import TeacherRecord, teacher_view
from services.identity.domain.view_fact import View
from services.identity.storage import accounts, assignments, changes, schools, teachers
from services.identity.usecases.find_head import headships_of
from services.identity.usecases.local_day import day_in, zone_of_province
from services.kit.problem import Problem, Refused


async def answer_teacher(ptk_id: UUID, now: datetime) -> View:
    """The teacher, heads of schools judged by today at the sekolah induk; Refused `teacher.unknown`."""
    # read first: a reader then holds facts at least as new as the revision, and asks again at the next change
    revisions = await changes.revisions("teacher", [str(ptk_id)])
    known = (await teachers.by_ptk_id([ptk_id])).get(ptk_id)
    if known is None:
        raise Refused(Problem("teacher.unknown", path=("ptk_id",)))
    rows = (await assignments.of_people([ptk_id])).get(ptk_id, [])
    places = await schools.by_npsn({row.facts.npsn for row in rows if row.left_at is None})
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
        accounts=await accounts.of_person(ptk_id),
    )
    return teacher_view(record)
