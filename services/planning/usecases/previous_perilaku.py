"""The second semester offers what its teacher chose in the first: a proposal, which saving the tab takes up."""

from __future__ import annotations

from services.planning.domain.caller import Caller
from services.planning.domain.previous_period import first_semester_of, still_offered
from services.planning.domain.tabs.perilaku_kerja import PerilakuKerja
from services.planning.storage import plan as plans
from services.planning.usecases.view import PlanView


async def previous_perilaku(caller: Caller, view: PlanView) -> PerilakuKerja:
    """What was handed in for the first semester, as far as it is offered today; nothing where there is none.

    For the owner alone: the head of today need not have been the head then, and may not see that plan.
    """
    plan, before = view.plan, first_semester_of(view.plan.period)
    if before is None or caller.ptk_id != plan.ptk_id:
        return PerilakuKerja()
    first = await plans.load(plan.ptk_id, before)
    if first is None or first.submitted_at is None:
        return PerilakuKerja()
    return still_offered(first.content.perilaku_kerja, view.choices)
