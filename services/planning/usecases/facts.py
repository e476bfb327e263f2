"""The facts that a decision reads, loaded before it in one go."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from services.kit.problem import Problem, Refused
from services.planning.domain.period import Revision
from services.planning.domain.plan import Plan
from services.planning.planning import Planning
from services.planning.storage import period as periods
from services.planning.storage import plt_confirmation
from services.planning.storage.period import PeriodInUse
from workflows import Facts, Head, HeadKind, Missing, Withdrawn

# A gap in the registry is not the teacher's fault: where the zone is unknown, the day ends where it ends last.
UNKNOWN_ZONE = "Asia/Jakarta"


async def period_now(planning: Planning) -> PeriodInUse | None:
    """The period that today falls in."""
    today = planning.clock.now().astimezone(ZoneInfo(UNKNOWN_ZONE)).date()
    return await periods.load_at(today, planning.workflows)


async def period_of(planning: Planning, code: str | None, path: tuple[str, ...] = ("period",)) -> PeriodInUse:
    """The period of a code, or the one that today falls in; Refused where there is none."""
    found = await (periods.load(code, planning.workflows) if code else period_now(planning))
    if found is None:
        raise Refused(Problem("period.unknown" if code else "period.none_now", {"code": code}, path))
    return found


async def facts_about(planning: Planning, plan: Plan, used: PeriodInUse) -> Facts:
    """Everything a guard may read about a plan now; Refused `identity.unavailable` where identity is away."""
    teacher, school, confirmed, catalog = await asyncio.gather(
        planning.identity.teacher(plan.ptk_id),
        planning.identity.school(plan.school.npsn),
        plt_confirmation.confirmed([plan.school.npsn], plan.period),
        planning.catalogs.get(used.catalog),
    )
    now = planning.clock.now()
    revision: Revision = used.period.parameters_at(now)
    choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
    head = school.facts.head if school else None
    asked = [known.as_of for known in (teacher, school) if known]
    return Facts(
        now=now,
        zone=ZoneInfo(plan.school.zone or UNKNOWN_ZONE),
        params=revision.values,
        params_revision=revision.number,
        head=Head(HeadKind(head.kind), head.ptk_id) if head else Head(HeadKind.KOSONG),
        facts_as_of=min(asked) if len(asked) == 2 else None,
        sekolah_induk=teacher.facts.sekolah_induk.value if teacher else None,
        profile_confirmed=plan.profile.confirmed,
        missing=tuple(Missing(p.code, p.path, p.params) for p in plan.content.missing(choices)),
        withdrawn=tuple(Withdrawn(str(p.params["code"]), p.path) for p in plan.content.not_offered(choices)),
        points=plan.content.points(choices),
        revision_due=plan.revision_due,
        plt_confirmed=plan.school.npsn in confirmed,
    )
