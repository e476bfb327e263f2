"""The facts that a decision reads, loaded before it in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from services.kit.problem import Problem, Refused
from services.planning.domain.access import access_of
from services.planning.domain.caller import Caller
from services.planning.domain.parameters import read_by
from services.planning.domain.plan import Plan
from services.planning.planning import Planning
from services.planning.storage import period as periods
from services.planning.storage import plt_confirmation
from services.planning.storage.period import PeriodInUse
from workflows import Facts, Head, HeadKind, Missing, Phase, Withdrawn, Workflow

# A gap in the registry is not the teacher's fault: where the zone is unknown, the day ends where it ends last.
UNKNOWN_ZONE = "Asia/Jakarta"


async def period_now(planning: Planning, zone: str | None) -> PeriodInUse | None:
    """The period that today falls in, where the school stands: in the east a day begins two hours earlier."""
    today = planning.clock.now().astimezone(ZoneInfo(zone or UNKNOWN_ZONE)).date()
    return await periods.load_at(today, planning.workflows)


async def period_of(
    planning: Planning, code: str | None, path: tuple[str, ...] = ("period",), *, zone: str | None = None
) -> PeriodInUse:
    """The period of a code, or the one that today falls in at a zone; Refused where there is none."""
    found = await (periods.load(code, planning.workflows) if code else period_now(planning, zone))
    if found is None:
        raise Refused(Problem("period.unknown" if code else "period.none_now", {"code": code}, path))
    return found


def lists_of(plan: Plan, used: PeriodInUse, workflow: Workflow) -> str:
    """The catalogue that a plan is read with: a draft sees today's lists, any other those it was handed in with."""
    draft = workflow.definition.state(plan.state).phase is Phase.DRAFT
    return used.catalog if draft else plan.catalog


async def facts_about(
    planning: Planning, plan: Plan, used: PeriodInUse, workflow: Workflow, caller: Caller
) -> Facts:
    """Everything a guard may read about a plan now; Refused `identity.unavailable` where identity is away."""
    teacher, school, confirmed, catalog = await asyncio.gather(
        planning.identity.teacher(plan.ptk_id),
        planning.identity.school(plan.school.npsn),
        plt_confirmation.confirmed([plan.school.npsn], plan.period),
        planning.catalogs.get(lists_of(plan, used, workflow)),
    )
    now = planning.clock.now()
    revision = used.period.parameters_at(now)
    choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
    asked = [known.as_of for known in (teacher, school) if known]
    here = school.facts if school else None
    owner = teacher.facts if teacher and caller.ptk_id == plan.ptk_id else None
    head = here.head if here else None
    own = access_of(owner, here, caller.account, catalog) if owner else None
    return Facts(
        now=now,
        zone=ZoneInfo(plan.school.zone or UNKNOWN_ZONE),
        params=read_by(workflow.definition, revision),
        params_revision=revision.number,
        head=Head(HeadKind(head.kind), head.ptk_id) if head else Head(HeadKind.KOSONG),
        facts_as_of=min(asked) if len(asked) == 2 else None,
        sekolah_induk=teacher.facts.sekolah_induk.value if teacher else None,
        profile_confirmed=plan.profile.confirmed,
        may_not_plan=_missing(own.problems) if own else (),
        missing=_missing(plan.content.missing(choices)),
        withdrawn=tuple(Withdrawn(str(p.params["code"]), p.path) for p in plan.content.not_offered(choices)),
        points=plan.content.points(choices),
        revision_due=plan.revision_due,
        plt_confirmed=plan.school.npsn in confirmed,
    )


def _missing(problems: Iterable[Problem]) -> tuple[Missing, ...]:
    return tuple(Missing(problem.code, problem.path, problem.params) for problem in problems)
