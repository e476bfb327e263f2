"""Commands on a plan: carry one out once, under its idempotency key, and check that the plan can be edited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people.services import Services
from services.planning.plan.events import canonical_json, sha256
from services.planning.plan.model import (
    Change,
    CommandKey,
    Plan,
    PlanRefused,
    version_conflict,
)
from services.planning.plan.queries import load_visible_plan
from services.planning.plan.store import (
    Commit,
    CommitOutcome,
    commit_change,
    find_keys,
)
from workflows.model.definition import Definition, Phase, State

PLAN_ID = ("plan_id",)


@dataclass(frozen=True, slots=True)
class Command:
    """A mutation on a plan that the client read at `expected_version`.

    `input` is the whole input, which the idempotency key `key` is bound to.
    """

    mutation: str
    ptk_id: str
    period: str
    expected_version: int
    input: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The plan after a command. `replayed`: an earlier request with the same key had carried the command out."""

    plan: Plan
    replayed: bool = False


async def execute_command(
    services: Services, caller: Caller, command: Command, decide: Callable[[Plan], Awaitable[Change]]
) -> CommandResult:
    """Carry a command out once. `decide` returns the change of the plan, or raises RequestRefused.

    Raises RequestRefused if the caller cannot see the plan, PlanRefused if the command is refused. A refusal changes
    nothing.
    """
    async with services.plan_shares.take((command.ptk_id, command.period)):
        return await _execute(services, caller, command, decide)


async def _execute(
    services: Services, caller: Caller, command: Command, decide: Callable[[Plan], Awaitable[Change]]
) -> CommandResult:
    key = build_key(services, caller, command.mutation, command.key, command.input)
    plan = await load_visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)

    async def find_replay() -> CommandResult | None:
        if not await is_replay(services, key, plan, command.expected_version):
            return None
        # The command may have been carried out after the plan was read.
        current = await load_visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
        return CommandResult(current, replayed=True)

    if replay := await find_replay():
        return replay
    if plan.version != command.expected_version:
        raise version_conflict(command.expected_version, plan)
    try:
        change = await decide(plan)
    except RequestRefused as error:
        # The same command, sent twice at once, may have been carried out before its facts became unavailable.
        if replay := await find_replay():
            return replay
        raise PlanRefused(error.problems, plan) from None
    if await commit_change(Commit(change, plan.version, key), services.connection) is CommitOutcome.STORED:
        return CommandResult(change.plan)
    plan = await load_visible_plan(services, caller, command.ptk_id, command.period, PLAN_ID)
    if replay := await find_replay():  # the same command, sent twice at once
        return replay
    raise version_conflict(command.expected_version, plan)


def build_key(
    services: Services, caller: Caller, mutation: str, key: str | None, input: Mapping[str, Any]
) -> CommandKey | None:
    """Return the idempotency key in its scope, bound to the input; None if the client sent none."""
    if key is None:
        return None
    return CommandKey(caller.subject, mutation, key, sha256(canonical_json(input)), services.clock.now())


async def is_replay(
    services: Services, key: CommandKey | None, plan: Plan, expected_version: int | None = None
) -> bool:
    """Return whether this input was committed under this key. Raises PlanRefused if the key had another input."""
    stored_key = (await find_keys([key], services.connection)).get(key.key) if key else None
    if key is None or stored_key is None:
        return False
    if not stored_key.matches(key, (plan.ptk_id, plan.period), expected_version):
        raise PlanRefused(Problem("key.reused", {}, ("idempotency_key",)), plan)
    return True


async def check_editable(services: Services, caller: Caller, plan: Plan) -> None:
    """Raise RequestRefused unless the caller owns the plan and its phase is draft."""
    if caller.ptk_id != plan.ptk_id:
        raise RequestRefused(Problem("actor.not_owner"))
    workflow = await services.workflows.get(plan.workflow, services.connection)
    state = workflow.definition.state(plan.state)
    if state.phase is not Phase.DRAFT:
        way = _find_way_to_draft(workflow.definition, state)
        raise RequestRefused(Problem("plan.not_editable", {"state": state.label, "way": way}))


def _find_way_to_draft(definition: Definition, state: State) -> Problem:
    """Return the transition that makes a plan editable again and who fires it: the nearest to the owner."""
    ways = {
        transition.authority.role: transition.label
        for transition in definition.transitions
        if state.name in transition.from_states and definition.state(transition.to_state).phase is Phase.DRAFT
    }
    codes = {
        "teacher": "plan.editable_by_owner",
        "superior": "plan.editable_by_head",
        "dinas": "plan.editable_by_head",
        "admin": "plan.editable_by_admin",
    }
    role = next((role for role in codes if role in ways), None)
    return Problem(codes[role], {"label": ways[role]}) if role else Problem("plan.editable_by_nobody")
