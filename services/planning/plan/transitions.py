"""Transitions of the workflow: those that a caller fires, and those that the system decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people.services import Services
from services.planning.plan.commands import Command, CommandResult, execute_command
from services.planning.plan.decision import DecisionContext, apply_decision, load_decision_context
from services.planning.plan.event_kinds import Cause
from services.planning.plan.model import AcknowledgeableProblem, Change, Plan
from services.planning.plan.store import Commit, CommitOutcome, commit_change, load_plan, load_timers
from services.planning.plan.timers import carry_over_timers
from workflows.engine.decide import decide, list_transitions
from workflows.engine.machine import TransitionEvaluation
from workflows.model.decision import Decision
from workflows.model.definition import entry_trigger
from workflows.model.facts import SYSTEM, CommandInput

MAX_ATTEMPTS = 5  # to decide a waiting plan that other commands change meanwhile
REASON = ("reason",)  # the one field of the request that a workflow can require


async def fire_transition(
    services: Services, caller: Caller, command: Command, input: CommandInput, trigger: str | None = None
) -> CommandResult:
    """Fire a trigger on a plan, by default the one that the contract names for the mutation.

    Raises PlanRefused with every reason and every warning to acknowledge.
    """

    async def decide_plan(plan: Plan) -> Change:
        context = await load_decision_context(services, plan, caller)
        fired = trigger or context.contract.find_trigger(command.mutation)
        return await decide_transition(services, context, caller, fired, input)

    return await execute_command(services, caller, command, decide_plan)


async def decide_transition(
    services: Services, context: DecisionContext, caller: Caller, trigger: str, input: CommandInput
) -> Change:
    """Return the change that a trigger makes. Raises RequestRefused with every reason and warning to acknowledge.

    A plan that moves to another school is decided for the head of that school in the same change.
    """
    decision = decide(
        context.workflow, context.snapshot, trigger, context.actor(caller), context.facts, input
    )
    if not decision.allowed:
        raise RequestRefused(_problems(decision))
    change = apply_decision(context, decision, caller)
    if change.plan.school == context.plan.school:
        return change
    plan = change.plan
    automatic = await _decide_automatic(services, plan)
    if automatic is None:
        # The timers of the state go on, at the hours of the new school, and what failed at the old one is tried again.
        previous = await load_timers(plan.ptk_id, plan.period, services.connection)
        definition = context.workflow.definition
        return replace(change, timers=carry_over_timers(plan, previous, definition, context.facts.params))
    timers = change.timers if automatic.timers is None else automatic.timers
    return Change(automatic.plan, (*change.events, *automatic.events), timers)


async def decide_again(services: Services, ptk_id: str, period: str, cause: Cause) -> Plan | None:
    """Decide a waiting plan by the current facts. Returns the plan if its state changed, else None.

    `cause` is recorded in the event. Raises IdentityUnavailable if identity cannot tell the facts.
    """
    for _ in range(MAX_ATTEMPTS):
        plan = await load_plan(ptk_id, period, services.connection)
        change = await _decide_automatic(services, plan, cause) if plan else None
        if plan is None or change is None:
            return None
        outcome = await commit_change(Commit(change, plan.version), services.connection)
        if outcome is CommitOutcome.STORED:
            return change.plan
    return None


async def _decide_automatic(services: Services, plan: Plan, cause: Cause | None = None) -> Change | None:
    context = await load_decision_context(services, plan, None)
    decision = decide(context.workflow, context.snapshot, entry_trigger(plan.state), SYSTEM, context.facts)
    return apply_decision(context, decision, None, cause) if decision.allowed else None


def available_transitions(context: DecisionContext, caller: Caller) -> tuple[TransitionEvaluation, ...]:
    """Return the transitions that the caller may ever fire on the plan, and why one is not possible now."""
    return list_transitions(context.workflow, context.snapshot, context.actor(caller), context.facts)


def _problems(decision: Decision) -> Iterator[Problem]:
    for refusal in decision.refusals:
        yield Problem(refusal.code, refusal.params, refusal.path, in_plan=refusal.path != REASON)
    for warning in decision.warnings:
        yield AcknowledgeableProblem(warning.code, warning.params, warning.path, in_plan=True)
