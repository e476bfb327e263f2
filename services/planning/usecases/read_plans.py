"""Reading many plans at once: who sees which is the rule of read_plan.py, asked and read once for all of them."""

from __future__ import annotations

from collections.abc import Collection

from services.planning.domain.caller import Caller
from services.planning.domain.plan import Plan
from services.planning.planning import Planning
from services.planning.storage import moved_teacher
from services.planning.storage import plan as plans

PlanKey = tuple[str, str]  # (ptk_id, period)


async def visible_plans(planning: Planning, caller: Caller, keys: Collection[PlanKey]) -> dict[PlanKey, Plan]:
    """Those of these plans that the caller sees; which of the others exist, nobody can tell."""
    headed = await _headed_schools(planning, caller)
    found = await plans.load_all(keys)
    if "admin" in caller.scopes:
        return found
    seen = {key for key, plan in found.items() if plan.ptk_id == caller.ptk_id or plan.school.npsn in headed}
    if headed and len(seen) < len(keys):
        induk = await moved_teacher.induk_of_all(set(keys) - seen)
        seen |= {key for key, npsn in induk.items() if npsn in headed}
    return {key: plan for key, plan in found.items() if key in seen}


async def _headed_schools(planning: Planning, caller: Caller) -> tuple[str, ...]:
    if caller.ptk_id is None or "admin" in caller.scopes:
        return ()
    known = await planning.identity.teacher(caller.ptk_id)
    return (*known.facts.kepala_at, *known.facts.plt_at) if known else ()
