"""Reading a plan: its owner, the head of its school and an admin see it; to everybody else it does not exist.

So does the head of the school that its teacher has moved to: shown to both, decided by the one where it stands.
"""

from __future__ import annotations

from services.kit.problem import Problem, Refused
from services.planning.domain.caller import Caller
from services.planning.domain.plan import Plan
from services.planning.planning import Planning
from services.planning.storage import moved_teacher
from services.planning.storage import plan as plans


async def visible_plan(
    planning: Planning, caller: Caller, ptk_id: str, period: str, path: tuple[str, ...] = ("id",)
) -> Plan:
    """The plan, or Refused `plan.unknown` (at the `path` of its id), which does not tell whether it exists."""
    # Whom they head is asked before the plan is read: that identity is away must not tell whether a plan exists.
    headed = await _headed_schools(planning, caller, ptk_id)
    plan = await plans.load(ptk_id, period)
    sees = "admin" in caller.scopes or caller.ptk_id == ptk_id
    if headed and not (plan and plan.school.npsn in headed):
        sees = await moved_teacher.induk_of(ptk_id, period) in headed
    if plan is None or not (sees or plan.school.npsn in headed):
        raise Refused(Problem("plan.unknown", {}, path))
    return plan


async def moved_to(plan: Plan) -> str | None:
    """The NPSN of the teacher's sekolah induk, as far as it is noticed and the plan has not followed."""
    induk = await moved_teacher.induk_of(plan.ptk_id, plan.period)
    return induk if induk != plan.school.npsn else None


async def _headed_schools(planning: Planning, caller: Caller, owner: str) -> tuple[str, ...]:
    if caller.ptk_id in {None, owner} or "admin" in caller.scopes:
        return ()
    known = await planning.identity.teacher(str(caller.ptk_id))
    return (*known.facts.kepala_at, *known.facts.plt_at) if known else ()
