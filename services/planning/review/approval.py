"""Approval of many plans at once (*Setujui*). Each plan is decided by the rules of `approvePlan`.

What the plans share is read once. One statement for each period stores the approvals and leaves out plans that another
command changed meanwhile. A repeat with the same key returns what was stored and approves the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.kit.concurrency import map_concurrently
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people.services import Services
from services.planning.plan.commands import build_key
from services.planning.plan.decision import PeriodContext, build_decision_context, load_period_context
from services.planning.plan.events import sha256
from services.planning.plan.model import Change, CommandKey, Plan, StoredKey, version_conflict
from services.planning.plan.queries import load_visible_plans
from services.planning.plan.store import Commit, CommitOutcome, PlanKey, commit_changes, find_keys
from services.planning.plan.transitions import decide_transition
from workflows.model.facts import CommandInput

MAX_PLANS = 100
KEY_REUSED = Problem("key.reused", {}, ("idempotency_key",))


@dataclass(frozen=True, slots=True)
class ApprovalItem:
    """A plan to approve, its index in the list, and the version that it was read at."""

    index: int
    plan: PlanKey
    expected_version: int


@dataclass(frozen=True, slots=True)
class ApprovalBatch:
    """The plans to approve, the warnings acknowledged for all of them, and the input that the key is bound to."""

    items: tuple[ApprovalItem, ...]
    acknowledge: frozenset[str]
    input: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ApprovalResult:
    """The current plan, None if the caller may not see it, and every reason for a refusal. Approved without reasons."""

    plan: Plan | None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The plans that the caller sees, the keys of the request by index of the item, and those that are stored."""

    plans: Mapping[PlanKey, Plan]
    keys: Sequence[CommandKey]
    stored_keys: Mapping[str, StoredKey]

    def find_result(self, item: ApprovalItem) -> ApprovalResult | None:
        """Return the result of an item that needs no decision: not visible, stored before, or at another version.

        An item that was stored after the snapshot is decided, fails to commit, and is looked up in a new snapshot.
        """
        plan = self.plans.get(item.plan)
        if plan is None:
            return ApprovalResult(None, (Problem("plan.unknown"),))
        key = self.keys[item.index] if self.keys else None
        stored_key = self.stored_keys.get(key.key) if key else None
        if key and stored_key and not stored_key.matches(key, item.plan, item.expected_version):
            return ApprovalResult(plan, (KEY_REUSED,))
        if plan.version == item.expected_version:
            return None
        if stored_key:
            return ApprovalResult(plan, replayed=True)
        return ApprovalResult(plan, version_conflict(item.expected_version, plan).problems)


async def approve_plans(
    services: Services, caller: Caller, batch: ApprovalBatch
) -> dict[int, ApprovalResult]:
    """Approve plans. Returns the result of each by its index in the list.

    Raises RequestRefused `key.reused`, and approves nothing, if the key came with another list.
    """
    keys = _build_keys(services, caller, batch)
    snapshot = await _load_snapshot(services, caller, batch.items, keys)
    _check_keys(batch, snapshot)
    periods = await _load_period_contexts(services, snapshot.plans.values())

    async def decide(item: ApprovalItem) -> ApprovalResult | Change:
        if result := snapshot.find_result(item):
            return result
        plan = snapshot.plans[item.plan]
        try:
            teacher = await services.identity.teacher(plan.ptk_id)
            context = await build_decision_context(services, plan, caller, periods[plan.period], teacher)
            input = CommandInput(acknowledged_codes=batch.acknowledge)
            trigger = context.contract.find_trigger("approvePlan")
            return await decide_transition(services, context, caller, trigger, input)
        except RequestRefused as error:
            return ApprovalResult(plan, error.problems)

    decisions = dict(zip(batch.items, await map_concurrently(decide, batch.items), strict=True))
    changes = {item: change for item, change in decisions.items() if isinstance(change, Change)}
    results = {item: result for item, result in decisions.items() if isinstance(result, ApprovalResult)}
    results |= await _commit(services, changes, keys)
    late = [item for item in changes if item not in results]
    refused_items = [item for item in results if results[item].problems and not snapshot.find_result(item)]
    if keys and refused_items:
        # The same request, sent twice at once, may have stored them before their facts became unavailable.
        new_keys = (await find_keys(keys, services.connection)).keys() - snapshot.stored_keys.keys()
        late += [item for item in refused_items if keys[item.index].key in new_keys]
    if late:
        # Another command was faster, perhaps this very request sent twice at once.
        # An admin may have moved a plan to another school: the caller cannot see it any more.
        snapshot = await _load_snapshot(services, caller, late, keys)
        for item in late:
            result = snapshot.find_result(item)
            assert result is not None, "the commit found another version, or the key"
            results[item] = result
    return {item.index: _add_paths(item, results[item]) for item in batch.items}


def _build_keys(services: Services, caller: Caller, batch: ApprovalBatch) -> list[CommandKey]:
    """Build a key for each index that a list can have, so that a shorter list with the same key is detected."""
    key = build_key(services, caller, "approvePlans", batch.key, batch.input)
    return [replace(key, key=f"{sha256(key.key)}#{index}") for index in range(MAX_PLANS)] if key else []


async def _load_snapshot(
    services: Services, caller: Caller, items: Sequence[ApprovalItem], keys: Sequence[CommandKey]
) -> _Snapshot:
    plans = await load_visible_plans(services, caller, [item.plan for item in items])
    return _Snapshot(plans, keys, await find_keys(keys, services.connection) if keys else {})


def _check_keys(batch: ApprovalBatch, snapshot: _Snapshot) -> None:
    items = {item.index: item for item in batch.items}
    for index, key in enumerate(snapshot.keys):
        item, stored_key = items.get(index), snapshot.stored_keys.get(key.key)
        plan, version = (item.plan, item.expected_version) if item else (None, None)
        if stored_key and not stored_key.matches(key, plan, version):
            raise RequestRefused(KEY_REUSED)


async def _load_period_contexts(services: Services, plans: Iterable[Plan]) -> dict[str, PeriodContext]:
    npsns: dict[str, set[str]] = {}
    for plan in plans:
        npsns.setdefault(plan.period, set()).add(plan.school.npsn)
    return {period: await load_period_context(services, period, schools) for period, schools in npsns.items()}


async def _commit(
    services: Services, changes: Mapping[ApprovalItem, Change], keys: Sequence[CommandKey]
) -> dict[ApprovalItem, ApprovalResult]:
    """Store the changes, with one statement for each period. Leaves out plans that another command changed first."""
    results: dict[ApprovalItem, ApprovalResult] = {}
    for period in sorted({item.plan[1] for item in changes}):
        items = [item for item in changes if item.plan[1] == period]
        commits = [
            Commit(changes[item], item.expected_version, keys[item.index] if keys else None) for item in items
        ]
        outcomes = await commit_changes(period, commits, services.connection)
        results |= {
            item: ApprovalResult(changes[item].plan)
            for item in items
            if outcomes[item.plan[0]] is CommitOutcome.STORED
        }
    return results


def _add_paths(item: ApprovalItem, result: ApprovalResult) -> ApprovalResult:
    """Give problems that concern the whole plan the path of the item in the request."""
    problems = tuple(
        problem if problem.path else replace(problem, path=_path(item, problem), in_plan=False)
        for problem in result.problems
    )
    return replace(result, problems=problems)


def _path(item: ApprovalItem, problem: Problem) -> tuple[str, ...]:
    field = "expected_version" if problem.code == "version.conflict" else "plan_id"
    return ("plans", str(item.index), field)
