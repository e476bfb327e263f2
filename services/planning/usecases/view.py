"""A plan with what it takes to show it: its workflow, and the lists that its codes come from."""

from __future__ import annotations

from dataclasses import dataclass

from services.planning.domain.catalog import Catalog, Choices
from services.planning.domain.plan import Plan
from services.planning.planning import Planning
from services.planning.storage.period import PeriodInUse
from services.planning.usecases.period import period_of
from workflows import Phase, Workflow
from workflows.definition import State


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


async def view_of(planning: Planning, plan: Plan, used: PeriodInUse | None = None) -> PlanView:
    """A draft sees the period's lists of today, where a choice may have been withdrawn since it was made.

    Without `used` the plan's own period is read where the lists of today are needed.
    """
    workflow = await planning.workflows.get(plan.workflow)
    if workflow.definition.state(plan.state).phase is Phase.DRAFT:
        used = used or await period_of(planning, plan.period)
        catalog = await planning.catalogs.get(used.catalog)
    else:
        catalog = await planning.catalogs.get(plan.catalog)
    choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
    return PlanView(plan, workflow, catalog, choices)
