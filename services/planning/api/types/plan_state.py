"""Where a plan stands, on whom it waits, and which transitions there are."""

from __future__ import annotations

from datetime import date
from enum import Enum

import strawberry

from services.kit.problems import Problem as DomainProblem
from services.planning.api.context import Context
from services.planning.api.types.problems import Problem, render_problem
from services.planning.plan.model import AcknowledgeableProblem, Plan
from services.planning.plan.turn import find_turn
from workflows.engine.decide import TransitionExplanation
from workflows.model.decision import Availability
from workflows.model.definition import State


@strawberry.enum(description="What clients rely on, whatever states a workflow has.")
class PlanPhase(Enum):
    DRAFT = strawberry.enum_value("draft", description="The owner may edit; in no other phase.")
    SUBMITTED = strawberry.enum_value("submitted", description="Waits for the superior.")
    APPROVED = strawberry.enum_value("approved", description="Approved by the superior.")
    AUTO_APPROVED = strawberry.enum_value("auto_approved", description="Approved by the system.")
    IN_IMPLEMENTATION = strawberry.enum_value("in_implementation", description="Pelaksanaan has begun.")


@strawberry.type(description="The state of a plan. Admins may add states; rely on `phase`.")
class PlanState:
    name: str = strawberry.field(description="The name in the workflow definition.")
    label: str = strawberry.field(description="What the screen shows.")
    phase: PlanPhase = strawberry.field(description="The phase it belongs to.")


def render_state(state: State, language: str) -> PlanState:
    """The state with its label in a language."""
    label = getattr(state.label, language)
    return PlanState(name=state.name, label=label, phase=PlanPhase(state.phase.value))


@strawberry.enum(description="On whom a plan can wait.")
class TurnOf(Enum):
    OWNER = strawberry.enum_value("owner", description="The teacher whose plan it is.")
    HEAD = strawberry.enum_value("head", description="The head of its school, definitif or Plt.")
    DINAS = strawberry.enum_value(
        "dinas",
        description="The dinas pendidikan: to appoint a head, or to judge the plan of the head's own hand.",
    )
    NOBODY = strawberry.enum_value("nobody", description="Nobody; nothing is to be done.")


@strawberry.type(description="On whom a plan waits, until when, and why.")
class Turn:
    who: TurnOf = strawberry.field(description="On whom.")
    nama: str | None = strawberry.field(description="The name of the teacher or head, where known.")
    npsn: str | None = strawberry.field(description="The school whose head, or whose dinas, it is.")
    opens: date | None = strawberry.field(
        description="The local day from which they can act, where that is still to come; null where they can now."
    )
    until: date | None = strawberry.field(
        description="The local day by which they have to act, that day included: of a draft the end of planning or of "
        "its revision. Null where nothing limits it; a day that has passed stays, and the sentence says what helps."
    )
    sentence: str = strawberry.field(description="The same as a sentence, with the reason and the day.")


async def resolve_turn(plan: Plan, context: Context) -> Turn:
    """The turn in the caller's language."""
    turn = find_turn(await context.decision_contexts.load((plan, None)))
    sentence = context.messages.text(turn.sentence, context.language)
    return Turn(
        who=TurnOf(turn.turn.value),
        nama=turn.nama,
        npsn=turn.npsn,
        opens=turn.window.opens,
        until=turn.window.until,
        sentence=sentence,
    )


@strawberry.type(description="A transition that you could ever fire from this state.")
class AvailableTransition:
    trigger: str = strawberry.field(
        description="What `firePlanTransition` takes; the named mutations fire the same."
    )
    label: str = strawberry.field(description="What the button says.")
    allowed: bool = strawberry.field(description="Whether it may be pressed now.")
    refusals: list[Problem] = strawberry.field(description="Every reason why not.")
    warnings: list[Problem] = strawberry.field(description="What pressing it asks to acknowledge.")
    requires: list[str] = strawberry.field(description="What has to be given along, such as `reason`.")
    exceptional: bool = strawberry.field(description="Not part of the normal course.")


def render_available_transition(availability: Availability, context: Context) -> AvailableTransition:
    """The button in the caller's language."""
    refusals = [DomainProblem(r.code, r.params, r.path) for r in availability.refusals]
    warnings = [AcknowledgeableProblem(w.code, w.params, w.path) for w in availability.warnings]
    return AvailableTransition(
        trigger=availability.trigger,
        label=getattr(availability.label, context.language),
        allowed=availability.allowed,
        refusals=[render_problem(problem, context) for problem in refusals],
        warnings=[render_problem(problem, context) for problem in warnings],
        requires=list(availability.requires),
        exceptional=availability.exceptional,
    )


@strawberry.type(description="A transition from the state of a plan, judged for the one whom it is for.")
class ExplainedTransition:
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


def render_explained_transition(explanation: TransitionExplanation, context: Context) -> ExplainedTransition:
    """The row in the caller's language."""
    row = explanation.transition
    return ExplainedTransition(
        transition=row.id,
        trigger=row.trigger,
        label=getattr(row.label, context.language),
        role=row.authority.role,
        allowed=explanation.allowed,
        refusals=[
            render_problem(DomainProblem(r.code, r.params, r.path), context) for r in explanation.refusals
        ],
        warnings=[
            render_problem(AcknowledgeableProblem(w.code, w.params, w.path), context)
            for w in explanation.warnings
        ],
        requires=list(row.require),
        exceptional=row.exceptional,
    )
