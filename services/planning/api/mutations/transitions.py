"""Transitions of the workflow. The named ones and `firePlanTransition` pass the same doors."""

from __future__ import annotations

import strawberry

from services.kit.problem import Refused as NotDone
from services.planning.api import inputs
from services.planning.api.command import changed, command_of
from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.inputs import Given
from services.planning.api.types.plan import Plan
from services.planning.api.types.result import PlanResult
from services.planning.domain.free_text import faults_of
from services.planning.usecases.fire import fire_transition
from workflows import Given as Brought

LONGEST_REASON = 2_000


@strawberry.type
class Transitions:
    """Merged into Mutation."""

    @mutation("*Ajukan*: submit to your superior; where a Plt heads the school, the system approves at once.")
    async def submit_plan(self, info: Info, input: Given[inputs.TransitionInput]) -> PlanResult:
        """Guide 8 to 10."""
        return await _fired(info, input, "submit", Brought(acknowledge=frozenset(input.acknowledge)))

    @mutation("*Setujui*: the head of the school approves.")
    async def approve_plan(self, info: Info, input: Given[inputs.TransitionInput]) -> PlanResult:
        """Guide 9."""
        return await _fired(info, input, "approve", Brought(acknowledge=frozenset(input.acknowledge)))

    @mutation("*Perlu perbaikan*: the head of the school returns the plan with a note.")
    async def return_plan(self, info: Info, input: Given[inputs.ReturnPlanInput]) -> PlanResult:
        """Guide 9; the plan gets its own due date."""
        info.context.signed_in()
        if faults := tuple(faults_of(input.note, LONGEST_REASON, ("input", "note"))):
            raise NotDone(faults)
        return await _fired(info, input, "return", Brought(input.note))

    @mutation("*Mulai Pelaksanaan*: the owner begins implementation.")
    async def begin_implementation(self, info: Info, input: Given[inputs.TransitionInput]) -> PlanResult:
        """Guide 11."""
        return await _fired(
            info, input, "beginImplementation", Brought(acknowledge=frozenset(input.acknowledge))
        )

    @mutation("Fire any trigger that `availableTransitions` names.")
    async def fire_plan_transition(
        self, info: Info, input: Given[inputs.FirePlanTransitionInput]
    ) -> PlanResult:
        """Also those that admins have added."""
        info.context.signed_in()
        if faults := tuple(faults_of(input.reason or "", LONGEST_REASON, ("input", "reason"))):
            raise NotDone(faults)
        return await _fired(info, input, input.trigger, Brought(input.reason, frozenset(input.acknowledge)))


async def _fired(info: Info, given: inputs.OnPlan, trigger: str, brought: Brought) -> Plan:
    context, command = info.context, command_of(info, given)
    done = await fire_transition(context.planning, context.signed_in(), command, trigger, brought)
    return await changed(done, context)
