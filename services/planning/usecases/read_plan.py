"""Reading a plan: who sees it says domain/reader.py; to everybody else it does not exist."""

from __future__ import annotations

from services.kit.problem import Problem, Refused
from services.planning.domain.caller import Caller
from services.planning.domain.plan import Plan
from services.planning.planning import Planning
from services.planning.storage import moved_teacher
from services.planning.usecases.period import today_in
from services.planning.usecases.read_plans import visible_plans


async def visible_plan(
    planning: Planning, caller: Caller, ptk_id: str, period: str, path: tuple[str, ...] = ("id",)
) -> Plan:
    """The plan, or Refused `plan.unknown` (at the `path` of its id), which does not tell whether it exists."""
    seen = await visible_plans(planning, caller, [(ptk_id, period)])
    if (ptk_id, period) not in seen:
        raise Refused(Problem("plan.unknown", {}, path))
    return seen[ptk_id, period]


async def moved_to(planning: Planning, plan: Plan) -> str | None:
    """The NPSN of the teacher's sekolah induk, as far as it is noticed, until the plan follows or its period ends."""
    key = (plan.ptk_id, plan.period)
    moves = await moved_teacher.select_induk([key], today_in(planning, None), planning.connection)
    induk = moves.get(key)
    return induk if induk != plan.school.npsn else None
