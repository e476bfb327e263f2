"""A plan and everything that a decision about it may read, loaded before it in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from services.kit.problem import Problem
from services.planning.domain import move
from services.planning.domain.access import access_of
from services.planning.domain.caller import Caller
from services.planning.domain.parameters import read_by
from services.planning.domain.plan import Plan, School
from services.planning.domain.school import SchoolFacts
from services.planning.domain.teacher import TeacherFacts
from services.planning.identity.client import Known
from services.planning.planning import Planning
from services.planning.storage import plt_confirmation
from services.planning.storage.period import PeriodInUse
from services.planning.usecases.few_at_once import few_at_once
from services.planning.usecases.period import UNKNOWN_ZONE, lists_of, period_of
from workflows import Facts, Head, HeadKind, Missing, Snapshot, Withdrawn, Workflow


@dataclass(frozen=True, slots=True)
class Case:
    """`plan` names the lists it is judged by, `head_nama` who heads its school, `induk` where a move would take it."""

    plan: Plan
    workflow: Workflow
    facts: Facts
    head_nama: str | None
    induk: School | None

    @property
    def snapshot(self) -> Snapshot:
        """The plan as the workflow sees it."""
        return Snapshot(self.plan.state, self.plan.ptk_id, self.plan.school.npsn)


@dataclass(frozen=True, slots=True)
class Season:
    """A period as it stands now, schools with who heads them, and those of them whose Plt has confirmed."""

    used: PeriodInUse
    schools: Mapping[str, Known[SchoolFacts] | None]
    confirmed: Collection[str]


async def season_of(
    planning: Planning, period: str, npsns: Collection[str], used: PeriodInUse | None = None
) -> Season:
    """What plans of a period at these schools have in common: three things to ask, whatever their number.

    Without `used` the period is read.
    """
    used = used or await period_of(planning, period)
    confirmed, known = await asyncio.gather(
        plt_confirmation.select_confirmed(npsns, period, planning.connection),
        few_at_once(planning.identity.school, npsns),
    )
    return Season(used, dict(zip(npsns, known, strict=True)), confirmed)


async def case_of(
    planning: Planning, plan: Plan, caller: Caller | None, used: PeriodInUse | None = None
) -> Case:
    """The case of a plan for a caller (None: the system); IdentityAway where nothing is known of the people.

    Without `used` the plan's own period is read.
    """
    (case,) = await cases_of(planning, plan, [caller], used)
    return case


async def cases_of(
    planning: Planning, plan: Plan, callers: Collection[Caller | None], used: PeriodInUse | None = None
) -> list[Case]:
    """The same for several callers, on the same facts: everything is asked for once."""
    season, teacher = await asyncio.gather(
        season_of(planning, plan.period, [plan.school.npsn], used), planning.identity.teacher(plan.ptk_id)
    )
    return [await case_in(planning, plan, caller, season, teacher) for caller in callers]


async def case_in(
    planning: Planning, plan: Plan, caller: Caller | None, season: Season, teacher: Known[TeacherFacts] | None
) -> Case:
    """The case of a plan, with what it shares with others and what is known of its owner."""
    used, school = season.used, season.schools[plan.school.npsn]
    workflow = await planning.workflows.get(plan.workflow)
    lists = lists_of(plan, used, workflow)
    catalog = await planning.catalogs.get(lists)
    here = school.facts if school else None
    npsn = teacher.facts.sekolah_induk.value if teacher else None
    other = await _other_school(planning, npsn, plan)
    induk = move.school_of(other.facts if other else None, catalog)
    acts = caller if caller and caller.ptk_id == plan.ptk_id else None
    own = access_of(teacher.facts, here, acts.account, catalog) if teacher and acts else None
    choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
    revision = used.period.parameters_at(planning.clock.now())
    asked = [known.as_of for known in (teacher, school, other) if known]
    facts = Facts(
        now=planning.clock.now(),
        zone=ZoneInfo(plan.school.zone or UNKNOWN_ZONE),
        params=read_by(workflow.definition, revision),
        params_revision=revision.number,
        head=Head(HeadKind(here.head.kind), here.head.ptk_id) if here else Head(HeadKind.KOSONG),
        facts_as_of=min(asked) if teacher and school else None,
        sekolah_induk=npsn,
        profile_confirmed=plan.profile.confirmed,
        may_not_plan=_missing(own.problems) if own else (),
        may_not_move=_missing(move.refusals(plan, npsn, induk)),
        missing=_missing(plan.content.missing(choices)),
        withdrawn=tuple(Withdrawn(str(p.params["code"]), p.path) for p in plan.content.not_offered(choices)),
        points=plan.content.points(choices),
        revision_due=plan.revision_due,
        plt_confirmed=plan.school.npsn in season.confirmed,
    )
    return Case(replace(plan, catalog=lists), workflow, facts, here.head.nama if here else None, induk)


async def _other_school(planning: Planning, npsn: str | None, plan: Plan) -> Known[SchoolFacts] | None:
    if npsn is None or npsn == plan.school.npsn:
        return None
    return await planning.identity.school(npsn)


def _missing(problems: Iterable[Problem]) -> tuple[Missing, ...]:
    return tuple(Missing(problem.code, problem.path, problem.params) for problem in problems)
