"""Who sees a plan: its owner, the head of its school, an admin, and the head of the school its teacher has moved to.

Shown to both heads, it is decided by the one where it stands.
"""

from __future__ import annotations

from collections.abc import Collection

from services.planning.domain.caller import Caller
from services.planning.domain.plan import Plan


def sees(caller: Caller, headed: Collection[str], plan: Plan, induk: str | None) -> bool:
    """Whether this caller, who heads these schools, sees a plan; `induk` is where its teacher has moved to."""
    if "admin" in caller.scopes or caller.ptk_id == plan.ptk_id:
        return True
    return plan.school.npsn in headed or induk in headed
