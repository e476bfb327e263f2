"""The viewer: who I am, whether I may plan and why not, and what I should know now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from services.kit.database import Connection
from services.kit.problems import Problem
from services.planning.callers.model import Caller
from services.planning.people import store as people_store
from services.planning.people.access import Access
from services.planning.people.model import SchoolFacts
from services.planning.people.queries import Person, load_person
from services.planning.people.services import Services
from services.planning.period.catalog import Catalog
from services.planning.period.model import PeriodSetup, Revision, get_date
from services.planning.period.queries import FALLBACK_ZONE, get_current_period, local_today
from services.planning.plan.model import Plan, find_deadline
from services.planning.plan.store import load_plan
from services.planning.review.store import count_reopened
from workflows.model.definition import Phase

Role = Literal["teacher", "kepala_sekolah", "plt"]


@dataclass(frozen=True, slots=True)
class Banner:
    """What is told, as whom, and of which school: a teacher here may be Plt there, and head yet another."""

    message: Problem
    role: Role
    npsn: str


def list_plan_banners(
    plan: Plan,
    phase: Phase,
    revision: Revision,
    today: date,
    *,
    plt_to_confirm: bool,
    is_plt: bool = False,
) -> Iterator[Problem]:
    """The banners due for the owner of a plan. `plt_to_confirm`: a Plt heads the school and has not confirmed.

    `is_plt`: that Plt is the owner, whose own confirmation opens nothing; `Plan.turn` tells on whom the plan waits.
    """
    if phase is Phase.AUTO_APPROVED and is_plt:
        return
    if phase is Phase.AUTO_APPROVED and plt_to_confirm and today >= get_date(revision, "plt_banner_from"):
        opens = get_date(revision, "plt_confirmation_from")
        yield Problem("banner.tell_plt", {"sekolah": plan.school.nama, "opens": opens})
    if phase is Phase.DRAFT and plan.revision_due is not None:
        due = find_deadline(plan, revision.values.get("planning_closes"), today)
        # The words themselves may have been erased since; that something is to be done stands.
        if due is None:
            yield Problem("banner.revision_passed", {"due": plan.revision_due})
        elif plan.reopened_at is not None:
            code = "banner.reopened" if plan.note else "banner.reopened_erased"
            yield Problem(code, {"reason": plan.note, "due": due})
        else:
            yield Problem("banner.returned", {"due": due})
    if phase is Phase.APPROVED or (phase is Phase.AUTO_APPROVED and not plt_to_confirm):
        yield Problem("banner.may_begin", {})


def list_move_banners(plan: Plan, phase: Phase, induk: str | None, sekolah: str) -> Iterator[Problem]:
    """What the owner is told whose sekolah induk is another now; a plan in implementation stays where it is.

    Until data diri are confirmed the plan follows by itself, with the next *Mulai*.
    """
    if induk in {None, plan.school.npsn} or phase is Phase.IN_IMPLEMENTATION or not plan.profile.is_confirmed:
        return
    yield Problem("banner.moved", {"sekolah": sekolah, "npsn": induk, "before": plan.school.nama})


def list_plt_banners(sekolah: str, revision: Revision, today: date) -> Iterator[Problem]:
    """What the Plt of a school that is not yet confirmed is told, from the day its teachers are."""
    if today >= get_date(revision, "plt_banner_from"):
        opens = get_date(revision, "plt_confirmation_from")
        yield Problem("banner.confirm_as_plt", {"sekolah": sekolah, "opens": opens})


async def load_plt_banners(
    services: Services, npsns: Sequence[str], period_in_use: PeriodSetup
) -> tuple[Banner, ...]:
    """The reminder to confirm, for the schools that are not confirmed yet, each by its own calendar."""
    revision = period_in_use.period.parameters_at(services.clock.now())
    schools = await asyncio.gather(*(services.identity.school(npsn) for npsn in npsns))

    def due() -> Iterator[Banner]:
        for facts in (answer.facts for answer in schools if answer):
            today = local_today(services, facts.zone.value)
            for told in list_plt_banners(facts.nama.value or facts.npsn, revision, today):
                yield Banner(told, "plt", facts.npsn)

    return tuple(due())


async def load_head_banners(
    person: Person, period_in_use: PeriodSetup, connection: Connection
) -> tuple[Banner, ...]:
    """How many plans of each school an admin has opened again, until they are handed in."""
    teacher = person.teacher
    npsns = teacher.heads
    if not npsns:
        return ()
    return tuple(
        Banner(
            Problem("banner.reopened_here", {"sekolah": school.nama, "plans": school.plans}),
            "kepala_sekolah" if school.npsn in teacher.kepala_at else "plt",
            school.npsn,
        )
        for school in await count_reopened(period_in_use.period.code, npsns, teacher.ptk_id, connection)
    )


def list_registry_banners(person: Person) -> Iterator[Banner]:
    """Nothing while identity answers; else the instant of the facts, as clocks at the sekolah induk show it."""
    if person.cached_as_of is not None:
        as_of = person.cached_as_of.astimezone(ZoneInfo(person.zone or FALLBACK_ZONE))
        npsn = person.teacher.sekolah_induk.value or ""
        role: Role = "kepala_sekolah" if npsn in person.teacher.kepala_at else "teacher"
        yield Banner(Problem("banner.registry_away", {"as_of": as_of}), role, npsn)


async def load_banners(
    services: Services, person: Person, plan: Plan | None, period_in_use: PeriodSetup
) -> tuple[Banner, ...]:
    """Every banner due for this person in this period; at most two queries, whatever the person heads."""
    teacher, school = person.teacher, await _load_school(services, person, plan) if plan else None
    plt = school.head if school and school.head.kind == "plt" else None
    plt_npsns = [school.npsn] if school and plt else []
    npsns = {*plt_npsns, *teacher.plt_at}
    confirmed_npsns = (
        await people_store.list_confirmed_schools(npsns, period_in_use.period.code, services.connection)
        if npsns
        else set()
    )
    owner_banners: tuple[Banner, ...] = ()
    if plan:
        waiting = not confirmed_npsns.issuperset(plt_npsns)
        is_plt = plt is not None and plt.ptk_id == teacher.ptk_id
        messages = await _load_owner_messages(
            services, person, plan, period_in_use, plt_to_confirm=waiting, is_plt=is_plt
        )
        owner_banners = tuple(Banner(one, "teacher", plan.school.npsn) for one in messages)
    return (
        *list_registry_banners(person),
        *owner_banners,
        *await load_plt_banners(
            services, [npsn for npsn in teacher.plt_at if npsn not in confirmed_npsns], period_in_use
        ),
        *await load_head_banners(person, period_in_use, services.connection),
    )


async def _load_owner_messages(
    services: Services,
    person: Person,
    plan: Plan,
    period_in_use: PeriodSetup,
    *,
    plt_to_confirm: bool,
    is_plt: bool,
) -> tuple[Problem, ...]:
    phase = (
        (await services.workflows.get(plan.workflow, services.connection)).definition.state(plan.state).phase
    )
    revision = period_in_use.period.parameters_at(services.clock.now())
    today = local_today(services, plan.school.zone)
    induk = person.teacher.sekolah_induk.value
    nama = person.teacher.nama_sekolah_induk or induk or ""
    return (
        *list_move_banners(plan, phase, induk, nama),
        *list_plan_banners(plan, phase, revision, today, plt_to_confirm=plt_to_confirm, is_plt=is_plt),
    )


async def _load_school(services: Services, person: Person, plan: Plan) -> SchoolFacts | None:
    """The school of the plan, which stays with it; the teacher may have moved since."""
    if person.school is not None and person.school.npsn == plan.school.npsn:
        return person.school
    answer = await services.identity.school(plan.school.npsn)
    return answer.facts if answer else None


@dataclass(frozen=True, slots=True)
class Viewer:
    """`person` and `access` are None for an account without a PTK record; `plan` is the one of the period."""

    caller: Caller
    person: Person | None
    period_in_use: PeriodSetup | None
    access: Access | None = None
    jenjang: str | None = None
    plan: Plan | None = None
    banners: tuple[Banner, ...] = ()


async def load_viewer(services: Services, caller: Caller) -> Viewer:
    """The signed-in person, in the period of today where there is one; Refused where identity is away."""
    person = await load_person(services, caller)
    period_in_use = await get_current_period(services, person.zone if person else None)
    if person is None or period_in_use is None:
        return Viewer(caller, person, period_in_use)
    catalog = await services.catalogs.get(period_in_use.catalog, services.connection)
    plan = await load_plan(person.teacher.ptk_id, period_in_use.period.code, services.connection)
    banners = await load_banners(services, person, plan, period_in_use)
    return Viewer(
        caller,
        person,
        period_in_use,
        person.access(caller, catalog),
        _jenjang_of(person, catalog),
        plan,
        banners,
    )


def _jenjang_of(person: Person, catalog: Catalog) -> str | None:
    form = person.school.bentuk_pendidikan.value if person.school else None
    return catalog.jenjang_of(form.id) if form else None
