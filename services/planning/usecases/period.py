"""The period that something happens in, and the lists that a plan is read with."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from services.kit.problem import Problem, Refused
from services.planning.domain.plan import Plan
from services.planning.planning import Planning
from services.planning.storage import period as periods
from services.planning.storage.period import PeriodInUse
from workflows import Phase, Workflow

# A gap in the registry is not the teacher's fault: where the zone is unknown, the day ends where it ends last.
UNKNOWN_ZONE = "Asia/Jakarta"


def today_in(planning: Planning, zone: str | None) -> date:
    """The day it is where a school stands."""
    return planning.clock.now().astimezone(ZoneInfo(zone or UNKNOWN_ZONE)).date()


async def period_now(planning: Planning, zone: str | None) -> PeriodInUse | None:
    """The period that today falls in, where the school stands: in the east a day begins two hours earlier."""
    return await periods.load_at(today_in(planning, zone), planning.workflows)


async def period_of(
    planning: Planning, code: str | None, path: tuple[str, ...] = ("period",), *, zone: str | None = None
) -> PeriodInUse:
    """The period of a code, or the one that today falls in at a zone; Refused where there is none."""
    found = await (periods.load(code, planning.workflows) if code else period_now(planning, zone))
    if found is None:
        raise Refused(Problem("period.unknown" if code else "period.none_now", {"code": code}, path))
    return found


def lists_of(plan: Plan, used: PeriodInUse, workflow: Workflow) -> str:
    """The catalogue that a plan is read with: a draft sees today's lists, any other those it was handed in with."""
    draft = workflow.definition.state(plan.state).phase is Phase.DRAFT
    return used.catalog if draft else plan.catalog
