"""Who I am, whether I may plan and why not, and what I should know now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.kit.problem import Problem
from services.planning.domain.access import Access
from services.planning.domain.banner import banners, banners_for_plt
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
    person = await person_of(planning, caller)
    used = await period_now(planning, person.zone if person else None)
    if person is None or used is None:
        return Viewer(caller, person, used)
    catalog = await planning.catalogs.get(used.catalog)
    plan = await plans.load(person.teacher.ptk_id, used.period.code)
    due = tuple([banner async for banner in _banners(planning, person, plan, used)])
    return Viewer(caller, person, used, person.access(caller, catalog), _jenjang(person, catalog), plan, due)


def _jenjang(person: Person, catalog: Catalog) -> str | None:
    form = person.school.bentuk_pendidikan.value if person.school else None
    return catalog.jenjang_of(form.id) if form else None


async def _banners(
    planning: Planning, person: Person, plan: Plan | None, used: PeriodInUse
) -> AsyncIterator[Problem]:
    led_by_plt = plan is not None and await _led_by_plt(planning, person, plan.school.npsn)
    own = [plan.school.npsn] if plan and led_by_plt else []
    schools = {*person.teacher.plt_at, *own}
    confirmed = await plt_confirmation.confirmed(schools, used.period.code) if schools else set()
    now = planning.clock.now()
    today = now.astimezone(ZoneInfo(person.zone or UNKNOWN_ZONE)).date()
    revision = used.period.parameters_at(now)
    if plan:
        workflow = await planning.workflows.get(plan.workflow)
        phase = workflow.definition.state(plan.state).phase
        waiting = led_by_plt and plan.school.npsn not in confirmed
        for banner in banners(plan, phase, revision, today, plt_to_confirm=waiting):
            yield banner
    for npsn in set(person.teacher.plt_at) - confirmed:
        school = await planning.identity.school(npsn)
        if school is not None:
            there = now.astimezone(ZoneInfo(school.facts.zone.value or UNKNOWN_ZONE)).date()
            for banner in banners_for_plt(school.facts.nama.value or npsn, revision, there):
                yield banner


async def _led_by_plt(planning: Planning, person: Person, npsn: str) -> bool:
    # A plan stays with its school; the teacher may have moved since.
    if person.school is not None and person.school.npsn == npsn:
        return person.school.head.kind == "plt"
    school = await planning.identity.school(npsn)
    return school is not None and school.facts.head.kind == "plt"
