"""The state of a plan, who has to act next, and its transitions."""

from __future__ import annotations

from datetime import date
from enum import Enum

import strawberry

from services.kit.problems import Problem as DomainProblem
from services.planning.api.context import Context
from services.planning.api.types.people import SatuanPendidikan, render_school
from services.planning.api.types.problems import Problem, render_problem
from services.planning.plan.model import AcknowledgeableProblem, Plan
from services.planning.plan.turn import find_turn
from workflows.engine.machine import TransitionEvaluation
from workflows.model.definition import State


@strawberry.enum(
    description="The phase of a plan. Workflow versions have different states, but always these phases."
)
class PlanPhase(Enum):
    DRAFT = strawberry.enum_value("draft", description="The owner can edit the plan, in this phase only.")
    SUBMITTED = strawberry.enum_value("submitted", description="The plan waits for the head of the school.")
    APPROVED = strawberry.enum_value("approved", description="The head of the school has approved it.")
    AUTO_APPROVED = strawberry.enum_value("auto_approved", description="The system has approved it.")
    IN_IMPLEMENTATION = strawberry.enum_value(
        "in_implementation", description="Implementation (*Pelaksanaan*) has begun."
    )


@strawberry.type(description="The state of a plan. Admins may add states; rely on `phase`.")
class PlanState:
    name: str = strawberry.field(description="Name in the workflow definition.")
    label: str = strawberry.field(description="Text of the screen.")
    phase: PlanPhase = strawberry.field(description="The phase of the state.")


def render_state(state: State, language: str) -> PlanState:
    """Render a state."""
    label = getattr(state.label, language)
    return PlanState(name=state.name, label=label, phase=PlanPhase(state.phase.value))


@strawberry.enum(
    description="Who can have to act next. Values can be added: show the sentence of the turn for an unknown one."
)
class Assignee(Enum):
    OWNER = strawberry.enum_value("owner", description="The teacher whose plan it is.")
    HEAD = strawberry.enum_value("head", description="The head of the school, definitif or Plt.")
    DINAS = strawberry.enum_value(
        "dinas",
        description="The dinas pendidikan: it appoints a head, or decides on the head's own plan.",
    )
    NOBODY = strawberry.enum_value("nobody", description="Nobody has to act.")


@strawberry.type(description="Who has to act next, until when, and why.")
class Turn:
    assignee: Assignee = strawberry.field(description="Who has to act.")
    nama: str | None = strawberry.field(description="Name of the teacher or head; null if not known.")
    satuan_pendidikan: SatuanPendidikan | None = strawberry.field(
        description="The plan's school, if the head or the dinas acts; null otherwise."
    )
    opens_on: date | None = strawberry.field(
        description="The first local day on which they can act; null if they can act now."
    )
    closes_on: date | None = strawberry.field(
        description="The last local day to act: for a draft the end of planning or of its revision. Null without a "
        "limit. After that day the sentence says what helps."
    )
    sentence: str = strawberry.field(description="The turn as a sentence.")


async def resolve_turn(plan: Plan, context: Context) -> Turn:
    """Resolve who has to act next."""
    turn = find_turn(await context.loaders.decision_contexts.load((plan, None)))
    sentence = context.messages.text(turn.sentence, context.language)
    return Turn(
        assignee=Assignee(turn.turn.value),
        nama=turn.nama,
        satuan_pendidikan=render_school(plan.school) if turn.npsn else None,
        opens_on=turn.window.opens,
        closes_on=turn.window.until,
        sentence=sentence,
    )


@strawberry.enum(
    description="What a transition needs. Values can be added: offer a transition with an unknown one to nobody."
)
class TransitionRequirement(Enum):
    REASON = strawberry.enum_value("reason", description="The field `reason`; in `returnPlan` it is `note`.")


@strawberry.enum(description="Who fires a transition.")
class TransitionRole(Enum):
    TEACHER = strawberry.enum_value("teacher", description="The owner of the plan.")
    SUPERIOR = strawberry.enum_value("superior", description="The head of its school, definitif or Plt.")
    DINAS = strawberry.enum_value("dinas", description="The education office (dinas), for which admins act.")
    ADMIN = strawberry.enum_value("admin", description="An admin of the platform.")
    SYSTEM = strawberry.enum_value("system", description="The system, by itself or by a timer.")


@strawberry.type(description="A transition from the current state that you can fire now or later.")
class AvailableTransition:
    trigger: str = strawberry.field(
        description="The trigger for `firePlanTransition`. The named mutations fire the same triggers."
    )
    label: str = strawberry.field(description="Text of the button.")
    is_allowed: bool = strawberry.field(description="Whether you can fire it now.")
    refusals: list[Problem] = strawberry.field(description="Every reason why it is refused.")
    warnings: list[Problem] = strawberry.field(description="The warnings that you have to acknowledge.")
    requires: list[TransitionRequirement] = strawberry.field(
        description="What `firePlanTransition` needs beside the trigger."
    )
    is_exceptional: bool = strawberry.field(description="Whether it is outside the normal course.")


def render_available_transition(evaluation: TransitionEvaluation, context: Context) -> AvailableTransition:
    """Render an available transition."""
    refusals = [DomainProblem(r.code, r.params, r.path) for r in evaluation.refusals]
    warnings = [AcknowledgeableProblem(w.code, w.params, w.path) for w in evaluation.warnings]
    return AvailableTransition(
        trigger=evaluation.transition.trigger,
        label=getattr(evaluation.transition.label, context.language),
        is_allowed=evaluation.allowed,
        refusals=[render_problem(problem, context) for problem in refusals],
        warnings=[render_problem(problem, context) for problem in warnings],
        requires=[TransitionRequirement(name) for name in evaluation.transition.require],
        is_exceptional=evaluation.transition.exceptional,
    )


@strawberry.type(
    description="A transition from the current state, evaluated for the person or system that can fire it."
)
class ExplainedTransition:
    transition: str = strawberry.field(description="Id in the workflow definition.")
    trigger: str = strawberry.field(description="The trigger. The system fires `@entered(…)`.")
    label: str = strawberry.field(description="Text of the button.")
    role: TransitionRole = strawberry.field(description="Who fires it.")
    is_allowed: bool = strawberry.field(description="Whether that person or the system can fire it now.")
    refusals: list[Problem] = strawberry.field(
        description="Every reason why it is refused, worded for that person."
    )
    warnings: list[Problem] = strawberry.field(description="The warnings that they have to acknowledge.")
    requires: list[TransitionRequirement] = strawberry.field(
        description="What `firePlanTransition` needs beside the trigger."
    )
    is_exceptional: bool = strawberry.field(description="Whether it is outside the normal course.")


def render_explained_transition(evaluation: TransitionEvaluation, context: Context) -> ExplainedTransition:
    """Render an explained transition."""
    row = evaluation.transition
    return ExplainedTransition(
        transition=row.id,
        trigger=row.trigger,
        label=getattr(row.label, context.language),
        role=TransitionRole(row.authority.role),
        is_allowed=evaluation.allowed,
        refusals=[
            render_problem(DomainProblem(r.code, r.params, r.path), context) for r in evaluation.refusals
        ],
        warnings=[
            render_problem(AcknowledgeableProblem(w.code, w.params, w.path), context)
            for w in evaluation.warnings
        ],
        requires=[TransitionRequirement(name) for name in row.require],
        is_exceptional=row.exceptional,
    )
