"""A plan with what it takes to show it: its workflow, and the lists that its codes come from."""

from __future__ import annotations

from dataclasses import dataclass

from services.planning.domain.catalog import Catalog, Choices
from services.planning.domain.plan import Plan
from services.planning.planning import Planning
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


async def view_of(planning: Planning, plan: Plan) -> PlanView:
    """A draft sees the period's lists of today, where a choice may have been withdrawn since it was made."""
    workflow = await planning.workflows.get(plan.workflow)
    if workflow.definition.state(plan.state).phase is Phase.DRAFT:
        catalog = await planning.catalogs.get((await period_of(planning, plan.period)).catalog)
    else:
        catalog = await planning.catalogs.get(plan.catalog)
    choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
    return PlanView(plan, workflow, catalog, choices)
