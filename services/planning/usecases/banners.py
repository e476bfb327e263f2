"""What a person should be told now: as the owner of a plan, and as the Plt of schools (Guide 11)."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from services.kit.problem import Problem
from services.planning.domain import banner
from services.planning.domain.plan import Plan
from services.planning.domain.school import SchoolFacts
from services.planning.planning import Planning
from services.planning.storage import plt_confirmation
from services.planning.storage.period import PeriodInUse
from services.planning.usecases.period import UNKNOWN_ZONE
from services.planning.usecases.person import Person


async def banners_due(
    planning: Planning, person: Person, plan: Plan | None, used: PeriodInUse
) -> tuple[Problem, ...]:
    """Every banner due for this person in this period."""
    owner = await _for_owner(planning, person, plan, used) if plan else ()
    return (*owner, *await _for_plt(planning, person, used))


async def _for_owner(
    planning: Planning, person: Person, plan: Plan, used: PeriodInUse
) -> tuple[Problem, ...]:
    workflow = await planning.workflows.get(plan.workflow)
    school = await _school_of(planning, person, plan)
    led_by_plt = school is not None and school.head.kind == "plt"
    waiting = led_by_plt and not await plt_confirmation.confirmed([plan.school.npsn], plan.period)
    return tuple(
        banner.banners(
            plan,
            workflow.definition.state(plan.state).phase,
            used.period.parameters_at(planning.clock.now()),
            _today(planning, plan.school.zone),
            plt_to_confirm=waiting,
        )
    )


async def _for_plt(planning: Planning, person: Person, used: PeriodInUse) -> tuple[Problem, ...]:
    schools = person.teacher.plt_at
    confirmed = await plt_confirmation.confirmed(schools, used.period.code) if schools else set()
    revision = used.period.parameters_at(planning.clock.now())
    due: list[Problem] = []
    for npsn in schools:
        known = await planning.identity.school(npsn) if npsn not in confirmed else None
        if known is not None:
            nama, today = known.facts.nama.value or npsn, _today(planning, known.facts.zone.value)
            due += banner.banners_for_plt(nama, revision, today)
    return tuple(due)


async def _school_of(planning: Planning, person: Person, plan: Plan) -> SchoolFacts | None:
    """The school of the plan, which stays with it; the teacher may have moved since."""
    if person.school is not None and person.school.npsn == plan.school.npsn:
        return person.school
    known = await planning.identity.school(plan.school.npsn)
    return known.facts if known else None


def _today(planning: Planning, zone: str | None) -> date:
    return planning.clock.now().astimezone(ZoneInfo(zone or UNKNOWN_ZONE)).date()
