"""Transitions of the workflow, and what an admin does to a plan outside its normal course."""

from __future__ import annotations

from dataclasses import replace

import strawberry

from services.kit.problems import Problem
from services.kit.problems import RequestRefused as NotDone
from services.kit.text import find_text_problems
from services.planning.api import inputs
from services.planning.api.command import parse_command, resolve_outcome
from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.inputs import CommandInput, MovePlanInput, ReopenPlanInput
from services.planning.api.types.plan import Plan
from services.planning.api.types.result import PlanResult
from services.planning.plan.model import PlanRefused
from services.planning.plan.transitions import fire_transition
from workflows.model.facts import CommandInput as Brought

MAX_REASON_LENGTH = 2_000


@strawberry.type
class TransitionMutations:
    @mutation("*Ajukan*: submit to your superior; where a Plt heads the school, the system approves at once.")
    async def submit_plan(self, info: Info, input: CommandInput[inputs.TransitionInput]) -> PlanResult:
        return await _fire(info, input, "submit", Brought(acknowledged_codes=frozenset(input.acknowledge)))

    @mutation("*Setujui*: the head of the school approves.")
    async def approve_plan(self, info: Info, input: CommandInput[inputs.TransitionInput]) -> PlanResult:
        return await _fire(info, input, "approve", Brought(acknowledged_codes=frozenset(input.acknowledge)))

    @mutation("*Perlu perbaikan*: the head of the school returns the plan with a note.")
    async def return_plan(self, info: Info, input: CommandInput[inputs.ReturnPlanInput]) -> PlanResult:
        return await _fire(info, input, "return", Brought(input.note), reason_field="note")

    @mutation("*Mulai Pelaksanaan*: the owner begins implementation.")
    async def begin_implementation(
        self, info: Info, input: CommandInput[inputs.TransitionInput]
    ) -> PlanResult:
        return await _fire(
            info, input, "beginImplementation", Brought(acknowledged_codes=frozenset(input.acknowledge))
        )

    @mutation("Fire any trigger that `availableTransitions` names.")
    async def fire_plan_transition(
        self, info: Info, input: CommandInput[inputs.FirePlanTransitionInput]
    ) -> PlanResult:
        return await _fire(info, input, input.trigger, Brought(input.reason, frozenset(input.acknowledge)))


async def _fire(
    info: Info, input: inputs.OnPlan, trigger: str, command_input: Brought, *, reason_field: str = "reason"
) -> Plan:
    """Fire; `words` is the field of the input that holds the reason."""
    context = info.context
    caller, command = context.require_caller(), parse_command(info, input)
    if faults := tuple(find_text_problems(command_input.reason or "", MAX_REASON_LENGTH, (reason_field,))):
        raise NotDone(faults)
    try:
        return await resolve_outcome(
            await fire_transition(context.services, caller, command, trigger, command_input), context
        )
    except PlanRefused as refused:
        raise PlanRefused(
            (_rename_path(problem, reason_field) for problem in refused.problems), refused.plan
        ) from None


def _rename_path(problem: Problem, reason_field: str) -> Problem:
    return replace(problem, path=(reason_field,)) if problem.path == ("reason",) else problem


@strawberry.type
class PlanAdminMutations:
    @mutation(
        "Open an approved plan again, so that it can be corrected: back to draft with all that was chosen and with a "
        "due date of its own. Its owner and the head of its school are told. For admins."
    )
    async def reopen_plan(self, info: Info, input: CommandInput[ReopenPlanInput]) -> PlanResult:
        return await _fire(info, input, "reopen", Brought(input.reason))

    @mutation(
        "Move a plan to its teacher's sekolah induk of today; a plan that waits is decided again there. For admins."
    )
    async def move_plan(self, info: Info, input: CommandInput[MovePlanInput]) -> PlanResult:
        return await _fire(info, input, "moveToSekolahInduk", Brought(input.reason))
