"""What all commands on a plan have in common: who may see it, the key, the version, and one commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.kit.problem import Problem, Refused
from services.planning.domain.caller import Caller
from services.planning.domain.event import canonical, sha256
from services.planning.domain.plan import Change, Plan
from services.planning.domain.refusals import PlanRefused, conflict
from services.planning.planning import Planning
from services.planning.storage import plan as plans
from services.planning.storage.command_key import CommandKey, kept_keys
from services.planning.usecases.read_plan import visible_plan

PLAN_ID = ("input", "planId")


@dataclass(frozen=True, slots=True)
class Command:
    """A mutation on a plan: which one, on which plan, read at which version, and its whole input (for the key)."""

    mutation: str
    ptk_id: str
    period: str
    expected_version: int
    given: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The plan after a command. `replayed`: it had been done before, and was not done again."""

    plan: Plan
    replayed: bool = False


async def on_plan(
    planning: Planning, caller: Caller, command: Command, decide: Callable[[Plan], Awaitable[Change]]
) -> Outcome:
    """Carry a command out, once. Raises Refused (the plan cannot be seen) or PlanRefused; then nothing changed."""
    key = key_of(planning, caller, command.mutation, command.key, command.given)
    plan = await visible_plan(planning, caller, command.ptk_id, command.period, PLAN_ID)
    if await done_before(key, plan):
        # Done, perhaps, only since the plan was read: the answer shows what was done.
        plan = await visible_plan(planning, caller, command.ptk_id, command.period, PLAN_ID)
        return Outcome(plan, replayed=True)
    if plan.version != command.expected_version:
        raise conflict(command.expected_version, plan)
    try:
        change = await decide(plan)
    except Refused as refused:
        raise PlanRefused(refused.problems, plan) from None
    if await plans.commit(change, plan.version, key):
        return Outcome(change.plan)
    # Somebody was faster: perhaps this very command, sent twice at once.
    plan = await visible_plan(planning, caller, command.ptk_id, command.period, PLAN_ID)
    if await done_before(key, plan):
        return Outcome(plan, replayed=True)
    raise conflict(command.expected_version, plan)


def key_of(
    planning: Planning, caller: Caller, mutation: str, key: str | None, given: Mapping[str, Any]
) -> CommandKey | None:
    """The idempotency key in its scope, or None where the client sent none."""
    if key is None:
        return None
    return CommandKey(caller.subject, mutation, key, sha256(canonical(given)), planning.clock.now())


async def done_before(key: CommandKey | None, plan: Plan) -> bool:
    """Whether this very input was committed under this key; PlanRefused where the key came with another input."""
    kept = (await kept_keys([key])).get(key.key) if key else None
    if key is None or kept is None:
        return False
    if not kept.is_of(key, (plan.ptk_id, plan.period)):
        raise PlanRefused(Problem("key.reused", {}, ("input", "idempotencyKey")), plan)
    return True
