"""The state of a plan, as the workflow that it was decided by names it."""

from __future__ import annotations

from enum import Enum

import strawberry

from workflows import State


@strawberry.enum(description="What clients rely on, whatever states a workflow has.")
class PlanPhase(Enum):
    """The five phases of DOMAIN.md."""

    DRAFT = strawberry.enum_value("draft", description="The owner may edit; in no other phase.")
    SUBMITTED = strawberry.enum_value("submitted", description="Waits for the superior.")
    APPROVED = strawberry.enum_value("approved", description="Approved by the superior.")
    AUTO_APPROVED = strawberry.enum_value("auto_approved", description="Approved by the system.")
    IN_IMPLEMENTATION = strawberry.enum_value("in_implementation", description="Pelaksanaan has begun.")


@strawberry.type(description="The state of a plan. Admins may add states; rely on `phase`.")
class PlanState:
    """Name, label, phase."""

    name: str = strawberry.field(description="The name in the workflow definition.")
    label: str = strawberry.field(description="What the screen shows.")
    phase: PlanPhase = strawberry.field(description="The phase it belongs to.")


def state_of(state: State, language: str) -> PlanState:
    """The state with its label in a language."""
    label = getattr(state.label, language)
    return PlanState(name=state.name, label=label, phase=PlanPhase(state.phase.value))
