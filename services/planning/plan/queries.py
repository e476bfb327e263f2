"""Questions about plans: which plans a caller sees, what is shown with them, and whether their events verify."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.kit.database import Connection
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller, require_admin
from services.planning.people import store as people_store
from services.planning.people.access import can_read
from services.planning.people.model import Duty, TeacherFacts
from services.planning.people.services import Services
from services.planning.period.catalog import Catalog, CatalogLevel, Choices, TugasTambahanChoice
from services.planning.period.model import PeriodSetup
from services.planning.period.queries import local_today
from services.planning.plan import store
from services.planning.plan.chain import check_chain, check_snapshots
from services.planning.plan.decision import load_decision_context
from services.planning.plan.model import AutomaticStates, Plan
from services.planning.plan.store import PlanKey, load_plan, load_plans
from services.planning.plan.tabs import PerilakuKerja, first_semester, keep_offered
from services.planning.versions.store import WorkflowCache
from workflows.engine.decide import evaluate_transitions
from workflows.engine.machine import TransitionEvaluation, Workflow
from workflows.model.definition import Phase, State


async def load_visible_plans(
    services: Services, caller: Caller, keys: Collection[PlanKey]
) -> dict[PlanKey, Plan]:
    """Return those of these plans that the caller sees. The answer does not tell whether another plan exists."""
    # The headed schools are asked first: an error of identity must not tell whether a plan exists.
    headed_schools = await _headed_schools(services, caller, keys)
    plans = await load_plans(keys, services.connection)
    visible = {
        key: plan
        for key, plan in plans.items()
        if can_read(caller, headed_schools, plan.ptk_id, plan.school.npsn)
    }
    if headed_schools and len(visible) < len(keys):
        induk = await people_store.load_current_schools(
            set(keys) - set(visible), local_today(services, None), services.connection
        )
        visible = {
            key: plan
            for key, plan in plans.items()
            if can_read(caller, headed_schools, plan.ptk_id, plan.school.npsn, induk.get(key))
        }
    return visible


async def _headed_schools(services: Services, caller: Caller, keys: Collection[PlanKey]) -> tuple[str, ...]:
    if caller.ptk_id is None or "admin" in caller.scopes or all(owner == caller.ptk_id for owner, _ in keys):
        return ()
    answer = await services.identity.teacher(caller.ptk_id)
    return answer.facts.heads if answer else ()


async def load_visible_plan(
    services: Services, caller: Caller, ptk_id: str, period: str, path: tuple[str, ...] = ("id",)
) -> Plan:
    """Return the plan. Raises RequestRefused `plan.unknown` at `path` if the caller cannot see it."""
    plans = await load_visible_plans(services, caller, [(ptk_id, period)])
    if (ptk_id, period) not in plans:
        raise RequestRefused(Problem("plan.unknown", {}, path))
    return plans[ptk_id, period]


async def find_present_schools(services: Services, plans: Sequence[Plan]) -> list[str | None]:
    """Return for each plan the NPSN of the teacher's sekolah induk, if it is another school than that of the plan.

    None after the end of the period.
    """
    keys = [(plan.ptk_id, plan.period) for plan in plans]
    moves = await people_store.load_current_schools(keys, local_today(services, None), services.connection)
    schools = (moves.get(key) for key in keys)
    return [npsn if npsn != plan.school.npsn else None for plan, npsn in zip(plans, schools, strict=True)]


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan with its workflow version, its catalogue, and the choices that its owner has."""

    plan: Plan
    workflow: Workflow
    catalog: Catalog
    catalog_sha256: str
    choices: Choices

    @property
    def catalog_level(self) -> CatalogLevel:
        """The catalogue as the owner sees it. A jenjang jabatan that it does not have is left out."""
        jenjang, jabatan = self.plan.school.jenjang, self.plan.profile.jenjang_jabatan.value
        level = CatalogLevel(self.catalog_sha256, jenjang, jabatan, self.catalog)
        return level if level.exists else replace(level, jenjang_jabatan=None)

    @property
    def state(self) -> State:
        """The state of the plan, with label and phase."""
        return self.workflow.definition.state(self.plan.state)


async def load_plan_view(
    services: Services, plan: Plan, load_period: Callable[[str], Awaitable[PeriodSetup]]
) -> PlanView:
    """Load what is shown with a plan: for a draft the period's catalogue of today, else that of the submission."""
    workflow = await services.workflows.get(plan.workflow, services.connection)
    if workflow.definition.state(plan.state).phase is Phase.DRAFT:
        setup = await load_period(plan.period)
        sha256 = setup.catalog
    else:
        sha256 = plan.catalog
    catalog = await services.catalogs.get(sha256, services.connection)
    choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
    return PlanView(plan, workflow, catalog, sha256, choices)


async def load_previous_perilaku(services: Services, caller: Caller, view: PlanView) -> PerilakuKerja:
    """Return the perilaku that the owner submitted for the first semester, without what is not offered today.

    Other readers get nothing: the head of today may not have been the head then, and may not see that plan.
    """
    previous_period = first_semester(view.plan.period)
    if previous_period is None or caller.ptk_id != view.plan.ptk_id:
        return PerilakuKerja()
    previous = await load_plan(view.plan.ptk_id, previous_period, services.connection)
    if previous is None or previous.submitted_at is None:
        return PerilakuKerja()
    return keep_offered(previous.content.perilaku_kerja, view.choices)


@dataclass(frozen=True, slots=True)
class OfferedDuty:
    """A duty of the catalogue that the owner has on record."""

    row: TugasTambahanChoice
    duty: Duty


async def load_offered_duties(services: Services, caller: Caller, view: PlanView) -> list[OfferedDuty]:
    """Return the owner's duties of today at the school of the plan that the catalogue offers.

    Other readers get nothing. Raises IdentityUnavailable.
    """
    plan = view.plan
    answer = await services.identity.teacher(plan.ptk_id) if caller.ptk_id == plan.ptk_id else None
    today = local_today(services, plan.school.zone)
    return [
        OfferedDuty(row, duty)
        for duty in (answer.facts.duties if answer else ())
        if duty.npsn == plan.school.npsn and duty.is_held_on(today)
        for row in view.choices.tugas_tambahan
        if duty.jabatan_ptk_id in map(str, row.jabatan_ptk_id)
    ]


async def explain_transitions(
    services: Services, caller: Caller, plan: Plan
) -> tuple[TransitionEvaluation, ...]:
    """Explain every transition of the plan's state to an admin, as its owner would meet it.

    Raises CallerNotAllowed `actor.not_admin`, and IdentityUnavailable if identity does not answer.
    """
    require_admin(caller)
    answer = await services.identity.teacher(plan.ptk_id)
    owner = Caller(_choose_account(answer.facts) if answer else "", plan.ptk_id)
    context = await load_decision_context(services, plan, owner)
    return evaluate_transitions(context.workflow, context.snapshot, context.facts)


def _choose_account(teacher: TeacherFacts) -> str:
    """Return the account that the teacher signs in with: that of the sekolah induk first; empty if there is none."""
    induk = teacher.sekolah_induk.value
    accounts = sorted(teacher.accounts, key=lambda account: (account.npsn != induk, account.npsn is not None))
    return accounts[0].id if accounts else ""


@dataclass(frozen=True, slots=True)
class PlanVerification:
    """The result of checking a plan: the number of its events, and every fault."""

    ptk_id: str
    period: str
    events: int
    findings: tuple[Problem, ...]


async def verify_plans(
    period: str | None, ptk_id: str | None, now: datetime, connection: Connection
) -> AsyncIterator[PlanVerification]:
    """Check every plan of a period, of a person, or all plans."""
    async for plan in store.stream_stored_plans(period, ptk_id, connection):
        findings = (*check_chain(plan, now), *check_snapshots(plan))
        yield PlanVerification(plan.ptk_id, plan.period, len(plan.events), findings)


async def count_waiting_plans(period: str, workflows: WorkflowCache, connection: Connection) -> int:
    """Count the plans of a period in states with automatic transitions. The count reads only an index."""
    states = AutomaticStates.of(await workflows.list_supported(connection))
    return await store.count_waiting_plans(period, states.workflows, states.states, connection)
