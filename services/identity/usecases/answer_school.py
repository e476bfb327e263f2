"""What is on record of one school, and who heads it today."""

from __future__ import annotations

from datetime import datetime

from services.identity.domain.school_view import SchoolRecord, school_view
from services.identity.domain.view_fact import View
from services.identity.storage import changes, schools
from services.identity.usecases.find_head import heads_of
from services.identity.usecases.local_day import day_in, zone_of_province
from services.kit.problem import Problem, Refused


async def answer_school(npsn: str, now: datetime) -> View:
    """The school, its head judged by today in its zone; Refused `school.unknown`."""
    change = await changes.last("school", npsn)  # read first, as for a teacher
    known = (await schools.by_npsn([npsn])).get(npsn)
    if known is None:
        raise Refused(Problem("school.unknown", path=("npsn",)))
    zone = await zone_of_province(known.facts.provinsi)
    heads = await heads_of([npsn], day_in(zone, now))
    # the head rests on the school's own data and on decrees; of both the younger word counts
    told = [instant for instant in (await schools.read_at(npsn), change and change.at) if instant]
    record = SchoolRecord(known, change.seq if change else 0, zone, heads[npsn], max(told))
    return school_view(record)
