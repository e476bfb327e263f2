"""Why a plan does not go on: each transition from its state, judged for the one whom it is for. For admins."""

from __future__ import annotations

from services.planning.domain.caller import Caller
from services.planning.domain.plan import Plan
from services.planning.domain.teacher import TeacherFacts
from services.planning.planning import Planning
from services.planning.usecases.admin import admin_of
from services.planning.usecases.case import case_of
from workflows import Explained, explain


async def explained(planning: Planning, caller: Caller, plan: Plan) -> tuple[Explained, ...]:
    """All of them, whoever may fire them. Refused `actor.not_admin`, before anything is asked; IdentityAway."""
    admin_of(caller)
    known = await planning.identity.teacher(plan.ptk_id)
    owner = Caller(_account(known.facts) if known else "", plan.ptk_id)
    case = await case_of(planning, plan, owner)
    return explain(case.workflow, case.snapshot, case.facts)


def _account(teacher: TeacherFacts) -> str:
    """The account by which the teacher would sign in: of the sekolah induk before any other; empty without one."""
    induk = teacher.sekolah_induk.value
    own = sorted(teacher.accounts, key=lambda account: (account.npsn != induk, account.npsn is not None))
    return own[0].id if own else ""
