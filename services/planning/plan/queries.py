"""Questions about plans: which ones a caller sees, what it takes to show them, and why they do not go on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

from services.kit.database import Connection
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller, require_admin
from services.planning.people import store as people_store
from services.planning.people.access import can_read
from services.planning.people.model import TeacherFacts
from services.planning.people.services import Services
from services.planning.period.catalog import Catalog, Choices
from services.planning.period.model import PeriodSetup
from services.planning.period.queries import get_period, local_today
from services.planning.plan import store
from services.planning.plan.chain import check_chain, check_snapshots
from services.planning.plan.decision import load_decision_context
from services.planning.plan.model import Plan
from services.planning.plan.store import PlanKey, load_plan, load_plans
from services.planning.plan.tabs import PerilakuKerja, first_semester, keep_offered
from workflows.engine.decide import TransitionExplanation, evaluate_transitions
from workflows.engine.machine import Workflow
from workflows.model.definition import Phase, State


async def load_visible_plans(
    services: Services, caller: Caller, keys: Collection[PlanKey]
) -> dict[PlanKey, Plan]:
    """Those of these plans that the caller sees; which of the others exist, nobody can tell."""
    # Whom they head is asked before a plan is read: that identity is away must not tell whether one exists.
    headed = await _headed_schools(services, caller, keys)
    found = await load_plans(keys, services.connection)
    seen = {
        key: plan for key, plan in found.items() if can_read(caller, headed, plan.ptk_id, plan.school.npsn)
    }
    if headed and len(seen) < len(keys):
        induk = await people_store.load_current_schools(
            set(keys) - set(seen), local_today(services, None), services.connection
        )
        seen = {
            key: plan
            for key, plan in found.items()
            if can_read(caller, headed, plan.ptk_id, plan.school.npsn, induk.get(key))
        }
    return seen


async def _headed_schools(services: Services, caller: Caller, keys: Collection[PlanKey]) -> tuple[str, ...]:
    if caller.ptk_id is None or "admin" in caller.scopes or all(owner == caller.ptk_id for owner, _ in keys):
        return ()
    known = await services.identity.teacher(caller.ptk_id)
    return known.facts.heads if known else ()


async def load_visible_plan(
    services: Services, caller: Caller, ptk_id: str, period: str, path: tuple[str, ...] = ("id",)
) -> Plan:
    """The plan, or RequestRefused `plan.unknown` (at the `path` of its id), which does not tell whether it exists."""
    seen = await load_visible_plans(services, caller, [(ptk_id, period)])
    if (ptk_id, period) not in seen:
        raise RequestRefused(Problem("plan.unknown", {}, path))
    return seen[ptk_id, period]


async def find_present_school(services: Services, plan: Plan) -> str | None:
    """The NPSN of the teacher's sekolah induk, as far as it is noticed, until the plan follows or its period ends."""
    key = (plan.ptk_id, plan.period)
    moves = await people_store.load_current_schools([key], local_today(services, None), services.connection)
    induk = moves.get(key)
    return induk if induk != plan.school.npsn else None


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan, and what its owner is offered; out of draft it is read with the catalogue it was decided by."""

    plan: Plan
    workflow: Workflow
    catalog: Catalog
    choices: Choices

    @property
    def state(self) -> State:
        """The state of the plan, with label and phase."""
        return self.workflow.definition.state(self.plan.state)


async def load_plan_view(services: Services, plan: Plan, used: PeriodSetup | None = None) -> PlanView:
    """A draft sees the period's lists of today, where a choice may have been withdrawn since it was made.

    Without `used` the plan's own period is read where the lists of today are needed.
    """
    workflow = await services.workflows.get(plan.workflow, services.connection)
    if workflow.definition.state(plan.state).phase is Phase.DRAFT:
        used = used or await get_period(services, plan.period)
        catalog = await services.catalogs.get(used.catalog, services.connection)
    else:
        catalog = await services.catalogs.get(plan.catalog, services.connection)
    choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
    return PlanView(plan, workflow, catalog, choices)


async def previous_perilaku(services: Services, caller: Caller, view: PlanView) -> PerilakuKerja:
    """What was handed in for the first semester, as far as it is offered today; nothing where there is none.

    For the owner alone: the head of today need not have been the head then, and may not see that plan.
    """
    plan, before = view.plan, first_semester(view.plan.period)
    if before is None or caller.ptk_id != plan.ptk_id:
        return PerilakuKerja()
    first = await load_plan(plan.ptk_id, before, services.connection)
    if first is None or first.submitted_at is None:
        return PerilakuKerja()
    return keep_offered(first.content.perilaku_kerja, view.choices)


async def explain_transitions(
    services: Services, caller: Caller, plan: Plan
) -> tuple[TransitionExplanation, ...]:
    """All of them, whoever may fire them. RequestRefused `actor.not_admin`, before anything is asked; IdentityAway."""
    require_admin(caller)
    known = await services.identity.teacher(plan.ptk_id)
    owner = Caller(_account(known.facts) if known else "", plan.ptk_id)
    case = await load_decision_context(services, plan, owner)
    return evaluate_transitions(case.workflow, case.snapshot, case.facts)


def _account(teacher: TeacherFacts) -> str:
    """The account by which the teacher would sign in: of the sekolah induk before any other; empty without one."""
    induk = teacher.sekolah_induk.value
    own = sorted(teacher.accounts, key=lambda account: (account.npsn != induk, account.npsn is not None))
    return own[0].id if own else ""


@dataclass(frozen=True, slots=True)
class PlanVerification:
    """A plan that was checked: how many events it has, and all that is wrong with it."""

    ptk_id: str
    period: str
    events: int
    findings: tuple[Problem, ...]


async def verify_plans(
    period: str | None, ptk_id: str | None, connection: Connection
) -> AsyncIterator[PlanVerification]:
    """The verdict on every plan of a period, of a person, or at all."""
    async for plan in store.stream_stored_plans(period, ptk_id, connection):
        found = (*check_chain(plan), *check_snapshots(plan))
        yield PlanVerification(plan.ptk_id, plan.period, len(plan.events), found)
