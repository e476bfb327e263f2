"""The viewer: the signed-in person, whether they may plan, and their banners."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Annotated

import strawberry

from services.kit.problems import Problem as DomainProblem
from services.kit.problems import RequestRefused
from services.planning.api.context import Context, Info
from services.planning.api.fields import After, First, PeriodCode, field
from services.planning.api.ids import encode_cursor, parse_cursor, viewer_id
from services.planning.api.loaders import CURRENT_PERIOD
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.node import Node
from services.planning.api.types.notifications import NotificationConnection, resolve_notifications
from services.planning.api.types.people import HeadKind, SatuanPendidikan, reference_school
from services.planning.api.types.period import Period, render_period
from services.planning.api.types.plan import Plan, resolve_plan
from services.planning.api.types.problems import Problem, render_problem
from services.planning.api.types.review_queue import (
    ReviewQueueConnection,
    SchoolQueueFilter,
    parse_queue_request,
    resolve_review_queue,
)
from services.planning.people.queries import Person
from services.planning.period.model import parse_period_code
from services.planning.review.queries import load_school_queue
from services.planning.viewer.queries import Banner as DomainBanner
from services.planning.viewer.queries import Viewer as ViewerFacts
from services.planning.viewer.queries import find_own_plan, list_own_plans

PLAN_LIST = "plans"  # names the list in a cursor, so that it is invalid in another list


@strawberry.enum(
    description="A role. A person can have several roles, at different schools. Values can be added: ignore an unknown "
    "one."
)
class Role(Enum):
    TEACHER = strawberry.enum_value("teacher", description="Teacher at the sekolah induk.")
    KEPALA_SEKOLAH = strawberry.enum_value("kepala_sekolah", description="Appointed principal (definitif).")
    PLT = strawberry.enum_value("plt", description="Acting principal (pelaksana tugas).")
    ADMIN = strawberry.enum_value("admin", description="Administrator of the platform.")


@strawberry.enum(description="The kind of device.")
class Device(Enum):
    COMPUTER = strawberry.enum_value("computer", description="A computer or laptop.")
    PHONE = strawberry.enum_value("phone", description="A phone, for example the Android app.")


@strawberry.type(description="A role and its school.")
class RoleAssignment:
    role: Role = strawberry.field(description="The role.")
    satuan_pendidikan: SatuanPendidikan | None = strawberry.field(
        description="The school; null for an admin."
    )


@strawberry.type(description="Whether you may plan in the current period.")
class PlanningEligibility:
    is_allowed: bool = strawberry.field(
        description="Whether you may start a plan or go on with yours. False outside the planning window, unless your "
        "plan is submitted or has a due date of its own."
    )
    refusals: list[Problem] = strawberry.field(description="The failed rules. Most tell who can fix them.")
    is_obliged: bool | None = strawberry.field(
        description="Whether you must plan: ASN must, others may. Null if the employment status is not known."
    )


@strawberry.type(description="A notice.")
class Banner:
    code: str = strawberry.field(description="Stable code.")
    message: str = strawberry.field(description="The text.")
    role: Role | None = strawberry.field(
        description="Your role in this notice; null for advice about a device."
    )
    satuan_pendidikan: SatuanPendidikan | None = strawberry.field(
        description="The school of the notice; null for advice about a device, and if you have no sekolah induk."
    )


@strawberry.type(description="A school that you head, with the plans of its teachers.")
class Headship:
    person: strawberry.Private[Person]
    satuan_pendidikan: SatuanPendidikan = strawberry.field(description="The school.")
    kind: HeadKind = strawberry.field(description="How you head it.")

    @field(
        "The plans of the school, by name of the teacher. Your own plan is not listed. Null, with an entry in "
        "`errors`, if the filter, `first` or `after` is invalid."
    )
    async def review_queue(
        self,
        info: Info,
        filter: Annotated[
            SchoolQueueFilter | None, strawberry.argument(description="Which plans to list.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> ReviewQueueConnection | None:
        context = info.context
        queue = await load_school_queue(
            context.services,
            self.person.teacher.ptk_id,
            [self.satuan_pendidikan.npsn],
            self.person.cached_as_of,
            parse_queue_request(filter, first, after),
        )
        return await resolve_review_queue(queue, after, context)


@strawberry.type(description="The person who is signed in.")
class Viewer(Node):
    facts: strawberry.Private[ViewerFacts]
    nama: str | None = strawberry.field(description="Name; null for an account without a PTK record.")
    ptk_id: strawberry.ID | None = strawberry.field(
        description="`ptk_id` in Dapodik; null for an account without a PTK record."
    )
    satuan_pendidikan: SatuanPendidikan | None = strawberry.field(
        description="The sekolah induk (SATMINKAL); null if you have none."
    )
    roles: list[RoleAssignment] = strawberry.field(description="Your roles.")
    headships: list[Headship] = strawberry.field(
        description="The schools that you head, as principal or as Plt, with the plans to review."
    )
    planning_eligibility: PlanningEligibility = strawberry.field(
        description="Whether you may plan now, and why not."
    )
    banners: list[Banner] = strawberry.field(description="Current notices.")
    period: Period | None = strawberry.field(description="The current period; null if there is none.")

    @field(
        "Your plan of a period. Null if you have not started it. Null too, with an entry in `errors`, if the period "
        "is unknown."
    )
    async def plan(self, info: Info, period: PeriodCode = None) -> Plan | None:
        context, plan = info.context, self.facts.plan
        if period and (self.facts.setup is None or period != self.facts.setup.period.code):
            plan = await find_own_plan(context.services, self.facts.caller, period)
        return await resolve_plan(plan, context) if plan else None

    @field(
        "Your plans of all periods, the newest period first. Null, with an entry in `errors`, if `first` or `after` is "
        "invalid."
    )
    async def plans(self, info: Info, first: First = 20, after: After = None) -> Connection[Plan] | None:
        context = info.context
        plans, has_next_page = await list_own_plans(
            context.services, self.facts.caller, _parse_plan_cursor(after), first
        )
        edges = [
            Edge(cursor=encode_cursor(PLAN_LIST, plan.period), node=await resolve_plan(plan, context))
            for plan in plans
        ]
        return Connection.create(edges, has_next_page, after)

    @field(
        "Your inbox, newest first; for an admin also that of the dinas. Null, with an entry in `errors`, if `first` or "
        "`after` is invalid."
    )
    async def notifications(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
    ) -> NotificationConnection | None:
        return await resolve_notifications(info.context, first, after)

    @field("Advice for this device. It never blocks: offer to stay (*Tetap di sini*). Null for a computer.")
    def device_advice(
        self, info: Info, device: Annotated[Device, strawberry.argument(description="The kind of device.")]
    ) -> Banner | None:
        if device is Device.COMPUTER:
            return None
        advice = DomainProblem("device.use_computer")
        return Banner(
            code=advice.code,
            message=_format_message(advice, info.context),
            role=None,
            satuan_pendidikan=None,
        )


def render_viewer(facts: ViewerFacts, context: Context) -> Viewer:
    """Render the viewer."""
    person, access = facts.person, facts.access
    if facts.setup:
        for key in (CURRENT_PERIOD, facts.setup.period.code):
            context.loaders.periods.prime(key, facts.setup)
    return Viewer(
        facts=facts,
        id=strawberry.ID(viewer_id(facts.caller.account)),
        nama=person.teacher.nama.value if person else None,
        ptk_id=strawberry.ID(person.teacher.ptk_id) if person else None,
        satuan_pendidikan=_render_school(facts, context),
        roles=list(_list_roles(facts)),
        headships=list(_list_headships(facts)),
        planning_eligibility=PlanningEligibility(
            is_allowed=not facts.refusals,
            refusals=[render_problem(problem, context) for problem in facts.refusals],
            is_obliged=access.obligation.value == "must" if access and access.obligation else None,
        ),
        banners=[_render_banner(banner, context) for banner in facts.banners],
        period=render_period(facts.setup, context) if facts.setup else None,
    )


def _render_school(facts: ViewerFacts, context: Context) -> SatuanPendidikan | None:
    school = facts.person.school if facts.person else None
    if school is None:
        return None
    context.loaders.schools.prime(school.npsn, school)
    return reference_school(school.npsn)


def _list_roles(facts: ViewerFacts) -> Iterator[RoleAssignment]:
    if facts.person:
        teacher = facts.person.teacher
        induk = teacher.sekolah_induk.value
        if induk and induk not in teacher.kepala_at:
            yield RoleAssignment(role=Role.TEACHER, satuan_pendidikan=reference_school(induk))
        for role, npsns in ((Role.KEPALA_SEKOLAH, teacher.kepala_at), (Role.PLT, teacher.plt_at)):
            for npsn in npsns:
                yield RoleAssignment(role=role, satuan_pendidikan=reference_school(npsn))
    if "admin" in facts.caller.scopes:
        yield RoleAssignment(role=Role.ADMIN, satuan_pendidikan=None)


def _list_headships(facts: ViewerFacts) -> Iterator[Headship]:
    if facts.person:
        teacher = facts.person.teacher
        for kind, npsns in ((HeadKind.KEPALA_SEKOLAH, teacher.kepala_at), (HeadKind.PLT, teacher.plt_at)):
            for npsn in npsns:
                yield Headship(person=facts.person, satuan_pendidikan=reference_school(npsn), kind=kind)


def _parse_plan_cursor(after: str | None) -> str | None:
    """Return the period in a cursor of the caller's plans. Raises RequestRefused `cursor.invalid`."""
    if after is None:
        return None
    name, period = parse_cursor(after, ("after",))
    if name != PLAN_LIST or parse_period_code(period) is None:
        raise RequestRefused(DomainProblem("cursor.invalid", {}, ("after",)))
    return period


def _render_banner(banner: DomainBanner, context: Context) -> Banner:
    return Banner(
        code=banner.message.code,
        message=_format_message(banner.message, context),
        role=Role(banner.role),
        satuan_pendidikan=reference_school(banner.npsn) if banner.npsn else None,
    )


def _format_message(problem: DomainProblem, context: Context) -> str:
    return context.messages.text(problem, context.language)
