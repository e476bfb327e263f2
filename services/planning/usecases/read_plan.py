"""Reading a plan: its owner, the head of its school and an admin see it; to everybody else it does not exist."""

from __future__ import annotations

from services.kit.problem import Problem, Refused
from services.planning.domain.caller import Caller
from services.planning.domain.plan import Plan
from services.planning.planning import Planning
from services.planning.storage import plan as plans


async def visible_plan(
    planning: Planning, caller: Caller, ptk_id: str, period: str, path: tuple[str, ...] = ("id",)
) -> Plan:
    """The plan, or Refused `plan.unknown` (at the `path` of its id), which does not tell whether it exists."""
    plan = await plans.load(ptk_id, period)
    if plan is None or not await _may_see(planning, caller, plan):
        raise Refused(Problem("plan.unknown", {}, path))
    return plan


async def _may_see(planning: Planning, caller: Caller, plan: Plan) -> bool:
    if "admin" in caller.scopes or caller.ptk_id == plan.ptk_id:
        return True
    if caller.ptk_id is None:
        return False
    school = await planning.identity.school(plan.school.npsn)
    return school is not None and school.facts.head.ptk_id == caller.ptk_id
