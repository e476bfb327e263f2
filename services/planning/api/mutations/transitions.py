"""Transitions of the workflow. The named ones and `firePlanTransition` pass the same doors."""

from __future__ import annotations

from dataclasses import replace

import strawberry

from services.kit.problem import Problem
from services.kit.problem import Refused as NotDone
from services.planning.api import inputs
from services.planning.api.command import changed, command_of
from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.inputs import Given
from services.planning.api.types.plan import Plan
from services.planning.api.types.result import PlanResult
from services.planning.domain.free_text import faults_of
from services.planning.domain.refusals import PlanRefused
from services.planning.usecases.fire import fire_transition
from workflows import Given as Brought

LONGEST_REASON = 2_000


@strawberry.type
class Transitions:
    """Merged into Mutation."""

    @mutation("*Ajukan*: submit to your superior; where a Plt heads the school, the system approves at once.")
    async def submit_plan(self, info: Info, input: Given[inputs.TransitionInput]) -> PlanResult:
        """Guide 8 to 10."""
        return await fired(info, input, "submit", Brought(acknowledge=frozenset(input.acknowledge)))

    @mutation("*Setujui*: the head of the school approves.")
    async def approve_plan(self, info: Info, input: Given[inputs.TransitionInput]) -> PlanResult:
        """Guide 9."""
        return await fired(info, input, "approve", Brought(acknowledge=frozenset(input.acknowledge)))

    @mutation("*Perlu perbaikan*: the head of the school returns the plan with a note.")
    async def return_plan(self, info: Info, input: Given[inputs.ReturnPlanInput]) -> PlanResult:
        """Guide 9; the plan gets its own due date."""
        return await fired(info, input, "return", Brought(input.note), words="note")

    @mutation("*Mulai Pelaksanaan*: the owner begins implementation.")
    async def begin_implementation(self, info: Info, input: Given[inputs.TransitionInput]) -> PlanResult:
        """Guide 11."""
        return await fired(
            info, input, "beginImplementation", Brought(acknowledge=frozenset(input.acknowledge))
        )

    @mutation("Fire any trigger that `availableTransitions` names.")
    async def fire_plan_transition(
        self, info: Info, input: Given[inputs.FirePlanTransitionInput]
    ) -> PlanResult:
        """Also those that admins have added."""
        return await fired(info, input, input.trigger, Brought(input.reason, frozenset(input.acknowledge)))


async def fired(
    info: Info, given: inputs.OnPlan, trigger: str, brought: Brought, *, words: str = "reason"
) -> Plan:
    """Fire; `words` is the field of the input that holds the reason."""
    context = info.context
    caller, command = context.signed_in(), command_of(info, given)
    if faults := tuple(faults_of(brought.reason or "", LONGEST_REASON, ("input", words))):
        raise NotDone(faults)
    try:
        return await changed(
            await fire_transition(context.planning, caller, command, trigger, brought), context
        )
    except PlanRefused as refused:
        raise PlanRefused((_at(problem, words) for problem in refused.problems), refused.plan) from None


def _at(problem: Problem, words: str) -> Problem:
    return replace(problem, path=("input", words)) if problem.path == ("reason",) else problem
