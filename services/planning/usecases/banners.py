"""What a person should be told now, as the owner of a plan and as the head of schools, each apart (Guide 11)."""

from __future__ import annotations

from services.kit.problem import Problem
from services.planning.domain import banner
from services.planning.domain.banner import Banner
from services.planning.domain.plan import Plan
from services.planning.domain.school import SchoolFacts
from services.planning.planning import Planning
from services.planning.storage import plt_confirmation
from services.planning.storage.period import PeriodInUse
from services.planning.usecases.head_banners import for_head, for_plt
from services.planning.usecases.period import today_in
from services.planning.usecases.person import Person
from services.planning.usecases.registry_away import registry_away


async def banners_due(
    planning: Planning, person: Person, plan: Plan | None, used: PeriodInUse
) -> tuple[Banner, ...]:
    """Every banner due for this person in this period; at most two queries, whatever the person heads."""
    teacher, here = person.teacher, await _school_of(planning, person, plan) if plan else None
    plt = here.head if here and here.head.kind == "plt" else None
    under_plt = [here.npsn] if here and plt else []
    asked = {*under_plt, *teacher.plt_at}
    confirmed = (
        await plt_confirmation.select_confirmed(asked, used.period.code, planning.connection)
        if asked
        else set()
    )
    owner: tuple[Banner, ...] = ()
    if plan:
        waiting = not confirmed.issuperset(under_plt)
        is_plt = plt is not None and plt.ptk_id == teacher.ptk_id
        told = await _for_owner(planning, person, plan, used, plt_to_confirm=waiting, is_plt=is_plt)
        owner = tuple(Banner(one, "teacher", plan.school.npsn) for one in told)
    return (
        *registry_away(person),
        *owner,
        *await for_plt(planning, [npsn for npsn in teacher.plt_at if npsn not in confirmed], used),
        *await for_head(person, used, planning.connection),
    )


async def _for_owner(
    planning: Planning, person: Person, plan: Plan, used: PeriodInUse, *, plt_to_confirm: bool, is_plt: bool
) -> tuple[Problem, ...]:
    phase = (await planning.workflows.get(plan.workflow)).definition.state(plan.state).phase
    revision = used.period.parameters_at(planning.clock.now())
    today = today_in(planning, plan.school.zone)
    induk = person.teacher.sekolah_induk.value
    nama = person.teacher.nama_sekolah_induk or induk or ""
    return (
        *banner.banners_of_move(plan, phase, induk, nama),
        *banner.banners(plan, phase, revision, today, plt_to_confirm=plt_to_confirm, is_plt=is_plt),
    )


async def _school_of(planning: Planning, person: Person, plan: Plan) -> SchoolFacts | None:
    """The school of the plan, which stays with it; the teacher may have moved since."""
    if person.school is not None and person.school.npsn == plan.school.npsn:
        return person.school
    known = await planning.identity.school(plan.school.npsn)
    return known.facts if known else None
