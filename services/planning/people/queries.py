"""The signed-in person: facts of identity, and whether the person may plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.kit.problems import Problem
from services.planning.callers.model import Caller, CallerNotAllowed
from services.planning.people.model import SchoolFacts, TeacherFacts
from services.planning.people.services import Services


@dataclass(frozen=True, slots=True)
class Person:
    """A teacher and the sekolah induk, which may be unknown.

    `cached_as_of` is the instant of the older cached fact if identity is unavailable, else None.
    """

    teacher: TeacherFacts
    school: SchoolFacts | None
    cached_as_of: datetime | None = None

    @property
    def zone(self) -> str | None:
        """The zone of the sekolah induk, if known."""
        return self.school.zone.value if self.school else None


async def is_same_person(services: Services, ptk_id: str | None, owner: str) -> bool:
    """Tell whether a person is the owner of a plan, by any of their records."""
    if ptk_id in {None, owner}:
        return ptk_id == owner
    answer = await services.identity.teacher(owner)
    return answer is not None and ptk_id in answer.facts.records


async def load_person(services: Services, caller: Caller) -> Person | None:
    """Load the PTK of a caller, or None for an account without one. Raises CallerNotAllowed `access.left`."""
    if caller.ptk_id is None:
        return None
    teacher = await services.identity.teacher(caller.ptk_id)
    if teacher is None:
        raise CallerNotAllowed(Problem("access.left", {"who_can_fix": "operator_sekolah"}))
    npsn = teacher.facts.sekolah_induk.value
    school = await services.identity.school(npsn) if npsn else None
    cached_instants = [answer.as_of for answer in (teacher, school) if answer and answer.is_cached]
    return Person(teacher.facts, school.facts if school else None, min(cached_instants, default=None))
