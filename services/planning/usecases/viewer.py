"""Who I am, whether I may plan and why not, and what I should know now."""

from __future__ import annotations

from dataclasses import dataclass

from services.planning.domain.access import Access
from services.planning.domain.banner import Banner
from services.planning.domain.caller import Caller
from services.planning.domain.catalog import Catalog
from services.planning.domain.plan import Plan
from services.planning.planning import Planning
from services.planning.storage import plan as plans
from services.planning.storage.period import PeriodInUse
from services.planning.usecases.banners import banners_due
from services.planning.usecases.period import period_now
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
    banners: tuple[Banner, ...] = ()


async def viewer_of(planning: Planning, caller: Caller) -> Viewer:
    """The signed-in person, in the period of today where there is one; Refused where identity is away."""
    person = await person_of(planning, caller)
    used = await period_now(planning, person.zone if person else None)
    if person is None or used is None:
        return Viewer(caller, person, used)
    catalog = await planning.catalogs.get(used.catalog)
    plan = await plans.load(person.teacher.ptk_id, used.period.code)
    due = await banners_due(planning, person, plan, used)
    return Viewer(caller, person, used, person.access(caller, catalog), _jenjang(person, catalog), plan, due)


def _jenjang(person: Person, catalog: Catalog) -> str | None:
    form = person.school.bentuk_pendidikan.value if person.school else None
    return catalog.jenjang_of(form.id) if form else None
