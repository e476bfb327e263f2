"""Reading many plans at once: who heads which school is asked once for all of them."""

from __future__ import annotations

from collections.abc import Collection

from services.planning.domain.caller import Caller
from services.planning.domain.plan import Plan
from services.planning.domain.reader import sees
from services.planning.planning import Planning
from services.planning.storage import moved_teacher
from services.planning.storage import plan as plans
from services.planning.usecases.period import today_in

PlanKey = tuple[str, str]  # (ptk_id, period)


async def visible_plans(planning: Planning, caller: Caller, keys: Collection[PlanKey]) -> dict[PlanKey, Plan]:
    """Those of these plans that the caller sees; which of the others exist, nobody can tell."""
    # Whom they head is asked before a plan is read: that identity is away must not tell whether one exists.
    headed = await _headed_schools(planning, caller, keys)
    found = await plans.load_all(keys)
    seen = {key: plan for key, plan in found.items() if sees(caller, headed, plan, None)}
    if headed and len(seen) < len(keys):
        induk = await moved_teacher.select_induk(
            set(keys) - set(seen), today_in(planning, None), planning.connection
        )
        seen = {key: plan for key, plan in found.items() if sees(caller, headed, plan, induk.get(key))}
    return seen


async def _headed_schools(planning: Planning, caller: Caller, keys: Collection[PlanKey]) -> tuple[str, ...]:
    if caller.ptk_id is None or "admin" in caller.scopes or all(owner == caller.ptk_id for owner, _ in keys):
        return ()
    known = await planning.identity.teacher(caller.ptk_id)
    return known.facts.heads if known else ()
