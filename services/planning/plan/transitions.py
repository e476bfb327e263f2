"""A transition of the workflow: submit, approve, return, begin, and whatever triggers admins add."""

from __future__ import annotations

from collections.abc import Iterator

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people.services import Services
from services.planning.plan.commands import Command, CommandResult, execute_command
from services.planning.plan.decision import DecisionContext, apply_decision, load_decision_context
from services.planning.plan.event_kinds import Cause
from services.planning.plan.model import Acknowledgeable, Change, Plan
from services.planning.plan.store import Commit, CommitOutcome, commit_change, load_plan
from workflows.engine.decide import decide, list_transitions
from workflows.model.decision import Availability, Decision
from workflows.model.definition import entry_trigger
from workflows.model.facts import SYSTEM, Actor, CommandInput

MAX_ATTEMPTS = 5  # a waiting plan is decided by one command after another; five in a row would be a wonder
REASON = ("reason",)  # the one field of the request that a workflow can require


async def fire_transition(
    services: Services, caller: Caller, command: Command, trigger: str, given: CommandInput
) -> CommandResult:
    """Fire a trigger on a plan. Raises PlanRefused with every reason and every warning to acknowledge."""

    async def decided(plan: Plan) -> Change:
        return await decide_transition(
            services, await load_decision_context(services, plan, caller), caller, trigger, given
        )

    return await execute_command(services, caller, command, decided)


async def decide_transition(
    services: Services, case: DecisionContext, caller: Caller, trigger: str, given: CommandInput
) -> Change:
    """What a trigger makes of a case; RequestRefused with every reason and every warning to acknowledge."""
    decision = decide(case.workflow, case.snapshot, trigger, workflow_actor(caller), case.facts, given)
    if not decision.allowed:
        raise RequestRefused(_problems(decision))
    change = apply_decision(case, decision, caller)
    if change.plan.school == case.plan.school:
        return change
    # It stands at another school now, whose head decides: the same commit says so.
    further = await _waiting_decided(services, change.plan)
    if further is None:
        return change
    timers = change.timers if further.timers is None else further.timers
    return Change(further.plan, (*change.events, *further.events), timers)


async def decide_again(services: Services, ptk_id: str, period: str, cause: Cause) -> Plan | None:
    """Have a waiting plan decided by the facts of now; the plan where it moved on, else None.

    `cause` (what changed) stands in the event. Raises IdentityAway where the facts cannot be had.
    """
    for _ in range(MAX_ATTEMPTS):
        plan = await load_plan(ptk_id, period, services.connection)
        change = await _waiting_decided(services, plan, cause) if plan else None
        if plan is None or change is None:
            return None
        outcome = await commit_change(Commit(change, plan.version), services.connection)
        if outcome is CommitOutcome.STORED:
            return change.plan
    return None


async def _waiting_decided(services: Services, plan: Plan, cause: Cause | None = None) -> Change | None:
    case = await load_decision_context(services, plan, None)
    decision = decide(case.workflow, case.snapshot, entry_trigger(plan.state), SYSTEM, case.facts)
    return apply_decision(case, decision, None, cause) if decision.allowed else None


def available_transitions(case: DecisionContext, caller: Caller) -> tuple[Availability, ...]:
    """The buttons that this caller could ever press on the plan of a case, and why not now."""
    return list_transitions(case.workflow, case.snapshot, workflow_actor(caller), case.facts)


def workflow_actor(caller: Caller) -> Actor:
    """The caller as the workflow sees them."""
    return Actor(caller.ptk_id, caller.scopes)


def _problems(decision: Decision) -> Iterator[Problem]:
    for refusal in decision.refusals:
        yield Problem(refusal.code, refusal.params, refusal.path, in_plan=refusal.path != REASON)
    for warning in decision.warnings:
        yield Acknowledgeable(warning.code, warning.params, warning.path, in_plan=True)
