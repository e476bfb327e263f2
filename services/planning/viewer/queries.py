"""The viewer: the signed-in person, whether they may plan, and the banners that they see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.kit.problems import Problem
from services.planning.callers.model import Caller
from services.planning.people import store as people_store
from services.planning.people.access import Access, check_access
from services.planning.people.model import SchoolFacts
from services.planning.people.queries import Person, load_person
from services.planning.people.services import Services
from services.planning.period.model import PeriodSetup, read_contract_values
from services.planning.period.queries import FALLBACK_ZONE, get_current_period, get_period, local_today
from services.planning.plan.model import Plan, find_deadline
from services.planning.plan.store import list_person_plans, load_plan
from services.planning.review.store import count_reopened
from workflows.model.contract import ContractValues
from workflows.model.definition import Phase

Role = Literal["teacher", "kepala_sekolah", "plt"]


@dataclass(frozen=True, slots=True)
class Banner:
    """A message with the role and the school that it is for. A person can have several roles at several schools."""

    message: Problem
    role: Role
    npsn: str


def list_plan_banners(
    plan: Plan,
    phase: Phase,
    days: ContractValues,
    today: date,
    *,
    plt_to_confirm: bool,
    is_plt: bool = False,
) -> Iterator[Problem]:
    """List the banners about a plan for its owner.

    `plt_to_confirm`: a Plt heads the school and has not confirmed. `is_plt`: the owner is that Plt. Their own
    confirmation does not help their own plan, so they get no banner about it.
    """
    if phase is Phase.AUTO_APPROVED and is_plt:
        return
    if phase is Phase.AUTO_APPROVED and plt_to_confirm and today >= days.plt_banner_from:
        params = {"sekolah": plan.school.nama, "opens": days.plt_confirmation_from}
        yield Problem("banner.tell_plt", params)
    if phase is Phase.DRAFT and plan.revision_due is None and today > days.closes:
        yield Problem("banner.draft_late", {"closes": days.closes})
    if phase is Phase.DRAFT and plan.revision_due is not None:
        due = find_deadline(plan, days.closes, today)
        # Without a note, its text was erased. The owner still has to correct the plan.
        if due is None:
            yield Problem("banner.revision_passed", {"due": plan.revision_due})
        elif plan.reopened_at is not None:
            code = "banner.reopened" if plan.note else "banner.reopened_erased"
            yield Problem(code, {"reason": plan.note, "due": due})
        else:
            yield Problem("banner.returned", {"due": due})
    if phase is Phase.APPROVED or (phase is Phase.AUTO_APPROVED and not plt_to_confirm):
        yield Problem("banner.may_begin", {})


def find_window_problems(
    plan: Plan | None, phase: Phase | None, days: ContractValues, today: date
) -> tuple[Problem, ...]:
    """Find why a plan can be neither started nor submitted today. A plan after its draft has no problems."""
    if phase not in {None, Phase.DRAFT} or (plan and plan.revision_due and today <= plan.revision_due):
        return ()
    window = {"opens": days.opens, "closes": days.closes}
    if today < days.opens:
        return (Problem("window.not_open", window),)
    return (Problem("window.closed", window),) if today > days.closes else ()


def list_move_banners(plan: Plan, phase: Phase, sekolah_induk: str | None, sekolah: str) -> Iterator[Problem]:
    """Tell the owner that their sekolah induk and the school of the plan differ.

    A plan in implementation stays at its school. Until data diri are confirmed, the next *Mulai* moves the plan.
    """
    if (
        sekolah_induk in {None, plan.school.npsn}
        or phase is Phase.IN_IMPLEMENTATION
        or not plan.profile.is_confirmed
    ):
        return
    yield Problem("banner.moved", {"sekolah": sekolah, "npsn": sekolah_induk, "before": plan.school.nama})


def list_plt_banners(sekolah: str, days: ContractValues, today: date) -> Iterator[Problem]:
    """Remind a Plt to confirm, from the day on which the teachers of the school see the banner about it."""
    if today >= days.plt_banner_from:
        params = {"sekolah": sekolah, "opens": days.plt_confirmation_from}
        yield Problem("banner.confirm_as_plt", params)


async def load_plt_banners(
    services: Services, npsns: Sequence[str], setup: PeriodSetup
) -> tuple[Banner, ...]:
    """Load the reminders to confirm for these schools, each in its own time zone."""
    revision = setup.period.parameters_at(services.clock.now())
    days = read_contract_values(setup.workflow.definition, revision)
    schools = await asyncio.gather(*(services.identity.school(npsn) for npsn in npsns))

    def list_banners() -> Iterator[Banner]:
        for facts in (answer.facts for answer in schools if answer):
            today = local_today(services, facts.zone.value)
            for message in list_plt_banners(facts.nama.value or facts.npsn, days, today):
                yield Banner(message, "plt", facts.npsn)

    return tuple(list_banners())


async def load_head_banners(person: Person, setup: PeriodSetup, connection: Connection) -> tuple[Banner, ...]:
    """Load for each school of a head the number of reopened plans that are not submitted yet."""
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
        for school in await count_reopened(setup.period.code, npsns, teacher.ptk_id, connection)
    )


def list_registry_banners(person: Person) -> Iterator[Banner]:
    """While identity is unavailable, tell the instant of the cached facts in the time zone of the sekolah induk."""
    if person.cached_as_of is not None:
        as_of = person.cached_as_of.astimezone(ZoneInfo(person.zone or FALLBACK_ZONE))
        npsn = person.teacher.sekolah_induk.value or ""
        role: Role = "kepala_sekolah" if npsn in person.teacher.kepala_at else "teacher"
        yield Banner(Problem("banner.registry_away", {"as_of": as_of}), role, npsn)


async def load_banners(
    services: Services, person: Person, plan: Plan | None, setup: PeriodSetup
) -> tuple[Banner, ...]:
    """Load all banners of a person in a period, with at most two queries."""
    teacher, school = person.teacher, await _load_school(services, person, plan) if plan else None
    acting_head = school.head if school and school.head.kind == "plt" else None
    plt_npsns = [school.npsn] if school and acting_head else []
    npsns = {*plt_npsns, *teacher.plt_at}
    confirmed_npsns = (
        await people_store.list_confirmed_schools(npsns, setup.period.code, services.connection)
        if npsns
        else set()
    )
    owner_banners: tuple[Banner, ...] = ()
    if plan:
        plt_to_confirm = not confirmed_npsns.issuperset(plt_npsns)
        is_plt = acting_head is not None and acting_head.ptk_id == teacher.ptk_id
        messages = await _load_owner_messages(
            services, person, plan, setup, plt_to_confirm=plt_to_confirm, is_plt=is_plt
        )
        owner_banners = tuple(Banner(message, "teacher", plan.school.npsn) for message in messages)
    return (
        *list_registry_banners(person),
        *owner_banners,
        *await load_plt_banners(
            services, [npsn for npsn in teacher.plt_at if npsn not in confirmed_npsns], setup
        ),
        *await load_head_banners(person, setup, services.connection),
    )


async def _load_owner_messages(
    services: Services,
    person: Person,
    plan: Plan,
    setup: PeriodSetup,
    *,
    plt_to_confirm: bool,
    is_plt: bool,
) -> tuple[Problem, ...]:
    definition = (await services.workflows.get(plan.workflow, services.connection)).definition
    phase = definition.state(plan.state).phase
    days = read_contract_values(definition, setup.period.parameters_at(services.clock.now()))
    today = local_today(services, plan.school.zone)
    sekolah_induk = person.teacher.sekolah_induk.value
    nama = person.teacher.nama_sekolah_induk or sekolah_induk or ""
    return (
        *list_move_banners(plan, phase, sekolah_induk, nama),
        *list_plan_banners(plan, phase, days, today, plt_to_confirm=plt_to_confirm, is_plt=is_plt),
    )


async def _load_school(services: Services, person: Person, plan: Plan) -> SchoolFacts | None:
    """Load the school of the plan. The teacher may have another school now."""
    if person.school is not None and person.school.npsn == plan.school.npsn:
        return person.school
    answer = await services.identity.school(plan.school.npsn)
    return answer.facts if answer else None


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person in the current period.

    `person` and `access` are None for an account without a PTK record; `plan` is the plan of the period. `refusals` say
    why the person may not plan now.
    """

    caller: Caller
    person: Person | None
    setup: PeriodSetup | None
    access: Access | None = None
    refusals: tuple[Problem, ...] = ()
    plan: Plan | None = None
    banners: tuple[Banner, ...] = ()


async def list_own_plans(
    services: Services, caller: Caller, after: str | None, size: int
) -> tuple[list[Plan], bool]:
    """List the caller's plans of all periods, newest period first, and tell whether more follow.

    `after` is the period of the last plan of the page before. Raises RequestRefused `page.size`.
    """
    check_page_size(size)
    if caller.ptk_id is None:
        return [], False
    plans = await list_person_plans(caller.ptk_id, after, size + 1, services.connection)
    return plans[:size], len(plans) > size


async def find_own_plan(services: Services, caller: Caller, period: str) -> Plan | None:
    """Return the caller's plan of a period. Raises RequestRefused `period.unknown`."""
    plan = await load_plan(caller.ptk_id, period, services.connection) if caller.ptk_id else None
    if plan is None:
        await get_period(services, period)
    return plan


async def load_viewer(services: Services, caller: Caller) -> Viewer:
    """Load the signed-in person in the current period, if there is one. Raises IdentityUnavailable."""
    person = await load_person(services, caller)
    setup = await get_current_period(services, person.zone if person else None)
    if person is None:
        return Viewer(caller, None, setup, refusals=(Problem("access.no_ptk", {"who_can_fix": "helpdesk"}),))
    if setup is None:
        return Viewer(caller, person, None, refusals=(Problem("period.none_now"),))
    catalog = await services.catalogs.get(setup.catalog, services.connection)
    plan = await load_plan(person.teacher.ptk_id, setup.period.code, services.connection)
    banners = await load_banners(services, person, plan, setup)
    access = check_access(person.teacher, person.school, caller.account, catalog)
    window_problems = await _load_window_problems(services, person, plan, setup)
    if plan is None and not access.problems:
        npsn = person.teacher.sekolah_induk.value or ""
        for problem in window_problems:
            if problem.code == "window.closed":
                message = Problem("banner.window_closed", {"closes": problem.params["closes"]})
                banners = (*banners, Banner(message, "teacher", npsn))
    return Viewer(caller, person, setup, access, (*access.problems, *window_problems), plan, banners)


async def _load_window_problems(
    services: Services, person: Person, plan: Plan | None, setup: PeriodSetup
) -> tuple[Problem, ...]:
    definition = setup.workflow.definition
    if plan:
        definition = (await services.workflows.get(plan.workflow, services.connection)).definition
    days = read_contract_values(definition, setup.period.parameters_at(services.clock.now()))
    today = local_today(services, plan.school.zone if plan else person.zone)
    return find_window_problems(plan, definition.state(plan.state).phase if plan else None, days, today)
