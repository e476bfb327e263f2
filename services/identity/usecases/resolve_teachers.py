"""Who is meant by the numbers that an outsider knows."""

from __future__ import annotations

from collections.abc import Sequence

from services.identity.domain.teacher_key import TeacherKey, resolved
from services.identity.domain.view_fact import View
from services.identity.storage import teachers


async def resolve_teachers(keys: Sequence[TeacherKey]) -> View:
    """`{"ptk_ids": […]}` in the order of the keys, null for whoever is not known for sure. One query."""
    sound = [key for key in keys if key.is_sound]
    numbers = {kind: [key.value for key in sound if key.kind == kind] for kind in ("nip", "nuptk")}
    people = await teachers.by_numbers(numbers["nip"], numbers["nuptk"])
    return {"ptk_ids": [ptk_id and str(ptk_id) for ptk_id in resolved(keys, people)]}
