"""The viewer: the signed-in person, whether they may plan, and their banners."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Annotated

import strawberry

from services.kit.problems import Problem as DomainProblem
from services.planning.api.context import Context, Info
from services.planning.api.fields import After, First, field
from services.planning.api.loaders import CURRENT_PERIOD
from services.planning.api.types.notifications import NotificationConnection, resolve_notifications
from services.planning.api.types.people import SatuanPendidikan, reference_school
from services.planning.api.types.period import Period, render_period
from services.planning.api.types.plan import Plan, render_plan
from services.planning.api.types.problems import Problem, render_problem
from services.planning.plan.queries import load_plan_view
from services.planning.viewer.queries import Banner as DomainBanner
from services.planning.viewer.queries import Viewer as ViewerFacts


@strawberry.enum(description="A role. A person can have several roles, at different schools.")
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
class HeldRole:
    role: Role = strawberry.field(description="The role.")
    npsn: str | None = strawberry.field(description="NPSN of the school; null for an admin.")


@strawberry.type(description="Whether you may plan in the current period.")
class MayPlan:
    allowed: bool = strawberry.field(description="Whether you may plan.")
    refusals: list[Problem] = strawberry.field(description="The failed rules, each with who can fix it.")
    obliged: bool | None = strawberry.field(
        description="Whether you must plan: ASN must, others may. Null if the employment status is not known."
    )


@strawberry.type(description="A notice.")
class Banner:
    code: str = strawberry.field(description="Stable code.")
    message: str = strawberry.field(description="The text.")
    role: Role | None = strawberry.field(
        description="Your role in this notice; null for advice about a device."
    )
    npsn: str | None = strawberry.field(description="NPSN of the school of the notice.")


@strawberry.type(description="The person who is signed in.")
class Viewer:
    facts: strawberry.Private[ViewerFacts]
    nama: str | None = strawberry.field(description="Name; null for an account without a PTK record.")
    ptk_id: strawberry.ID | None = strawberry.field(description="`ptk_id` in Dapodik.")
    satuan_pendidikan: SatuanPendidikan | None = strawberry.field(
        description="The sekolah induk (SATMINKAL)."
    )
    roles: list[HeldRole] = strawberry.field(description="Your roles.")
    may_plan: MayPlan = strawberry.field(description="Whether you may plan now, and why not.")
    banners: list[Banner] = strawberry.field(description="Current notices.")
    period: Period | None = strawberry.field(description="The current period; null if there is none.")

    @field("Your plan of the current period; null if you have not started it.")
    async def plan(self, info: Info) -> Plan | None:
        if self.facts.plan is None:
            return None
        context = info.context
        view = await load_plan_view(context.services, self.facts.plan, context.loaders.periods.load)
        return render_plan(view, context.language)

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
        return Banner(code=advice.code, message=_format_message(advice, info.context), role=None, npsn=None)


def render_viewer(facts: ViewerFacts, context: Context) -> Viewer:
    """Render the viewer."""
    person = facts.person
    access = facts.access
    refusals = access.problems if access else (DomainProblem("access.no_ptk", {"who_can_fix": "helpdesk"}),)
    if person and facts.setup is None:
        refusals = (DomainProblem("period.none_now"),)
    return Viewer(
        facts=facts,
        nama=person.teacher.nama.value if person else None,
        ptk_id=strawberry.ID(person.teacher.ptk_id) if person else None,
        satuan_pendidikan=_render_school(facts, context),
        roles=list(_list_roles(facts)),
        may_plan=MayPlan(
            allowed=not refusals,
            refusals=[render_problem(problem, context) for problem in refusals],
            obliged=access.obligation.value == "must" if access and access.obligation else None,
        ),
        banners=[_render_banner(banner, context) for banner in facts.banners],
        period=render_period(facts.setup, context) if facts.setup else None,
    )


def _render_school(facts: ViewerFacts, context: Context) -> SatuanPendidikan | None:
    school = facts.person.school if facts.person else None
    if school is None:
        return None
    context.loaders.schools.prime(school.npsn, school)
    if facts.setup:
        context.loaders.periods.prime(CURRENT_PERIOD, facts.setup)
    return reference_school(school.npsn)


def _list_roles(facts: ViewerFacts) -> Iterator[HeldRole]:
    if facts.person:
        teacher = facts.person.teacher
        induk = teacher.sekolah_induk.value
        if induk and induk not in teacher.kepala_at:
            yield HeldRole(role=Role.TEACHER, npsn=induk)
        yield from (HeldRole(role=Role.KEPALA_SEKOLAH, npsn=npsn) for npsn in teacher.kepala_at)
        yield from (HeldRole(role=Role.PLT, npsn=npsn) for npsn in teacher.plt_at)
    if "admin" in facts.caller.scopes:
        yield HeldRole(role=Role.ADMIN, npsn=None)


def _render_banner(banner: DomainBanner, context: Context) -> Banner:
    message = _format_message(banner.message, context)
    return Banner(code=banner.message.code, message=message, role=Role(banner.role), npsn=banner.npsn)


def _format_message(problem: DomainProblem, context: Context) -> str:
    return context.messages.text(problem, context.language)
