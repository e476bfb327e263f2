"""The buttons of a plan: which may be pressed, and why not."""

from __future__ import annotations

import strawberry

from services.kit.problem import Problem as DomainProblem
from services.planning.api.context import Context
from services.planning.api.types.problem import Problem, shown
from services.planning.domain.refusals import Acknowledgeable
from workflows import Availability, Explained


@strawberry.type(description="A transition that you could ever fire from this state.")
class AvailableTransition:
    """One button."""

    trigger: str = strawberry.field(
        description="What `firePlanTransition` takes; the named mutations fire the same."
    )
    label: str = strawberry.field(description="What the button says.")
    allowed: bool = strawberry.field(description="Whether it may be pressed now.")
    refusals: list[Problem] = strawberry.field(description="Every reason why not.")
    warnings: list[Problem] = strawberry.field(description="What pressing it asks to acknowledge.")
    requires: list[str] = strawberry.field(description="What has to be given along, such as `reason`.")
    exceptional: bool = strawberry.field(description="Not part of the normal course.")


def transition_of(told: Availability, context: Context) -> AvailableTransition:
    """The button in the caller's language."""
    refusals = [DomainProblem(r.code, r.params, r.path) for r in told.refusals]
    warnings = [Acknowledgeable(w.code, w.params, w.path) for w in told.warnings]
    return AvailableTransition(
        trigger=told.trigger,
        label=getattr(told.label, context.language),
        allowed=told.allowed,
        refusals=[shown(problem, context) for problem in refusals],
        warnings=[shown(problem, context) for problem in warnings],
        requires=list(told.requires),
        exceptional=told.exceptional,
    )


@strawberry.type(description="A transition from the state of a plan, judged for the one whom it is for.")
class ExplainedTransition:
    """One row of the workflow, for an admin who wonders why."""

    transition: str = strawberry.field(description="Its id in the workflow definition.")
    trigger: str = strawberry.field(description="What fires it; `@entered(…)`: the system, by itself.")
    label: str = strawberry.field(description="What the button says.")
    role: str = strawberry.field(
        description="As whom it is fired: `teacher`, `superior`, `admin` or `system`."
    )
    allowed: bool = strawberry.field(description="Whether that person, or the system, could fire it now.")
    refusals: list[Problem] = strawberry.field(
        description="Every reason why not, as that person would be told."
    )
    warnings: list[Problem] = strawberry.field(description="What firing it asks to acknowledge.")
    requires: list[str] = strawberry.field(description="What has to be given along, such as `reason`.")
    exceptional: bool = strawberry.field(description="Not part of the normal course.")


def explained_of(told: Explained, context: Context) -> ExplainedTransition:
    """The row in the caller's language."""
    row = told.row
    return ExplainedTransition(
        transition=row.id,
        trigger=row.trigger,
        label=getattr(row.label, context.language),
        role=row.by.role,
        allowed=told.allowed,
        refusals=[shown(DomainProblem(r.code, r.params, r.path), context) for r in told.refusals],
        warnings=[shown(Acknowledgeable(w.code, w.params, w.path), context) for w in told.warnings],
        requires=list(row.require),
        exceptional=row.exceptional,
    )
