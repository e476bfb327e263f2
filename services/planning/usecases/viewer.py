"""Who I am, whether I may plan and why not, and what I should know now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.kit.problem import Problem
from services.planning.domain.access import Access
from services.planning.domain.banner import banners
from services.planning.domain.caller import Caller
from services.planning.domain.catalog import Catalog
from services.planning.domain.plan import Plan
from services.planning.planning import Planning
from services.planning.storage import plan as plans
from services.planning.storage import plt_confirmation
from services.planning.storage.period import PeriodInUse
from services.planning.usecases.facts import UNKNOWN_ZONE, period_now
from services.planning.usecases.person import Person, person_of


@dataclass(frozen=True, slots=True)
class Viewer:
    """`person` and `access` are None for an account without a PTK record; `plan` is the one of the period."""

    caller: Caller
    person: Person | None
    used: PeriodInUse | None
    access: Access | None = None
    jenjang: str | None = None
    plan: Plan | None = None
    banners: tuple[Problem, ...] = ()


async def viewer_of(planning: Planning, caller: Caller) -> Viewer:
    """The signed-in person, in the period of today where there is one; Refused where identity is away."""
    used, person = await asyncio.gather(period_now(planning), person_of(planning, caller))
    if person is None or used is None:
        return Viewer(caller, person, used)
    catalog = await planning.catalogs.get(used.catalog)
    plan = await plans.load(person.teacher.ptk_id, used.period.code)
    due = await _banners(planning, person, plan, used) if plan else ()
    return Viewer(caller, person, used, person.access(caller, catalog), _jenjang(person, catalog), plan, due)


def _jenjang(person: Person, catalog: Catalog) -> str | None:
    form = person.school.bentuk_pendidikan.value if person.school else None
    return catalog.jenjang_of(form.id) if form else None


async def _banners(planning: Planning, person: Person, plan: Plan, used: PeriodInUse) -> tuple[Problem, ...]:
    workflow = await planning.workflows.get(plan.workflow)
    phase = workflow.definition.state(plan.state).phase
    led_by_plt = person.school is not None and person.school.head.kind == "plt"
    confirmed = led_by_plt and await plt_confirmation.exists(plan.school.npsn, plan.period)
    now = planning.clock.now()
    today = now.astimezone(ZoneInfo(plan.school.zone or UNKNOWN_ZONE)).date()
    revision = used.period.parameters_at(now)
    return tuple(banners(plan, phase, revision, today, plt_to_confirm=led_by_plt and not confirmed))
