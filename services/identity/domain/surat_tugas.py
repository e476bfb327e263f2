"""A surat tugas of a day that has not come: the youngest one names the induk, so a date to come would win for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from services.identity.domain.bundle import ReadSchool
from services.kit.problem import Problem

# the first of the country's days to begin: no school is refused for living further east
WIT = timezone(timedelta(hours=9))


def refuse_future(read: ReadSchool, as_of: datetime) -> ReadSchool:
    """The bundle without the people whose surat tugas is later than its data; each is refused with the reason.

    They stay `present`: a row that is refused makes nobody leave.
    """
    day = as_of.astimezone(WIT).date()
    to_come = {ptk_id for ptk_id, (_, place) in read.people.items() if place.since and place.since > day}
    refused = (
        Problem(
            "field.in_the_future",
            {"field": "tanggal_surat_tugas"},
            ("getGtk", str(ptk_id), "tanggal_surat_tugas"),
        )
        for ptk_id in sorted(to_come)
    )
    people = {ptk_id: told for ptk_id, told in read.people.items() if ptk_id not in to_come}
    return replace(read, people=people, refused=(*read.refused, *refused))
